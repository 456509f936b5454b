import Determinism
import Testing

@testable import Studies

@Suite struct HypothesisMapTests {
  private func map(_ text: String) throws(StudyProblems) -> HypothesisMap {
    try HypothesisMap(bytes: Array(text.utf8), file: "h.yaml")
  }

  private func problems(_ text: String) -> String {
    do {
      _ = try map(text)
      return ""
    } catch { return error.description }
  }

  private static let sound = """
    hypotheses:
      H2: {statement: Second, study: sketch, prediction: [rl-keeps-backdoor]}
      H1: {statement: First, planned: later}
      H3: {statement: Third, not_tested: no data}
      H4: {statement: Fourth, study: sketch, figure: roc}
    figures:
      E3: {shows: Claims, page: index.html}
      E1: {shows: Curves, study: sketch, figure: [roc, layer-sweep]}
      E2: {shows: Bins, not_drawn: they are not recorded}
    """

  @Test func `hypotheses come in the order of their numbers`() throws {
    let map = try map(Self.sound)
    #expect(map.hypotheses.map(\.name) == ["H1", "H2", "H3", "H4"])
    #expect(
      map.hypotheses.map(\.answer) == [
        .planned(study: "later"),
        .tested(study: "sketch", predictions: ["rl-keeps-backdoor"], figure: nil),
        .notTested("no data"), .tested(study: "sketch", predictions: [], figure: "roc"),
      ])
    #expect(map.hypotheses[1].statement == "Second")
    #expect(
      map.figures == [
        PlannedFigure(
          name: "E1", shows: "Curves",
          answer: .drawn(study: "sketch", figures: ["roc", "layer-sweep"])),
        PlannedFigure(name: "E2", shows: "Bins", answer: .notDrawn("they are not recorded")),
        PlannedFigure(name: "E3", shows: "Claims", answer: .page("index.html")),
      ])
  }

  @Test func `a map is held against the studies`() throws {
    let study = try Study(text: sketch, file: "study.yaml", slug: "sketch")
    #expect(try map(Self.sound).problems(among: ["sketch": study]).isEmpty)
    #expect(
      try map(Self.sound).problems(among: [:]).map(\.message)
        == Array(repeating: "unknown study 'sketch'", count: 3))
    let wrong = """
      hypotheses:
        H1: {statement: First, planned: sketch}
        H2: {statement: Second, study: sketch, prediction: rl-keeps-backdor}
        H3: {statement: Third, study: sketch, figure: rok}
      figures:
        E1: {shows: Curves, study: sketch, figure: [roc, layer-swep]}
      """
    let found = try map(wrong).problems(among: ["sketch": study])
    #expect(
      found.map(\.message) == [
        "study 'sketch' is here: say which prediction answers it",
        "unknown prediction 'rl-keeps-backdor'; did you mean 'rl-keeps-backdoor'?",
        "unknown figure 'rok'; did you mean 'roc'?",
        "unknown figure 'layer-swep'; did you mean 'layer-sweep'?",
      ])
    #expect(found.map(\.line) == [2, 3, 4, 6])
  }

  @Test(arguments: [
    ("- a", "1:1: error: expected 'hypotheses', a mapping"),
    (
      "hypotheses: {H1: {statement: S, planned: a}, H3: {statement: S, planned: a}}",
      "1:13: error: H2 is missing"
    ),
    ("hypotheses: {H2: {statement: S, planned: a}}", "1:13: error: H1 is missing"),
    ("hypotheses: {}", "1:13: error: H1 is missing"),
    (
      "hypotheses: {G1: {statement: S, planned: a}}",
      "1:14: error: 'G1' is not the name of a hypothesis"
    ),
    (
      "hypotheses: {H01: {statement: S, planned: a}}",
      "1:14: error: 'H01' is not the name of a hypothesis"
    ),
    ("hypotheses: {H1: {statement: S}}", "1:18: error: H1 has no answer"),
    (
      "hypotheses: {H1: {statement: S, planned: a, not_tested: b}}",
      "1:18: error: H1 has more than one answer"
    ),
    ("hypotheses: {H1: {planned: a}}", "1:18: error: H1 has no 'statement'"),
    (
      "hypotheses: {H1: {statement: S, planned: A B}}",
      "1:42: error: 'A B' cannot be a study's name"
    ),
    (
      "hypotheses: {H1: {statement: S, study: a}}",
      "1:18: error: H1 names neither a prediction nor a figure"
    ),
    (
      "hypotheses: {H1: {statement: S, planned: a, figure: b}}",
      "1:18: error: only a 'study' has predictions and figures"
    ),
    (
      "hypotheses: {H1: {statement: S, study: a, prediction: [1]}}",
      "1:55: error: expected a prediction's id or a list of ids"
    ),
    (
      "hypotheses: {H1: {statement: S, planed: a}}",
      "1:33: error: unknown key 'planed'; did you mean 'planned'?"
    ),
    (
      "hypotheses: {H1: {statement: S, planned: a}}\nfigures: {E1: {shows: S, study: a}}",
      "2:15: error: E1 names no 'figure' of its study"
    ),
    (
      "hypotheses: {H1: {statement: S, planned: a}}\nfigures: {E1: {study: a, figure: b}}",
      "2:15: error: E1 has no 'shows'"
    ),
    (
      "hypotheses: {H1: {statement: S, planned: a}}\nfigures: {E1: {shows: S, page: a, figure: b}}",
      "2:15: error: only a 'study' has figures"
    ),
    (
      "hypotheses: {H1: {statement: S, planned: a}}\nfigures: {E2: {shows: S, page: a}}",
      "2:10: error: E1 is missing"
    ),
    (
      "hypotheses: {H1: {statement: S, planned: a}}\nfigures: [a]",
      "2:10: error: expected 'figures', a mapping"
    ),
    ("hypotheses: {H1: 3}", "1:18: error: expected a mapping, found 3"),
    ("hypotheses: {H1: {statement: 3, planned: a}}", "1:30: error: expected a text, found 3"),
    ("hypotheses: {H1: {statement: S, planned: a}}\nother: 1", "2:1: error: unknown key 'other'"),
    ("", "1:1: error: the file is empty"),
  ]) func `what is no map is located`(text: String, message: String) {
    let found = problems(text)
    #expect(found.split(separator: "\n").contains("h.yaml:\(message)"), "\(found)")
  }
}
