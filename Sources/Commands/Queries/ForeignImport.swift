import Determinism
import Interchange
import Records

/// Brings the runs of another tool into the registry, one after the other.
struct ForeignImport {
  let terminal: Terminal
  let common: CommonOptions

  /// A store with more broken runs than this is no store, or not of this kind.
  private static let mostProblems = 100
  /// Remarks of one wording are told once, and no more than people read.
  private static let mostRemarks = 20

  private struct Tally {
    var new = 0
    var known = 0
    var successors = 0
    var kept = 0
    var problems: [ForeignProblem] = []
    /// In order of coming, with how many runs each was about.
    var remarks: [(text: String, count: Int)] = []
    private var places: [JSON.Text: Int] = [:]
    /// Runs by study.
    var studies: [JSON.Text: Int] = [:]
    /// What formats had lost, by runs.
    var lost: [JSON.Text: Int] = [:]
    var runs: [JSON] = []

    mutating func remark(_ text: String) {
      if let place = places[JSON.Text(text)] {
        remarks[place].count += 1
      } else {
        places[JSON.Text(text)] = remarks.count
        remarks.append((text: text, count: 1))
      }
    }
  }

  func perform(
    _ kind: any ForeignStore.Type, path: String, options: ForeignOptions
  ) throws -> ExitStatus {
    // Before a registry is made for nothing.
    var store = try kind.init(path: path, options: options)
    let registry = try common.openRegistry(.create)
    var tally = Tally()
    let status = try take(&store, into: registry, &tally)
    for remark in store.remarks { tally.remark(remark) }
    try report(tally, kind.name, registry)
    return status ?? (tally.problems.isEmpty ? .done : .couldNotFinish)
  }

  private func take(
    _ store: inout any ForeignStore, into registry: Registry, _ tally: inout Tally
  ) throws -> ExitStatus? {
    var bar = CountingBar(terminal: terminal, isQuiet: common.quiet, what: "run")
    defer { bar.finish() }
    while true {
      if let signal = Signals.pending { return Signals.status(of: signal) }
      do {
        guard let run = try store.nextRun() else { return nil }
        note(run, try registry.register(run), &tally)
      } catch let problem as ForeignProblem {
        bar.finish()
        terminal.note(Failure(describing: problem).text)
        tally.problems.append(problem)
        if tally.problems.count == Self.mostProblems {
          terminal.note("error: \(Self.mostProblems) runs could not be read: no more are tried")
          return .couldNotFinish
        }
      }
      bar.advance()
    }
  }

  private func note(
    _ run: ForeignRun, _ registered: (outcome: ForeignOutcome, record: RegisteredRunRecord),
    _ tally: inout Tally
  ) {
    let record = registered.record
    var word = "new"
    switch registered.outcome {
    case .new: tally.new += 1
    case .known:
      tally.known += 1
      word = "known"
    case .successor:
      tally.successors += 1
      word = "successor"
    case .kept(let changed):
      tally.kept += 1
      word = "kept"
      tally.remark(
        "changed in the source since, and kept as recorded: \(changed.joined(separator: ", "))")
    }
    if registered.outcome != .known { for remark in run.remarks { tally.remark(remark) } }
    tally.studies[JSON.Text(record.slug), default: 0] += 1
    for lost in record.importedFrom?["lost"]?.array ?? [] {
      if let text = lost.string { tally.lost[JSON.Text(text), default: 0] += 1 }
    }
    if common.json {
      tally.runs.append(
        [
          "run": JSON(record.id), "client_id": JSON(record.clientID), "study": JSON(record.slug),
          "outcome": JSON(word), "remarks": .array(run.remarks.map { JSON($0) }),
        ])
    }
  }

  private func report(_ tally: Tally, _ tool: String, _ registry: Registry) throws {
    let head = try registry.snapshot().head
    if !common.quiet {
      for remark in tally.remarks.prefix(Self.mostRemarks) {
        let count = remark.count > 1 ? " (\(remark.count) times)" : ""
        terminal.note("remark: \(remark.text)\(count)".forTerminal)
      }
      if tally.remarks.count > Self.mostRemarks {
        terminal.note(
          "remark: … and \(tally.remarks.count - Self.mostRemarks) more: --json has all")
      }
    }
    if common.json {
      try terminal.say(
        [
          "from": JSON(tool), "runs": .array(tally.runs), "new": JSON(tally.new),
          "known": JSON(tally.known), "successors": JSON(tally.successors),
          "kept": JSON(tally.kept), "head": JSON(head),
          "problems": .array(tally.problems.map { JSON($0.problem) }),
          "remarks": .array(tally.remarks.map { JSON($0.text) }),
        ])
      return
    }
    let added = tally.new + tally.successors
    let parts = [
      added == 0 ? "nothing new" : "\(counted(added, "run")) added",
      tally.successors > 0 ? "\(tally.successors) of them changed since an earlier import" : nil,
      tally.known + tally.kept > 0 ? "\(tally.known + tally.kept) imported before" : nil,
      tally.problems.isEmpty ? nil : "\(tally.problems.count) could not be read",
    ].compactMap { $0 }
    try terminal.say("\(tool): \(parts.joined(separator: ", ")) · head \(head.short)")
    for (study, count) in tally.studies.sorted(by: { $0.key < $1.key }) {
      try terminal.say("study \(study.value): \(counted(count, "run"))".forTerminal)
    }
    for (lost, count) in tally.lost.sorted(by: { $0.key < $1.key }) {
      try terminal.say(
        "lost before the import: \(lost.value) (\(counted(count, "run")))".forTerminal)
    }
  }
}
