import Determinism
import Records
import Studies

/// Performs recorded runs again from their records alone and says how they came out.
package struct Rerun: Sendable {
  package let registry: any RegistryInterface
  package let catalog: Catalog
  package let reporter: any Reporter
  package let options: RerunOptions

  package init(
    registry: any RegistryInterface, catalog: Catalog, reporter: any Reporter = SilentReporter(),
    options: RerunOptions
  ) {
    self.registry = registry
    self.catalog = catalog
    self.reporter = reporter
    self.options = options
  }

  /// Reruns the runs, each stage once for all of them, and records the verdicts.
  ///
  /// - Returns: one record per run, in the order of `ids`; all of them INCOMPLETE after a stop.
  /// - Throws: `ExecutionError.unknownRun`, `.notCompleted` or `.impossibleChange` before anything is done.
  package func perform(_ ids: [Digest]) throws -> [RerunRecord] {
    let snapshot = try registry.snapshot()
    let byID = Dictionary(
      snapshot.runs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var runs: [RunRecord] = []
    for id in ids where !runs.contains(where: { $0.id == id }) {
      guard let run = byID[id] else { throw ExecutionError.unknownRun(id) }
      let state = snapshot.states[id] ?? .completed
      guard state == .completed else {
        throw ExecutionError.notCompleted(run: id, state: state.rawValue)
      }
      runs.append(run)
    }
    for change in options.changes {
      for run in runs where !change.isPossible(in: run, stages: snapshot.stages) {
        throw ExecutionError.impossibleChange(stage: change.stage, run: run.id)
      }
    }
    let parts =
      options.changes.isEmpty && options.spawn != nil
      ? Self.split(runs, jobs: options.jobs) : [runs]
    var workers: [(worker: any Worker, runs: [RunRecord])] = []
    if let spawn = options.spawn {
      for (index, part) in parts.enumerated().dropFirst() {
        workers.append((try spawn(index, part.map(\.id)), part))
      }
    }
    var records = try performHere(parts.first ?? [], snapshot: snapshot)
    for (index, entry) in workers.enumerated() {
      let status = entry.worker.wait()
      reporter.report(.workerEnded(index: index + 1, status: status))
      records.merge(try collect(entry.runs, status: status, before: snapshot)) { first, _ in first }
    }
    return runs.map { records[$0.id]! }
  }

  /// Splits runs among processes so that runs of one seed, which share stages, stay together. Largest seeds
  /// first, each to the process with the least; at most `jobs` parts, none empty.
  package static func split(_ runs: [RunRecord], jobs: Int) -> [[RunRecord]] {
    var bySeed: [UInt64: [RunRecord]] = [:]
    for run in runs { bySeed[run.run.seed, default: []].append(run) }
    let groups = bySeed.sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }.map(
      \.value)
    var parts = [[RunRecord]](repeating: [], count: max(1, min(jobs, groups.count)))
    for group in groups {
      let least = parts.indices.min { (parts[$0].count, $0) < (parts[$1].count, $1) }!
      parts[least] += group
    }
    return parts
  }

  /// What a worker recorded for its runs since the snapshot.
  private func collect(
    _ runs: [RunRecord], status: Int32, before: Snapshot
  ) throws -> [Digest: RerunRecord] {
    let after = try registry.snapshot()
    var records: [Digest: RerunRecord] = [:]
    for run in runs {
      let old = before.reruns.count { $0.run == run.id }
      let new = after.reruns.filter { $0.run == run.id }.dropFirst(old)
      records[run.id] =
        new.last
        ?? incomplete(run, note: "the process that reran it ended with status \(status)")
    }
    return records
  }

  // MARK: In this process

  private func performHere(
    _ runs: [RunRecord], snapshot: Snapshot
  ) throws -> [Digest: RerunRecord] {
    // Runs of one seed one after the other: what they share can be forgotten soon.
    let ordered = runs.enumerated().sorted {
      ($0.element.run.seed, $0.offset) < ($1.element.run.seed, $1.offset)
    }.map(\.element)
    var records: [Digest: RerunRecord] = [:]
    var prepared: [(run: RunRecord, plan: Plan)] = []
    for run in ordered {
      switch prepare(run, snapshot: snapshot) {
      case .success(let plan): prepared.append((run, plan))
      case .failure(let obstacle):
        records[run.id] = try finish(incomplete(run, note: obstacle.note), run)
      }
    }
    var recomputation = Recomputation(
      plans: prepared.map(\.plan), catalog: catalog, options: options, reporter: reporter)
    for (run, plan) in prepared {
      // A run that was never begun gets no record of it.
      guard !options.shouldStop() else {
        records[run.id] = incomplete(run, note: "interrupted before it was begun")
        continue
      }
      let record: RerunRecord
      do {
        record = try rerun(run, plan, snapshot: snapshot, recomputation: &recomputation)
      } catch is StageInterrupted {
        record = incomplete(run, note: "interrupted")
      } catch let failure as StageFailure {
        record = incomplete(run, note: failure.note)
      }
      recomputation.finished(plan)
      records[run.id] = try finish(record, run)
    }
    return records
  }

  private func finish(_ record: RerunRecord, _ run: RunRecord) throws -> RerunRecord {
    if options.changes.isEmpty { try registry.record(record) }
    reporter.report(.rerunFinished(run: run.id, verdict: record.verdict))
    return record
  }

  private struct Obstacle: Error { let note: String }

  /// Everything that can be wrong before anything is computed.
  private func prepare(_ run: RunRecord, snapshot: Snapshot) -> Result<Plan, Obstacle> {
    do {
      try options.verify(run.id)
      let plan = try Plan(
        replaying: run, study: snapshot.studies[run.studyDigest]?.study ?? .null,
        stages: snapshot.stages)
      for step in plan.steps {
        let record = snapshot.stages[step.key]!
        for name in record.artifacts.keys.sorted() {
          let reference = record.artifacts[name]!
          guard reference.role == .kept || registry.holds(reference.digest) else { continue }
          // Reading verifies the bytes against their digest.
          _ = try registry.artifact(reference.digest)
        }
      }
      let lacks = catalog.lacks(plan.steps)
      guard lacks.isEmpty else { return .failure(Obstacle(note: lacks.joined(separator: "; "))) }
      return .success(plan)
    } catch {
      return .failure(Obstacle(note: "the record is damaged: \(error)"))
    }
  }

  private struct StageFailure: Error { let note: String }

  private func rerun(
    _ run: RunRecord, _ plan: Plan, snapshot: Snapshot, recomputation: inout Recomputation
  ) throws -> RerunRecord {
    var judgement = Judgement()
    var notChecked: [String] = []
    var substituted: [Digest: StageRecord] = [:]
    for step in plan.steps {
      let key = step.key
      // A stage of another run that this one takes an input from has no name here.
      let name = run.run.stages.first { $0.key == key }?.name ?? "\(step.kind)-\(key.short)"
      if options.shouldStop() { throw StageInterrupted() }
      let label = StageLabel(key: key, kind: step.kind, name: name, run: run.run.label, runs: 1)
      let values: StageValues
      do {
        values = try recomputation.values(
          of: step, label: label, changes: options.changes.filter { $0.stage == name })
      } catch is StageInterrupted {
        throw StageInterrupted()
      } catch {
        throw StageFailure(note: "stage '\(name)' failed: \(error)")
      }
      let record = snapshot.stages[key]!
      judgement.add(stage: name, ValueComparison(recorded: record, recomputed: values))
      substituted[key] = StageRecord(
        step: step, values: values, circumstances: record.circumstances)
      for artifact in record.artifacts.keys.sorted() {
        let reference = record.artifacts[artifact]!
        if reference.role == .remade, !registry.holds(reference.digest) {
          notChecked.append("\(artifact) of \(name): not held, compared by digest")
        }
      }
    }
    return try judge(
      run, judgement, notChecked: notChecked, substituted: substituted, snapshot: snapshot)
  }

  private func judge(
    _ run: RunRecord, _ judgement: Judgement, notChecked: [String],
    substituted: [Digest: StageRecord], snapshot: Snapshot
  ) throws -> RerunRecord {
    var verdict = Verdict.diverged
    var note = judgement.largestDifferences
    var notChecked = notChecked
    if judgement.isExact {
      verdict = .exact
      note = ""
    } else if let within = judgement.withinTolerance(tolerances(of: run, snapshot)) {
      verdict = .withinTolerance
      notChecked += within.notChecked
    } else {
      let conclusions = try options.conclusions(run, substituted)
      if conclusions.areSame {
        verdict = .sameConclusions
        note += "; \(conclusions.kept) assessments keep their results"
      } else if !conclusions.changed.isEmpty {
        note += "; " + conclusions.changed.joined(separator: "; ")
      }
    }
    if !options.changes.isEmpty { note = "the plan was changed on purpose; " + note }
    return RerunRecord(
      slug: run.slug, run: run.id, verdict: verdict, firstDivergence: judgement.firstDivergence,
      compared: judgement.compared, notChecked: notChecked, note: note,
      circumstances: circumstances(of: run, snapshot))
  }

  /// Of the study as it was when the run was made.
  private func tolerances(of run: RunRecord, _ snapshot: Snapshot) -> [Tolerance] {
    guard let study = snapshot.studies[run.studyDigest]?.study else { return [] }
    return (try? Study(json: study, slug: run.slug))?.tolerances ?? []
  }

  private func incomplete(_ run: RunRecord, note: String) -> RerunRecord {
    RerunRecord(
      slug: run.slug, run: run.id, verdict: .incomplete, firstDivergence: nil, compared: 0,
      notChecked: [], note: note, circumstances: circumstances(of: run, nil))
  }
}
