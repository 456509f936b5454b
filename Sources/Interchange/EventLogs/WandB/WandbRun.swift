import Determinism
import Records
import Studies

/// A run of W&B, from its file or, when it was resumed, its files in the order of their making.
struct WandbRun {
  static let tool = "wandb"

  private var run = WandbRecord.Run()
  private var hasRun = false
  private var config = JSON.Object()
  private var summary: [JSON.Text: JSON] = [:]
  private var logged = LoggedRows()
  private var environment = JSON.Object()
  private var exit: Int?
  private var rows = 0
  private var lastTime: Double?
  private var unread = 0
  private var firstUnread: (file: String, offset: Int, message: String)?
  private var unreadValues = 0
  private var isCutOff = false

  // MARK: Reading

  mutating func read(_ file: ByteFile) throws(ForeignProblem) {
    var log = try WandbLog(file)
    exit = nil
    isCutOff = false
    while let (bytes, offset) = try log.next() {
      do throws(ProtobufReader.Problem) { take(try WandbRecord(bytes[...])) } catch {
        // Its check sum is right: another version's message, not damage.
        unread += 1
        if firstUnread == nil { firstUnread = (file.path, offset, error.message) }
      }
      guard logged.points.count <= LoggedPoints.most else {
        throw file.problem(offset, "more than \(LoggedPoints.most) points of one run")
      }
    }
    isCutOff = log.isCutOff
    guard hasRun else {
      throw file.problem(
        file.size, "holds no record of a run",
        hint: log.isCutOff
          ? "its writer was killed before it told anything" : "is it a file of W&B?")
    }
  }

  private mutating func take(_ record: WandbRecord) {
    switch record {
    case .history(let step, let items): take(items, step)
    case .summary(let update, let remove):
      for item in remove { summary[JSON.Text(item.name)] = nil }
      for item in update { set(item) }
    case .config(let update, let remove):
      for item in remove { Self.set(nil, at: item.keys[...], of: &config) }
      for item in update { configure(item) }
    case .run(let told):
      for item in told.config { configure(item) }
      for item in told.summary { set(item) }
      // A resumed run began when it first did.
      let started = run.started
      run = told
      if hasRun, let started { run.started = started }
      hasRun = true
    case .exit(let code): exit = code
    case .environment(let told):
      for member in told.members { environment[member.key.value] = member.value }
    case .other: break
    }
  }

  private mutating func set(_ item: WandbRecord.Item) {
    guard let value = item.value else {
      unreadValues += 1
      return
    }
    for (name, value) in LoggedRows.leaves(value, item.name) {
      summary[JSON.Text(name)] = value
    }
  }

  private mutating func configure(_ item: WandbRecord.Item) {
    guard let value = item.value else {
      unreadValues += 1
      return
    }
    Self.set(value, at: item.keys[...], of: &config)
  }

  private static func set(_ value: JSON?, at keys: ArraySlice<String>, of object: inout JSON.Object)
  {
    // Nested deeper than people write, it is no config.
    guard let key = keys.first, keys.count <= 64 else { return }
    guard keys.count > 1 else {
      object[key] = value
      return
    }
    var inner = object[key]?.object ?? JSON.Object()
    set(value, at: keys.dropFirst(), of: &inner)
    object[key] = .object(inner)
  }

  private mutating func take(_ items: [WandbRecord.Item], _ told: Int?) {
    let time = items.last { $0.name == "_timestamp" }?.value?.double
    let step = told ?? items.last { $0.name == "_step" }?.value?.int ?? rows
    rows += 1
    if let time, time.isFinite { lastTime = max(lastTime ?? time, time) }
    var row: [(name: String, value: JSON)] = []
    for item in items where !item.name.utf8.starts(with: "_".utf8) {
      if let value = item.value { row.append((item.name, value)) } else { unreadValues += 1 }
    }
    logged.take(row, at: step, time: ForeignTime.nanoseconds(time ?? 0))
  }

  // MARK: The run

