import Determinism
import Records
import Studies
import Testing

@testable import Execution

@Suite struct `Performing a plan` {
  @Test func `performs each stage once, shares results and completes every run`() throws {
    let laboratory = Laboratory()
    let catalog = Catalog.toy(laboratory)
    let registry = try Workshop.temporary()
    let plan = try toyPlan(catalog)
    #expect(plan.runs.count == 8)
    let log = EventLog()
    let summary = try Runner(
      registry: registry.registry, catalog: catalog, reporter: log, options: .toy()
    ).perform(plan)
    #expect(summary.isComplete)
    #expect(summary.completed.count == 8)
    #expect(laboratory.performed.count == plan.steps.count)
    #expect(laboratory.performed.filter { $0 == "train" }.count == 2, "one for each seed")
    let snapshot = try registry.registry.snapshot()
    #expect(Set(snapshot.states.values) == [.completed])
    #expect(Set(snapshot.stages.keys) == Set(plan.steps.map(\.key)))
    #expect(snapshot.runs.map(\.run).sorted(by: earlier) == plan.runs.sorted(by: earlier))
    let stage = try #require(snapshot.stages.values.first)
    #expect(stage.circumstances["cpu"] == "toy")
    #expect(stage.circumstances["threads"] == 1)
    #expect(stage.circumstances["started"] == "2026-01-01T00:00:00Z")
    #expect(stage.circumstances["seconds"]?.double.map { $0 > 0 } == true)
    // Nothing more to do.
    let second = try Runner(registry: registry.registry, catalog: catalog, options: .toy()).perform(
      plan)
    #expect(second.alreadyCompleted.count == 8)
    #expect(second.performed == 0)
    #expect(laboratory.performed.count == plan.steps.count)
  }

  private func earlier(_ left: PlannedRun, _ right: PlannedRun) -> Bool {
    left.digest(slug: "") < right.digest(slug: "")
  }

