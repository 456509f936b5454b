import Determinism
import Records
import Statistics
import Studies

/// A study's runs as an SQLite store that MLflow opens.
///
/// What MLflow has no place for goes into artifacts (`curves.json`) or tags (`dormouse.…`); what it cannot
/// keep at all is said in the summary's remarks.
package struct MLflowExport: Sendable {
  package struct Summary: Equatable, Sendable {
    package var runs = 0
    package var points = 0
    package var artifacts = 0
    package var remarks: [String] = []
  }

  let snapshot: Snapshot
  let slug: String

  package init(_ snapshot: Snapshot, slug: String) {
    self.snapshot = snapshot
    self.slug = slug
  }

  /// Writes `FOLDER/mlflow.db` and the kept artifacts, or a file that ends in `.db` alone. Nothing that is
  /// there is replaced.
  ///
  /// - Throws: `ForeignProblem`, `RegistryError`; nothing is left behind then.
  package func write(to path: String) throws -> Summary {
    let isFile = path.utf8.suffix(3).elementsEqual(".db".utf8)
    let kind = Path.kind(of: path)
    guard kind == .missing || (!isFile && kind == .folder && Path.names(in: path).isEmpty) else {
      throw ForeignProblem(
        path, "is there already, and is not replaced", hint: "name a new folder or file")
    }
    let writer = try MLflowWriter(draftOf: path, isFile: isFile)
    var summary = Summary()
    var lost = MLflowLosses()
    try writer.put(experiment: slug) { store throws in
      for run in try runs() {
        summary.points += try store.put(run, &lost)
        summary.runs += 1
      }
    }
    if isFile {
      summary.remarks.append("artifacts need a folder: --to FOLDER")
    } else {
      for run in try runs() {
        summary.artifacts += try writer.put(artifacts: run, from: snapshot, &summary.remarks)
      }
    }
    try writer.finish()
    summary.remarks += lost.remarks
    return summary
  }

  /// Of the study, registered ones after performed ones.
  func runs() throws -> [MLflowExportedRun] {
    let performed = snapshot.runs.filter { JSON.Text($0.slug) == JSON.Text(slug) }
    let registered = try snapshot.registeredRecords { JSON.Text($0.slug) == JSON.Text(slug) }
    // Ids are those of MLflow where a run came from there; a parent is named by the id it gets here.
    var ids: [Digest: String] = [:]
    var taken: Set<String> = []
    for (id, clientID) in performed.map({ ($0.id, nil) }) + registered.map({ ($0.id, $0.clientID) })
    {
      let own = clientID.flatMap(Self.ownID)
      let name = own.flatMap { taken.contains($0) ? nil : $0 } ?? String(id.hex.prefix(32))
      taken.insert(name)
      ids[id] = name
    }
    return performed.map { MLflowExportedRun($0, in: snapshot, id: ids[$0.id] ?? $0.id.hex) }
      + registered.map { run in
        MLflowExportedRun(
          run, in: snapshot, id: ids[run.id] ?? run.id.hex, parent: run.parent.flatMap { ids[$0] })
      }
  }

  private static func ownID(_ clientID: String) -> String? {
    let prefix = Array("\(MLflowRun.tool):".utf8)
    let bytes = Array(clientID.utf8)
    guard bytes.starts(with: prefix), bytes.count == prefix.count + 32 else { return nil }
    let id = bytes.dropFirst(prefix.count)
    return id.allSatisfy { Hexadecimal.value(of: $0) != nil }
      ? String(decoding: id, as: UTF8.self) : nil
  }
}

/// What MLflow's store did not keep, counted.
struct MLflowLosses {
  var infinities = 0
  var negativeZeros = 0

  var remarks: [String] {
    [
      infinities > 0
        ? "\(infinities) infinite values: MLflow keeps ±1.7976931348623157e+308 instead" : nil,
      negativeZeros > 0 ? "\(negativeZeros) values -0.0: MLflow keeps 0.0 instead" : nil,
    ].compactMap { $0 }
  }
}

/// A run as rows of MLflow's tables.
struct MLflowExportedRun {
  struct Point {
    let key: String
    let step: Int
    let time: Int
    let value: Double
  }

  let id: String
  let name: String
  let status: String
  /// Milliseconds since 1970.
  let started: Int
  let finished: Int?
  let isDeleted: Bool
  let params: [(key: String, value: String)]
  let tags: [(key: String, value: String)]
  let points: [Point]
  /// Kept artifacts by path in the run's folder.
  let artifacts: [(path: String, digest: Digest)]
  /// Curves by name, as one document; nil without any.
  let curves: JSON?

