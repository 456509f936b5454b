import Statistics

/// Who does the same besides us.
package enum ProgramPeer: String, Sendable, CaseIterable {
  /// MLflow on its SQLite store.
  case mlflow
  /// Python's sqlite3 with the least schema that holds the same, as durable as ours: not a registry, but the
  /// floor that one stands on.
  case plain
  /// Hugo, the fastest of the generators of static sites that people use.
  case hugo

  package var title: String {
    switch self {
    case .mlflow: "MLflow"
    case .plain: "plain SQLite"
    case .hugo: "Hugo"
    }
  }
}

/// What a figure has to reach.
package enum ProgramGoal: Equatable, Sendable {
  case atMost(Double)
  case atLeast(Double)
  /// At most so many times a peer's figure.
  case times(Double, ProgramPeer)
}

/// Something about a command that is measured.
package struct ProgramFigure: Equatable, Sendable {
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
  package let goals: [ProgramGoal]

  init(_ name: String, _ unit: Unit, _ goals: ProgramGoal...) {
    self.name = name
    self.unit = unit
    self.goals = goals
  }
}

/// What was found of one figure.
package struct ProgramFinding: Sendable {
  package let figure: ProgramFigure
  /// By round; empty where it could not be measured.
  package var ours: [Double] = []
  package var theirs: [ProgramPeer: [Double]] = [:]
  /// Why it could not be measured.
  package var trouble: String?

  init(_ figure: ProgramFigure) { self.figure = figure }

  package func median() throws(StatisticsError) -> Double? {
    ours.isEmpty ? nil : try Spread(ours).median
  }

  package func median(of peer: ProgramPeer) throws(StatisticsError) -> Double? {
    guard let rounds = theirs[peer], !rounds.isEmpty else { return nil }
    return try Spread(rounds).median
  }

  /// Whether a goal is reached; nil where one side was not measured.
  package func reaches(_ goal: ProgramGoal) throws(StatisticsError) -> Bool? {
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
