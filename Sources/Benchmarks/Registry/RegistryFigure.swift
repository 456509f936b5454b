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

/// What is read of registries of several sizes.
package enum RegistryReading: String, Sendable, CaseIterable {
  /// The first 20 of all runs.
  case first
  /// 20 runs by a setting.
  case setting
  /// 20 runs by a metric.
  case metric
  /// Of half of all runs the 20 with the largest metric.
  case list
  /// One series of one run.
  case history
  /// Everything about a run, of a database of which no page is in memory.
  case show = "show-cold"

  func figure(_ size: Int) -> String { "\(rawValue)/\(size)-runs" }

  /// - Parameters:
  ///   - run: the id of one.
  ///   - size: how many there are.
  func arguments(run: String, size: Int) -> [String] {
    switch self {
    case .first: ["list", "--limit", "20"]
    case .setting: ["list", "--where", "p19 = rare"]
    case .metric: ["list", "--where", "auroc >= \(RegistryInputs.metric(size - 20, of: size))"]
    case .list:
      ["list", "--where", "auroc > 0.5", "--sort", "auroc:desc", "--limit", "20"]
    case .history: ["show", run, "--series", "loss", "--csv"]
    case .show: ["show", run]
    }
  }
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
    case factor
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
  /// Reading is by processes of their own, start-up and all; cold: no page of the registry is in memory. As many
  /// runs are found however many are stored: `growth/…` is by how much that takes longer among 100,000 than
  /// among 1,000. `follow/…` is one live run of 1,000,000 points, told as fast as they are taken, and of ten times
  /// as many.
  package static let registry: [RegistryFigure] =
    writing + registrySizes.flatMap(reading)
    + RegistryReading.allCases.map {
      RegistryFigure("growth/\($0.rawValue)", .factor, .atMost(2))
    } + following

  /// Runs of the registries that can be read from.
  package static let registrySizes = [1000, 10_000, 100_000]

  private static let writing = [
    RegistryFigure("start-up", .milliseconds, .atMost(15)),
    RegistryFigure("register/wall", .seconds, .times(1 / 20, .mlflow), .times(2, .plain)),
    RegistryFigure("register/cpu", .seconds, .times(1.5, .plain)),
    RegistryFigure("register/peak", .megabytes, .atMost(50)),
    RegistryFigure("register/size", .megabytes, .atMost(2)),
    RegistryFigure("stream/wall", .seconds, .times(1 / 20, .mlflow), .times(2, .plain)),
    RegistryFigure("stream/cpu", .seconds, .times(1.5, .plain)),
    RegistryFigure("list/100-runs", .milliseconds),
    RegistryFigure("history/100-runs", .milliseconds),
  ]

  private static func reading(_ size: Int) -> [RegistryFigure] {
    [RegistryFigure("fill/\(size)-runs", .pointsPerSecond)]
      + RegistryReading.allCases.map { reading in
        let name = reading.figure(size)
        return switch reading {
        case .list where size == 10_000: RegistryFigure(name, .milliseconds, .atMost(100))
        case .history where size == 10_000: RegistryFigure(name, .milliseconds, .atMost(20))
        case .show where size == 10_000: RegistryFigure(name, .milliseconds, .atMost(50))
        default: RegistryFigure(name, .milliseconds)
        }
      }
  }

  private static let following = [
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