  init(_ run: RunRecord, in snapshot: Snapshot, id: String) {
    let planned = run.run
    self.id = id
    name = "\(planned.arm), seed \(planned.seed)"
    status = Self.status(snapshot.states[run.id] ?? .interrupted)
    let at = run.circumstances["at"].flatMap(Self.milliseconds)
    started = at ?? 0
    finished = at
    isDeleted = false
    params =
      Self.flattened(planned.point) + [
        (key: "arm", value: planned.arm), (key: "seed", value: String(planned.seed)),
        (key: "phase", value: planned.phase.rawValue),
      ]
    let verdicts = snapshot.reruns.filter { $0.run == run.id }.map(\.verdict.rawValue)
    tags =
      Self.own(run.id, slug: run.slug) + [
        (key: "mlflow.runName", value: name),
        (key: "dormouse.rerun", value: verdicts.last ?? "NEVER-RERUN"),
      ]
    var values = RecordedValues()
    for reference in planned.stages {
      guard let stage = snapshot.stages[reference.key] else { continue }
      for (name, value) in stage.scalars { values.scalars["\(reference.name)/\(name)"] = value }
      for (name, value) in stage.series { values.series["\(reference.name)/\(name)"] = value }
      for (name, value) in stage.curves { values.curves["\(reference.name)/\(name)"] = value }
      for (name, value) in stage.artifacts { values.artifacts["\(reference.name)/\(name)"] = value }
    }
    points = Self.points(of: values, time: started)
    artifacts = Self.kept(values)
    curves = Self.curves(values)
  }

  init(_ run: RegisteredRunRecord, in snapshot: Snapshot, id: String, parent: String?) {
    self.id = id
    name = run.name
    let source = run.importedFrom
    let isMLflow = source?["from"]?.string == MLflowRun.tool
    let recorded = isMLflow ? source?["status"]?.string : nil
    status = recorded.flatMap { Self.statuses.contains($0) ? $0 : nil } ?? Self.status(run.state)
    let times = run.circumstances["times"]
    started =
      (isMLflow ? source?["start_time"]?.int : nil)
      ?? times?["started"].flatMap(Self.milliseconds) ?? 0
    finished =
      (isMLflow ? source?["end_time"]?.int : nil) ?? times?["finished"].flatMap(Self.milliseconds)
    isDeleted = isMLflow && source?["lifecycle_stage"]?.string == "deleted"
    params = Self.flattened(run.config)
    tags = Self.tags(of: run, parent: parent)
    var points: [Point]?
    if let table = run.values.artifacts[LoggedPoints.table], isMLflow,
      let bytes = try? snapshot.artifact(table.digest)
    {
      points = Self.points(table: bytes)
    }
    self.points = points ?? Self.points(of: run.values, time: started)
    // Points with their times are metrics again.
    artifacts = Self.kept(run.values).filter {
      points == nil || !$0.path.utf8.elementsEqual(LoggedPoints.table.utf8)
    }
    curves = Self.curves(run.values)
  }

