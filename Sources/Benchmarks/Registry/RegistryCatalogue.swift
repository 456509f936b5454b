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

extension Catalogue {
  /// What the registry is measured by. `register/…` is 100 runs of 1,000 points and 20 settings each, one after
  /// the other, each durable and acknowledged before the next is sent; `stream/…` the same without waiting.
  /// Reading is by processes of their own, start-up and all; cold: no page of the registry is in memory. As many
  /// runs are found however many are stored: `growth/…` is by how much that takes longer among 100,000 than
  /// among 1,000. `follow/…` is one live run of 1,000,000 points, told as fast as they are taken, and of ten times
  /// as many.
  package static let registry: [ProgramFigure] =
    writing + registrySizes.flatMap(reading)
    + RegistryReading.allCases.map {
      ProgramFigure("growth/\($0.rawValue)", .factor, .atMost(2))
    } + following

  /// Runs of the registries that can be read from.
  package static let registrySizes = [1000, 10_000, 100_000]

  private static let writing = [
    ProgramFigure("start-up", .milliseconds, .atMost(15)),
    ProgramFigure("register/wall", .seconds, .times(1 / 20, .mlflow), .times(2, .plain)),
    ProgramFigure("register/cpu", .seconds, .times(1.5, .plain)),
    ProgramFigure("register/peak", .megabytes, .atMost(50)),
    ProgramFigure("register/size", .megabytes, .atMost(2)),
    ProgramFigure("stream/wall", .seconds, .times(1 / 20, .mlflow), .times(2, .plain)),
    ProgramFigure("stream/cpu", .seconds, .times(1.5, .plain)),
    ProgramFigure("list/100-runs", .milliseconds),
    ProgramFigure("history/100-runs", .milliseconds),
  ]

  private static func reading(_ size: Int) -> [ProgramFigure] {
    [ProgramFigure("fill/\(size)-runs", .pointsPerSecond)]
      + RegistryReading.allCases.map { reading in
        let name = reading.figure(size)
        return switch reading {
        case .list where size == 10_000: ProgramFigure(name, .milliseconds, .atMost(100))
        case .history where size == 10_000: ProgramFigure(name, .milliseconds, .atMost(20))
        case .show where size == 10_000: ProgramFigure(name, .milliseconds, .atMost(50))
        default: ProgramFigure(name, .milliseconds)
        }
      }
  }

  private static let following = [
    ProgramFigure("follow/speed", .pointsPerSecond, .atLeast(500_000)),
    ProgramFigure("follow/peak", .megabytes, .atMost(64)),
    ProgramFigure("follow/peak/10-fold", .megabytes, .atMost(64)),
    ProgramFigure("writers/recorded", .count, .atLeast(3200)),
    ProgramFigure("writers/wall", .seconds),
  ]
}
