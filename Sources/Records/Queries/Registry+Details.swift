import Determinism
import GRDB
import Studies

/// Everything that a registry knows of one run, and nothing of the others.
package struct RunDetails: Sendable {
  package enum Body: Sendable {
    /// With those of its stage results that are there, by key.
    case planned(RunRecord, stages: [Digest: StageRecord])
    case registered(RegisteredRunRecord)
  }

  package let id: Digest
  package let body: Body
  /// The study file that a planned run was made from.
  package let study: StudyRecord?
  package let state: RunState
  /// Why a run that is not completed stopped; may be empty.
  package let stopped: String
  /// Oldest first.
  package let reruns: [RerunRecord]
  package let annotations: [AnnotationRecord]

  package init(
    id: Digest, body: Body, study: StudyRecord?, state: RunState, stopped: String,
    reruns: [RerunRecord], annotations: [AnnotationRecord]
  ) {
    self.id = id
    self.body = body
    self.study = study
    self.state = state
    self.stopped = stopped
    self.reruns = reruns
    self.annotations = annotations
  }

  package var slug: String {
    switch body {
    case .planned(let run, _): run.slug
    case .registered(let run): run.slug
    }
  }

  /// The last verdict, or the state that stands in its place.
  package var verdict: String {
    if let verdict = reruns.last?.verdict { return verdict.rawValue }
    if case .registered(let run) = body { return run.verdictWithoutRerun }
    return "NEVER-RERUN"
  }

  package var tags: [String] {
    if case .registered(let run) = body { return annotations.tags(from: run.tags) }
    return annotations.tags(from: [])
  }

  /// What its numbers are, by stage and name: `pretrain:loss`; of a registered run by name alone.
  package var values: RecordedValues {
    switch body {
    case .registered(let run): return run.values
    case .planned(let run, let stages):
      var all = RecordedValues()
      for reference in run.run.stages {
        guard let stage = stages[reference.key] else { continue }
        func put<Value>(_ values: [String: Value], into all: inout [String: Value]) {
          for (name, value) in values { all["\(reference.name):\(name)"] = value }
        }
        put(stage.scalars, into: &all.scalars)
        put(stage.series, into: &all.series)
        put(stage.curves, into: &all.curves)
        put(stage.artifacts, into: &all.artifacts)
      }
      return all
    }
  }
}

extension Registry {
  /// The ids of runs that begin with these hexadecimal digits, sorted; at most `limit`.
  package func runs(beginning digits: String, limit: Int) throws -> [Digest] {
    func bound(_ filler: String) -> Cell? {
      let padding = String(repeating: filler, count: max(0, 64 - digits.utf8.count))
      return Digest(hex: digits.lowercased() + padding).map { .digest($0) }
    }
    guard let low = bound("0"), let high = bound("f") else { return [] }
    let tables = ["run", "attempt"] + (kinds.contains(.registeredRun) ? ["registered_run"] : [])
    return try reading { db in
      let found = try tables.flatMap { table in
        try db.rows(
          "SELECT run FROM \(table) WHERE run BETWEEN ? AND ? ORDER BY run LIMIT ?",
          [low, high, .integer(limit)]
        ).map { try $0.digest(0) }
      }
      return Array(Set(found).sorted().prefix(limit))
    }
  }

  /// A run with its stages, numbers, reruns and annotations; nil when there is none of this id.
  ///
  /// - Parameter readingSeries: else a registered run comes without its series, however long they are.
  package func details(of id: Digest, readingSeries: Bool = true) throws -> RunDetails? {
    guard let (body, state, stopped) = try body(of: id, readingSeries) else { return nil }
    return try details(of: id, body, state, stopped)
  }

  /// Of a live run, which has no record yet.
  package func details(ofLive run: RegisteredRunRecord) throws -> RunDetails {
    try details(of: run.id, .registered(run), run.state, "")
  }

  private func details(of id: Digest, _ body: RunDetails.Body, _ state: RunState, _ stopped: String)
    throws -> RunDetails
  {
    try reading { db in
      var study: StudyRecord?
      if case .planned(let run, _) = body,
        let row = try db.row(
          "SELECT id FROM study WHERE digest = ? LIMIT 1", [.digest(run.studyDigest)])
      {
        study = try StudyTable.load(try row.integer(0), db)
      }
      return RunDetails(
        id: id, body: body, study: study, state: state, stopped: stopped,
        reruns: try RunValues.reruns(of: id, db),
        annotations: kinds.contains(.annotation) ? try RunValues.annotations(of: id, db) : [])
    }
  }

  private func body(of id: Digest, _ readingSeries: Bool) throws -> (
    RunDetails.Body, RunState, String
  )? {
    let found = try withRegisteredRun(id) { try readingSeries ? $0.record() : $0.run }
    if let registered = found {
      return (.registered(registered), registered.state, "")
    }
    guard let run = try run(id) else { return nil }
    let stages = try reading { db in
      try run.run.stages.reduce(into: [Digest: StageRecord]()) { stages, reference in
        let row = try db.row(
          "SELECT id FROM stage WHERE key = ? ORDER BY id LIMIT 1", [.digest(reference.key)])
        if let row { stages[reference.key] = try StageTable.load(try row.integer(0), db) }
      }
    }
    return (
      .planned(run, stages: stages), try state(of: id) ?? .planned,
      try attempt(of: id)?.note ?? ""
    )
  }

  /// One series of a run by name, `stage:name` for a run with stages, without reading the others; nil when
  /// it has none of this name.
  package func series(_ name: String, of id: Digest) throws -> Series? {
    try reading { db in
      if kinds.contains(.registeredRun),
        let row = try db.row("SELECT id FROM registered_run WHERE run = ?", [.digest(id)])
      {
        return try ValueTables.registered.points(name, of: try row.integer(0), db)?.series()
      }
      let bytes = Array(name.utf8)
      guard let run = try Self.run(id, db),
        let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
      else { return nil }
      let stage = JSON.Text(String(decoding: bytes[..<colon], as: UTF8.self))
      guard let key = run.run.stages.first(where: { JSON.Text($0.name) == stage })?.key,
        let row = try db.row(
          "SELECT id FROM stage WHERE key = ? ORDER BY id LIMIT 1", [.digest(key)])
      else { return nil }
      return try ValueTables.stage.points(
        String(decoding: bytes[(colon + 1)...], as: UTF8.self), of: try row.integer(0), db)?
        .series()
    }
  }
}