  private static let statuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]

  private static func status(_ state: RunState) -> String {
    switch state {
    case .completed: "FINISHED"
    case .failed: "FAILED"
    case .running: "RUNNING"
    case .planned: "SCHEDULED"
    case .interrupted: "KILLED"
    }
  }

  private static func own(_ id: Digest, slug: String) -> [(key: String, value: String)] {
    [(key: "dormouse.run", value: id.hex), (key: "dormouse.study", value: slug)]
  }

  /// Each key once: what it had in MLflow, else what a record says in its own way.
  private static func tags(of run: RegisteredRunRecord, parent: String?) -> [(
    key: String, value: String
  )] {
    var pairs: [(key: String, value: String)] = own(run.id, slug: run.slug)
    for member in run.importedFrom?["tags"]?.object?.members ?? [] {
      pairs.append((key: member.key.value, value: member.value.string ?? ""))
    }
    let isDeleted = run.importedFrom?["lifecycle_stage"]?.string == "deleted"
    for word in run.tags where !(isDeleted && word.utf8.elementsEqual("deleted".utf8)) {
      let sides = word.utf8.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false
      ).map { String(Substring($0)) }
      pairs.append((key: sides[0], value: sides.count > 1 ? sides[1] : ""))
    }
    if !run.name.isEmpty { pairs.append((key: "mlflow.runName", value: run.name)) }
    if !run.notes.isEmpty { pairs.append((key: "mlflow.note.content", value: run.notes)) }
    if let parent = parent ?? run.parent?.hex {
      pairs.append((key: "mlflow.parentRunId", value: parent))
    }
    if let commit = run.circumstances["environment"]?["git_commit"]?.string {
      pairs.append((key: "mlflow.source.git.commit", value: commit))
    }
    var seen: Set<JSON.Text> = []
    return pairs.filter { seen.insert(JSON.Text($0.key)).inserted }
  }

  /// As Python's `str` writes it, which is what MLflow keeps; the other way is `MLflowText.value`.
  private static func text(of value: JSON) -> String {
    switch value {
    case .bool(let flag): flag ? "True" : "False"
    case .string(let text): text.value
    case .double(let bits): bits.value.description
    case .integer(let integer): integer.digits
    case .null, .array, .object: value.canonicalText
    }
  }

  /// `optimizer.lr` and its text; lists as JSON.
  private static func flattened(_ object: JSON.Object) -> [(key: String, value: String)] {
    func flatten(_ key: String, _ value: JSON) -> [(key: String, value: String)] {
      guard let object = value.object, !object.isEmpty else {
        return [(key: key, value: text(of: value))]
      }
      return object.members.flatMap { flatten("\(key).\($0.key.value)", $0.value) }
    }
    var seen: Set<JSON.Text> = []
    return object.members.flatMap { flatten($0.key.value, $0.value) }
      .filter { seen.insert(JSON.Text($0.key)).inserted }
  }

  /// A scalar that is the last value of the series of its name is MLflow's latest value already; another one
  /// gets a name of its own.
  private static func points(of values: RecordedValues, time: Int) -> [Point] {
    var points: [Point] = []
    for (key, series) in values.series.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      for (step, value) in zip(series.steps, series.values) {
        points.append(Point(key: key, step: step, time: time, value: value))
      }
    }
    for (key, value) in values.scalars.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      let last = values.series[key]?.values.last
      if last?.bitPattern == value.bitPattern { continue }
      points.append(
        Point(key: last == nil ? key : "\(key).single", step: 0, time: time, value: value))
    }
    for (key, curve) in values.curves.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      let name = "\(key)/auroc"
      guard values.scalars[name] == nil, values.series[name] == nil else { continue }
      points.append(Point(key: name, step: 0, time: time, value: curve.auroc))
    }
    return points
  }

  /// Points as an import of MLflow kept them, with their times; nil when the table is not one of ours.
  private static func points(table bytes: [UInt8]) -> [Point]? {
    guard let table = try? DataTable(bytes, file: LoggedPoints.table),
      table.columns == ["metric", "step", "time_ms", "value"]
    else { return nil }
    var points: [Point] = []
    points.reserveCapacity(table.rows.count)
    for row in table.rows.indices {
      guard case .text(let key) = table.cell(row, 0), case .text(let step) = table.cell(row, 1),
        case .text(let time) = table.cell(row, 2), let step = Int(step), let time = Int(time),
        let value = table.cell(row, 3).number
      else { return nil }
      points.append(Point(key: key, step: step, time: time, value: value))
    }
    return points
  }

  private static func kept(_ values: RecordedValues) -> [(path: String, digest: Digest)] {
    values.artifacts.filter { $0.value.role == .kept }
      .sorted { JSON.Text($0.key) < JSON.Text($1.key) }
      .map { (path: $0.key, digest: $0.value.digest) }
  }

  private static func curves(_ values: RecordedValues) -> JSON? {
    values.curves.isEmpty
      ? nil : .object(JSON.Object(values.curves.map { ($0.key, $0.value.document) }))
  }

  /// Of seconds since 1970, or of RFC 3339.
  static func milliseconds(_ time: JSON) -> Int? {
    if let seconds = time.double {
      return seconds.magnitude < 1e12 ? Int((seconds * 1000).rounded()) : nil
    }
    guard let bytes = time.string.map({ Array($0.utf8) }), bytes.count >= 20 else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      Int(String(decoding: bytes[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
      let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
      let second = number(17..<19)
    else { return nil }
    // Days from 1970 of the proleptic Gregorian calendar; a year begins in March.
    let shifted = month <= 2 ? year - 1 : year
    let days =
      365 * shifted + shifted / 4 - shifted / 100 + shifted / 400
      + (153 * ((month + 9) % 12) + 2) / 5 + day - 1 - 719_468
    var rest = bytes[19...]
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(1 + digits.count)
      for place in 0..<3 {
        fraction =
          fraction * 10
          + (place < digits.count ? Int(digits[digits.startIndex + place]) - 0x30 : 0)
      }
    }
    var offset = 0
    if rest.count == 6, let sign = rest.first, sign == 0x2B || sign == 0x2D {
      let start = rest.startIndex
      guard let hours = number(start + 1..<start + 3), let minutes = number(start + 4..<start + 6)
      else { return nil }
      offset = (sign == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }
    return ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + fraction
  }
}
