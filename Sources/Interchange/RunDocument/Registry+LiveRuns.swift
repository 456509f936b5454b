import Determinism
import Records
import Studies

extension Registry {
  /// Live runs that are not recorded yet: `running` while somebody follows them, else `interrupted`. Of one
  /// whose spool was damaged, what stands before the damage: `check` says where that is.
  ///
  /// - Parameter isWanted: those that it refuses are not read.
  package func liveRuns(where isWanted: (Digest) -> Bool = { _ in true }) throws
    -> [RegisteredRunRecord]
  {
    try spools().filter { isWanted($0.run) }.compactMap { spool in
      var stream = RunStream(file: "live/\(spool.run.hex).jsonl")
      try? stream.take(spool: spool)
      return try stream.run(state: spool.isFollowed ? .running : .interrupted)?.record()
    }
  }

  /// What a check finds about live runs that are not recorded yet: their lines are read as they were taken.
  package func checkLiveRuns() throws -> [Finding] {
    try spools().map { spool in
      let place = "live/\(spool.run.hex).jsonl"
      var stream = RunStream(file: place)
      do { try stream.take(spool: spool) } catch let problems as RunDocumentProblems {
        let problem = problems.problems.first
        return Finding(
          severity: .damage, place: place,
          message: "line \(problem?.line ?? 0) is not as it was taken: \(problem?.message ?? "")")
      } catch let error as RegistryError {
        return Finding(severity: .damage, place: place, message: error.problem)
      }
      if let id = stream.id, id != spool.run {
        return Finding(
          severity: .damage, place: place, message: "its head is that of run \(id.short)")
      }
      let state = spool.isFollowed ? "running" : "interrupted"
      return Finding(
        severity: .notice, place: place,
        message: stream.id == nil
          ? "a live run that has not begun" : "a live run, \(state), with \(stream.points) points")
    }
  }

  /// Spools that are of no more use: their run is recorded, with all that they tell. Somebody died between
  /// recording it and removing them.
  package func leftSpools() throws -> [Garbage] {
    try spools().filter { try isLeft($0) }.map { spool in
      Garbage(kind: .spool, place: "live/\(spool.run.hex).jsonl", size: spool.size)
    }
  }

  /// Removes them.
  package func collectSpools() throws -> [Garbage] {
    try leftSpools().filter { garbage in
      let left = try spools().first { garbage.place == "live/\($0.run.hex).jsonl" }
      guard let left else { return false }
      let spool = try spool(for: left.run)
      guard try isLeft(spool.earlier, isOurs: true) else { return false }
      try spool.remove()
      return true
    }
  }

  /// Live runs that nobody follows, interrupted, as they stand.
  ///
  /// - Parameter rules: those of its study that were last told of before its time.
  package func abandonedLiveRuns(_ rules: GarbageRules) throws -> [StreamedRun] {
    try spools().compactMap { try abandoned($0, rules) }
  }

  /// Records those runs and removes their spools.
  package func closeLiveRuns(_ rules: GarbageRules) throws -> [StreamedRun] {
    try spools().compactMap { file in
      guard try abandoned(file, rules) != nil else { return nil }
      // It may have been continued a moment ago; now it is ours.
      let spool = try spool(for: file.run)
      guard let record = try abandoned(spool.earlier, rules, isOurs: true) else { return nil }
      _ = try register(record)
      try spool.remove()
      return record
    }
  }

  private func abandoned(
    _ spool: SpoolFile, _ rules: GarbageRules, isOurs: Bool = false
  ) throws -> StreamedRun? {
    guard isOurs || !spool.isFollowed, spool.written < rules.before else { return nil }
    var stream = RunStream(file: "live/\(spool.run.hex).jsonl", scratch: scratch)
    try stream.take(spool: spool)
    guard let run = stream.run(state: .interrupted), stream.id == spool.run,
      rules.study.map({ JSON.Text($0) == JSON.Text(run.run.slug) }) ?? true,
      try withRegisteredRun(spool.run, { _ in true }) == nil
    else { return nil }
    return run
  }

  private func isLeft(_ spool: SpoolFile, isOurs: Bool = false) throws -> Bool {
    guard isOurs || !spool.isFollowed else { return false }
    return try withRegisteredRun(spool.run) { recorded in
      var stream = RunStream(file: "live/\(spool.run.hex).jsonl", scratch: scratch)
      guard (try? stream.take(spool: spool)) != nil else { return false }
      guard let told = stream.run(state: recorded.run.state) else { return spool.size == 0 }
      // Its last line, which tells how it ended, is not in the spool.
      let known = recorded.run.values.scalars
      return try told.run.values.scalars.allSatisfy { name, value in
        known[name]?.bitPattern == value.bitPattern
      }
        && told.series.allSatisfy { name, points in
          try recorded.series[name]?.digest() == points.digest()
        }
    } ?? false
  }
}