  func foreignRun(
    options: ForeignOptions, file: String
  ) throws(ForeignProblem) -> ForeignRun {
    var remarks: [String] = []
    var logged = logged
    var values = RecordedValues()
    var artifacts = ForeignArtifacts(largest: options.largestArtifact)
    logged.put(into: &values, &artifacts, remarks: &remarks)
    put(&values, &remarks, &logged)
    if unreadValues > 0 {
      remarks.append("\(unreadValues) values are no JSON, or longer than 4 MiB; left out")
    }
    if let first = firstUnread {
      remarks.append(
        "\(unread == 1 ? "a record was" : "\(unread) records were") not read, first at byte \(first.offset): "
          + "\(first.message); another version of W&B may have written it")
    }
    values.artifacts = artifacts.references
    let record = RegisteredRunRecord(
      slug: options.study ?? ForeignSource.slug(from: run.project),
      name: short(run.name, "run name", &remarks),
      clientID: try ForeignSource.clientID(Self.tool, run.id, in: file), config: published,
      tags: tags(&remarks),
      state: state(&remarks),
      parent: nil, notes: notes(&remarks), values: values,
      circumstances: source(logged.lost).circumstances(
        environment: wholeEnvironment, started: started, finished: ForeignTime.moment(lastTime)))
    return ForeignRun(
      record: record, artifacts: artifacts.bytes, remarks: remarks + artifacts.remarks)
  }

  /// The summary, which is what W&B shows for a run: by default the latest of the history, else what the run
  /// itself put there.
  private func put(
    _ values: inout RecordedValues, _ remarks: inout [String], _ logged: inout LoggedRows
  ) {
    for (name, value) in summary.sorted(by: { $0.key < $1.key })
    where !name.value.utf8.starts(with: "_".utf8) {
      guard let number = logged.number(value) else { continue }
      if let problem = ForeignSource.problem(withName: name.value) {
        remarks.append("summary '\(Wording.shown(name.value))': a name \(problem); left out")
      } else {
        values.scalars[name.value] = number
      }
    }
  }

  private var published: JSON.Object {
    var config = config
    config["_wandb"] = nil
    return config
  }

  private var wholeEnvironment: JSON.Object {
    var environment = environment
    if let commit = run.commit { environment["git_commit"] = JSON(commit) }
    return environment
  }

  private var started: JSON? {
    run.started.flatMap { started in
      started.nanos == 0
        ? ForeignTime.moment(Double(started.seconds))
        : ForeignTime.moment(Double(started.seconds) + Double(started.nanos) / 1e9)
    }
  }

  private func source(_ lost: Set<String>) -> ForeignSource {
    var source = ForeignSource(tool: Self.tool)
    for (key, text) in [
      ("run_id", run.id), ("project", run.project), ("group", run.group), ("job_type", run.jobType),
      ("sweep_id", run.sweep),
    ] where !text.isEmpty { source.facts[key] = JSON(text) }
    if let started = run.started {
      source.facts["start_time"] = ["seconds": JSON(started.seconds), "nanos": JSON(started.nanos)]
    }
    if let exit { source.facts["exit_code"] = JSON(exit) }
    for what in lost.sorted() { source.lose(what) }
    return source
  }

  private func state(_ remarks: inout [String]) -> RunState {
    guard let exit, !isCutOff else {
      remarks.append(
        "run '\(Wording.shown(run.id))' does not tell its end: what stands there is imported, as interrupted"
      )
      return .interrupted
    }
    return exit == 0 ? .completed : .failed
  }

  private func tags(_ remarks: inout [String]) -> [String] {
    run.tags.compactMap { tag in
      let tag = short(tag, "tag", &remarks)
      return tag.isEmpty ? nil : tag
    }
  }

  private func short(_ text: String, _ what: String, _ remarks: inout [String]) -> String {
    guard !text.isEmpty, let problem = ForeignSource.problem(withName: text) else { return text }
    remarks.append("\(what) '\(Wording.shown(text))': it \(problem); left out")
    return ""
  }

  private func notes(_ remarks: inout [String]) -> String {
    guard run.notes.utf8.count > RunDocumentReader.longestNotes else { return run.notes }
    remarks.append(
      "its notes have \(run.notes.utf8.count) bytes; at most \(RunDocumentReader.longestNotes >> 20) MiB are "
        + "kept; left out")
    return ""
  }
}