  @Test func `reports rate and time left`() throws {
    let laboratory = Laboratory()
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let log = EventLog()
    let plan = try toyPlan(catalog, only: PlanFilter(arms: ["base"], seeds: [1]))
    _ = try Runner(registry: workshop.registry, catalog: catalog, reporter: log, options: .toy())
      .perform(plan)
    #expect(
      log.events.first
        == .planned(runs: 2, steps: plan.steps.count, alreadyRecorded: 0, alreadyCompleted: 0))
    let progress = log.events.compactMap { event -> (rate: Double?, left: Double?)? in
      guard case .stageProgress(let label, _, let rate, let left, _) = event, label.name == "train"
      else { return nil }
      return (rate, left)
    }
    // The toy clock ticks once for each report: steps 2, 3, 4 are 1, 2, 3 steps in 2, 3, 4 ticks.
    let rates: [Double?] = [nil, 0.5, 2.0 / 3, 0.75]
    let left: [Double?] = [nil, 4, 1.5, 0]
    #expect(progress.map(\.rate) == rates)
    #expect(progress.map(\.left) == left)
    guard case .runCompleted = try #require(log.events.last) else {
      Issue.record("the last event is \(log.events.last!)")
      return
    }
    let done = log.events.compactMap { event -> PlanProgress? in
      if case .stageFinished(_, _, let progress) = event { progress } else { nil }
    }
    #expect(done.map(\.stepsDone) == Array(1...plan.steps.count))
    #expect(done.last?.secondsLeft == 0)
  }

  @Test func `a stage that throws fails its runs and no others`() throws {
    let laboratory = Laboratory()
    laboratory.change { $0.failing = ("tune", 1) }
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let plan = try toyPlan(catalog)
    let runner = Runner(registry: workshop.registry, catalog: catalog, options: .toy())
    let summary = try runner.perform(plan)
    #expect(summary.completed.count == 4, "the base runs")
    #expect(summary.failed.map(\.message) == Array(repeating: "tune: the toy broke", count: 4))
    #expect(try workshop.registry.states() == [.completed, .failed])
    // Mended, the failed runs go on where they were.
    laboratory.change { $0.failing = nil }
    let mended = try runner.perform(plan)
    #expect(mended.completed.count == 4)
    #expect(mended.isComplete)
    #expect(try workshop.registry.states() == [.completed])
  }

  @Test(arguments: [1, 2, 3, 5, 8, 13])
  func `a stopped plan is interrupted and goes on with the same bits`(
    steps: Int
  ) throws {
    let expected = try Workshop.complete()
    let laboratory = Laboratory()
    laboratory.change { $0.stopAfter = steps }
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let plan = try toyPlan(catalog)
    var options = RunnerOptions.toy()
    options.shouldStop = { laboratory.stops }
    let summary = try Runner(registry: workshop.registry, catalog: catalog, options: options)
      .perform(plan)
    #expect(summary.wasStopped)
    #expect(!summary.isComplete)
    #expect(summary.interrupted.count + summary.notBegun.count + summary.completed.count == 8)
    #expect(try workshop.registry.states().isSubset(of: [.interrupted, .completed]))
    laboratory.change { $0.stopAfter = nil }
    let log = EventLog()
    _ = try Runner(registry: workshop.registry, catalog: catalog, reporter: log, options: options)
      .perform(plan)
    #expect(try workshop.registry.values() == expected)
    #expect(try workshop.registry.states() == [.completed])
    if steps < 4 {
      let resumed = log.events.contains { event in
        if case .stageStarted(_, let step?, _) = event { step == steps } else { false }
      }
      #expect(resumed, "the train stage goes on at step \(steps)")
    }
  }

  @Test func `a plan killed at any write goes on with the same bits`() throws {
    let expected = try Workshop.complete()
    let some = PlanFilter(point: JSON.Object([("organism.onset", "now")]), seeds: [1])
    var calls = 0
    while true {
      let catalog = Catalog.toy(Laboratory())
      let workshop = try Workshop.temporary()
      let plan = try toyPlan(catalog, only: some)
      let wasKilled = try {
        let mortal = MortalRegistry(try workshop.again(), calls: calls)
        do {
          _ = try Runner(registry: mortal, catalog: catalog, options: .toy()).perform(plan)
        } catch is Killed {}
        return mortal.wasKilled
      }()
      let registry = try workshop.again()
      #expect(
        try registry.states().isSubset(of: [.interrupted, .completed]), "after \(calls) calls")
      let summary = try Runner(registry: registry, catalog: catalog, options: .toy()).perform(plan)
      #expect(summary.isComplete, "after \(calls) calls")
      for (key, digest) in try registry.values() {
        #expect(expected[key] == digest, "after \(calls) calls")
      }
      if calls % 8 == 0 { #expect(try registry.damage().isEmpty, "after \(calls) calls") }
      if !wasKilled { break }
      calls += 1
    }
    #expect(calls > 20, "the plan makes more calls than that")
  }

  @Test func `a changed procedure version is refused before anything is performed`() throws {
    let laboratory = Laboratory()
    let plan = try toyPlan(.toy(laboratory))
    let workshop = try Workshop.temporary()
    let runner = Runner(
      registry: workshop.registry, catalog: .toy(laboratory, tuneVersion: 2), options: .toy())
    #expect(throws: ExecutionError.lacksProcedures(["needs tune@1, this binary has @2"])) {
      try runner.perform(plan)
    }
    #expect(laboratory.performed.isEmpty)
  }

  @Test func `a completed plan is repeated only with again, as the next ordinal`() throws {
    let laboratory = Laboratory()
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let plan = try toyPlan(catalog, only: PlanFilter(seeds: [1]))
    _ = try Runner(registry: workshop.registry, catalog: catalog, options: .toy()).perform(plan)
    let values = try workshop.registry.values()
    let summary = try Runner(
      registry: workshop.registry, catalog: catalog, options: .toy { $0.again = true }
    ).perform(plan)
    #expect(summary.completed.count == 4)
    #expect(laboratory.performed.count == 2 * plan.steps.count, "every stage is performed again")
    let snapshot = try workshop.registry.snapshot()
    #expect(snapshot.runs.map(\.ordinal).sorted() == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(try workshop.registry.values() == values)
    // A stage that comes out otherwise is an alarm, not a second result.
    laboratory.change { $0.drift["tune"] = 1e-9 }
    #expect(throws: RegistryError.self) {
      try Runner(registry: workshop.registry, catalog: catalog, options: .toy { $0.again = true })
        .perform(plan)
    }
    #expect(try workshop.registry.values() == values)
  }

  @Test func `confirmatory seeds open with a freeze of these predictions`() throws {
    let laboratory = Laboratory()
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let plan = try toyPlan(catalog, phases: [.confirmatory])
    let runner = Runner(registry: workshop.registry, catalog: catalog, options: .toy())
    #expect(throws: ExecutionError.notFrozen(slug: "toys", frozenBefore: false)) {
      try runner.perform(plan)
    }
    #expect(laboratory.performed.isEmpty)
    _ = try runner.perform(toyPlan(catalog))
    try workshop.freeze(plan)
    #expect(try runner.perform(plan).isComplete)
    // Other seeds keep the freeze; another claim does not.
    let more = toyStudy.replacing("confirmatory: 100", with: "confirmatory: 100..101")
    #expect(try runner.perform(toyPlan(catalog, text: more, phases: [.confirmatory])).isComplete)
    for (old, new) in [("r1 >= 0.8", "r1 >= 0.7"), ("abs: 0.001", "abs: 0.002")] {
      let changed = toyStudy.replacing(old, with: new)
      #expect(throws: ExecutionError.notFrozen(slug: "toys", frozenBefore: true)) {
        try runner.perform(toyPlan(catalog, text: changed, phases: [.confirmatory]))
      }
    }
  }

  @Test func `assessments are recorded once, after the runs`() throws {
    let catalog = Catalog.toy(Laboratory())
    let workshop = try Workshop.temporary()
    let plan = try toyPlan(catalog)
    let options = RunnerOptions.toy {
      $0.assess = { study, registry in
        let runs = try registry.snapshot().runs
        return [
          AssessmentRecord(
            slug: study.slug, studyDigest: study.digest, predictionID: "high", prediction: .null,
            runs: runs.map(\.id).sorted(), statistic: "toy@1", estimates: [], seeds: [],
            perSeed: [],
            result: .notTested, note: "\(runs.count) runs")
        ]
      }
    }
    let runner = Runner(registry: workshop.registry, catalog: catalog, options: options)
    _ = try runner.perform(plan)
    _ = try runner.perform(plan)
    #expect(try workshop.registry.snapshot().assessments.map(\.note) == ["8 runs"])
  }

  @Test func `weights that are not held are made again and checked against the record`() throws {
    let laboratory = Laboratory()
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let runner = Runner(registry: workshop.registry, catalog: catalog, options: .toy())
    let some = PlanFilter(point: JSON.Object([("organism.onset", "now")]), seeds: [1])
    _ = try runner.perform(toyPlan(catalog, only: some))
    try workshop.removeRemade()
    let before = laboratory.performed.count
    let plan = try toyPlan(catalog, only: PlanFilter(seeds: [1]))
    #expect(try runner.perform(plan).isComplete)
    let expected = try Workshop.complete()
    for (key, digest) in try workshop.registry.values() { #expect(expected[key] == digest) }
    // Five new stages; train is made again for those that take its weights.
    #expect(laboratory.performed.dropFirst(before).contains("train"))
    // Made again otherwise, it is an alarm.
    try workshop.removeRemade()
    laboratory.change { $0.drift["train"] = 1 }
    let other = toyStudy.replacing("tune: {steps: 3}", with: "tune: {steps: 4}")
    #expect(throws: ExecutionError.self) {
      try runner.perform(toyPlan(catalog, text: other, only: PlanFilter(seeds: [1])))
    }
  }

  @Test(arguments: [2, 3, 4]) func `several processes perform a plan together, each stage once`(
    jobs: Int
  ) throws {
    let expected = try Workshop.complete()
    let laboratory = Laboratory()
    let catalog = Catalog.toy(laboratory)
    let workshop = try Workshop.temporary()
    let plan = try toyPlan(catalog)
    var options = RunnerOptions.toy { $0.jobs = jobs }
    let workerOptions = options
    options.spawn = { index in
      let registry = try workshop.again()
      var options = workerOptions
      options.role = .worker(index: index)
      let runner = Runner(registry: registry, catalog: catalog, options: options)
      return ThreadWorker { try runner.perform(plan).isComplete ? 0 : 1 }
    }
    let log = EventLog()
    let summary = try Runner(
      registry: workshop.registry, catalog: catalog, reporter: log, options: options
    ).perform(plan)
    #expect(summary.isComplete)
    #expect(try workshop.registry.values() == expected)
    #expect(laboratory.performed.count == plan.steps.count)
    #expect(try workshop.registry.states() == [.completed])
    #expect(try workshop.registry.damage().isEmpty)
    for index in 1..<jobs { #expect(log.events.contains(.workerEnded(index: index, status: 0))) }
  }

  @Test(arguments: [1, 2])
  func `processes begin at different seeds, and only the coordinator starts others`(
    jobs: Int
  ) throws {
    let catalog = Catalog.toy(Laboratory())
    let plan = try toyPlan(catalog)
    var seeds: [UInt64?] = []
    for role in [RunnerOptions.Role.coordinator, .worker(index: 1)] {
      let workshop = try Workshop.temporary()
      let log = EventLog()
      let options = RunnerOptions.toy {
        $0.role = role
        // A worker need not be told how many there are.
        $0.jobs = role == .coordinator ? 2 : jobs
        $0.spawn = { _ in
          #expect(role == .coordinator)
          return ThreadWorker { 0 }
        }
      }
      _ = try Runner(registry: workshop.registry, catalog: catalog, reporter: log, options: options)
        .perform(plan)
      let first = log.events.compactMap { event -> Digest? in
        if case .stageStarted(let label, _, _) = event { label.key } else { nil }
      }.first
      seeds.append(plan.steps.first { $0.key == first }?.seed)
    }
    #expect(seeds == [1, 2])
  }
}
