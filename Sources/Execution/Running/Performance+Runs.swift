import Determinism
import Records
import Studies

extension Performance {
  /// Finds out which runs are still to be completed.
  mutating func prepareRuns(studyDigest: Digest) throws {
    for planned in plan.runs {
      var run = record(of: planned, ordinal: 0, studyDigest: studyDigest)
      var state = try registry.state(of: run.id)
      // The newest repetition is the one to go on with.
      while state != nil {
        let next = record(of: planned, ordinal: run.ordinal + 1, studyDigest: studyDigest)
        guard let nextState = try registry.state(of: next.id) else { break }
        (run, state) = (next, nextState)
      }
      if state == .completed, options.again {
        run = record(of: planned, ordinal: run.ordinal + 1, studyDigest: studyDigest)
        state = nil
      }
      if state == .completed {
        summary.alreadyCompleted.append(run.id)
      } else {
        pending.append(run)
      }
    }
    runner.reporter.report(
      .planned(
        runs: plan.runs.count, steps: plan.steps.count, alreadyRecorded: recorded.count,
        alreadyCompleted: summary.alreadyCompleted.count))
    try completeRuns()
  }

  private func record(of run: PlannedRun, ordinal: Int, studyDigest: Digest) -> RunRecord {
    var circumstances = options.circumstances
    circumstances["jobs"] = JSON(options.jobs)
    circumstances["threads"] = JSON(options.threads)
    return RunRecord(
      slug: plan.slug, studyDigest: studyDigest, run: run, origin: registry.origin,
      ordinal: ordinal,
      circumstances: circumstances)
  }

  /// Opens the runs that a step is for. Late, so that a run that says "running" is one that is worked on.
  mutating func openRuns(for key: Digest) throws {
    var still: [RunRecord] = []
    for run in pending {
      guard run.run.stages.contains(where: { $0.key == key }) else {
        still.append(run)
        continue
      }
      do {
        try registry.open(run)
        openRuns.append(run)
      } catch RegistryError.alreadyCompleted {
        noteCompleted(run)
      }
    }
    pending = still
  }

  private mutating func noteCompleted(_ run: RunRecord) {
    summary.completed.append(run.id)
    runner.reporter.report(.runCompleted(run.id, run.run))
  }

  private func isRecorded(_ run: RunRecord) -> Bool {
    run.run.stages.allSatisfy { recorded.contains($0.key) }
  }

  private func failure(of run: RunRecord) -> String? {
    for stage in run.run.stages {
      if let message = failed[stage.key] { return message }
    }
    return nil
  }

  /// Completes the runs whose stages are all there.
  mutating func completeRuns() throws {
    for run in openRuns + pending where isRecorded(run) {
      do {
        // Another process that takes part in the run may have been stopped and have said so.
        if try registry.state(of: run.id) != .running { try registry.open(run) }
        try registry.complete(run)
      } catch RegistryError.alreadyCompleted {
        // By another process, in between.
      }
      noteCompleted(run)
    }
    let recorded = self.recorded
    func isOpen(_ run: RunRecord) -> Bool {
      !run.run.stages.allSatisfy { recorded.contains($0.key) }
    }
    openRuns = openRuns.filter(isOpen)
    pending = pending.filter(isOpen)
  }

  /// Marks what could not be completed.
  mutating func closeRuns() throws {
    try completeRuns()
    for run in pending {
      guard failure(of: run) != nil else {
        summary.notBegun.append(run.id)
        continue
      }
      try registry.open(run)
      openRuns.append(run)
    }
    pending = []
    for run in openRuns {
      if let message = failure(of: run) {
        try registry.mark(run.id, .failed, note: message)
        summary.failed.append(RunnerSummary.FailedRun(run: run.id, message: message))
        runner.reporter.report(.runFailed(run.id, run.run, message: message))
      } else {
        try registry.mark(run.id, .interrupted, note: "stopped before its last stage")
        summary.interrupted.append(run.id)
      }
    }
    openRuns = []
  }
}
