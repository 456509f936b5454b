import Statistics

/// Who keeps runs besides us.
package enum RegistryPeer: String, Sendable, CaseIterable {
  /// MLflow on its SQLite store.
  case mlflow
  /// Python's sqlite3 with the least schema that holds the same, as durable as ours: not a registry, but the
  /// floor that one stands on.
  case plain
}

/// What a figure of the registry has to reach.
package enum RegistryGoal: Equatable, Sendable {
  case atMost(Double)
  case atLeast(Double)
  /// At most so many times a peer's figure.
  case times(Double, RegistryPeer)
}

/// Something about the registry that is measured.
package struct RegistryFigure: Equatable, Sendable {
  package enum Unit: String, Sendable {
    case seconds
    case milliseconds
    /// Of 1,000,000 bytes.
    case megabytes
    case pointsPerSecond = "points-per-second"
    case count
  }

  package let name: String
  package let unit: Unit
  package let goals: [RegistryGoal]

  init(_ name: String, _ unit: Unit, _ goals: RegistryGoal...) {
    self.name = name
    self.unit = unit
    self.goals = goals
  }
}

extension Catalogue {
  /// What the registry is measured by. `register/…` is 100 runs of 1,000 points and 20 settings each, one after
  /// the other, each durable and acknowledged before the next is sent; `stream/…` the same without waiting.
  /// Reading is by processes of their own, start-up and all; cold: no page of the registry is in memory.
  /// `follow/…` is one live run of 1,000,000 points, told as fast as they are taken, and of ten times as many.
  package static let registry: [RegistryFigure] = [
    RegistryFigure("start-up", .milliseconds, .atMost(15)),
    RegistryFigure("register/wall", .seconds, .times(1 / 20, .mlflow), .times(2, .plain)),
    RegistryFigure("register/cpu", .seconds, .times(1.5, .plain)),
    RegistryFigure("register/peak", .megabytes, .atMost(50)),
    RegistryFigure("register/size", .megabytes, .atMost(2)),
    RegistryFigure("stream/wall", .seconds, .times(1 / 20, .mlflow), .times(2, .plain)),
    RegistryFigure("stream/cpu", .seconds, .times(1.5, .plain)),
    RegistryFigure("list/100-runs", .milliseconds),
    RegistryFigure("history/100-runs", .milliseconds),
    RegistryFigure("fill/1000-runs", .pointsPerSecond),
    RegistryFigure("list/1000-runs", .milliseconds),
    RegistryFigure("history/1000-runs", .milliseconds),
    RegistryFigure("show-cold/1000-runs", .milliseconds),
    RegistryFigure("fill/10000-runs", .pointsPerSecond),
    RegistryFigure("list/10000-runs", .milliseconds, .atMost(100)),
    RegistryFigure("history/10000-runs", .milliseconds, .atMost(20)),
    RegistryFigure("show-cold/10000-runs", .milliseconds, .atMost(50)),
    RegistryFigure("fill/100000-runs", .pointsPerSecond),
    RegistryFigure("list/100000-runs", .milliseconds),
    RegistryFigure("history/100000-runs", .milliseconds),
    RegistryFigure("show-cold/100000-runs", .milliseconds),
    RegistryFigure("follow/speed", .pointsPerSecond, .atLeast(500_000)),
    RegistryFigure("follow/peak", .megabytes, .atMost(64)),
    RegistryFigure("follow/peak/10-fold", .megabytes, .atMost(64)),
    RegistryFigure("writers/recorded", .count, .atLeast(3200)),
    RegistryFigure("writers/wall", .seconds),
  ]
}

/// What was found of one figure.
package struct RegistryFinding: Sendable {
  package let figure: RegistryFigure
  /// By round; empty where it could not be measured.
  package var ours: [Double] = []
  package var theirs: [RegistryPeer: [Double]] = [:]
  /// Why it could not be measured.
  package var trouble: String?

  init(_ figure: RegistryFigure) { self.figure = figure }

  package func median() throws(StatisticsError) -> Double? {
    ours.isEmpty ? nil : try Spread(ours).median
  }

  package func median(of peer: RegistryPeer) throws(StatisticsError) -> Double? {
    guard let rounds = theirs[peer], !rounds.isEmpty else { return nil }
    return try Spread(rounds).median
  }

  /// Whether a goal is reached; nil where one side was not measured.
  package func reaches(_ goal: RegistryGoal) throws(StatisticsError) -> Bool? {
    guard let ours = try median() else { return nil }
    switch goal {
    case .atMost(let limit): return ours <= limit
    case .atLeast(let limit): return ours >= limit
    case .times(let factor, let peer):
      guard let theirs = try median(of: peer) else { return nil }
      return ours <= factor * theirs
    }
  }
}
