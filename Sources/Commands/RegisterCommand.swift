import ArgumentParser
import Determinism
import Execution
import Interchange
import Records
import Studies

struct RegisterCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Record runs that were done elsewhere, each from one JSON or YAML document.",
    discussion: """
      'dormouse schema' prints what a document may hold; the guide run-documents explains it. A run is durable when \
      its line is printed; with --lines many come in one stream, and --json answers each with a line. The same content registered again is the same run; other content under the same id is \
      refused. Nothing that a document contains is ever executed.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "A document, a folder with run.json or run.yaml, or - for standard input.", valueName: "file")
  )
  var files: [String] = []

  @Flag(help: "Each line of a file, or of standard input, is a document of its own.")
  var lines = false

  @Flag(
    help: ArgumentHelp(
      "Follow a live run on standard input: a line of JSON for its head, one for each step, one for its end."
    ))
  var follow = false

  @Option(
    help: ArgumentHelp(
      "Record nothing new: compare the document, executed again by its owner, with this run.",
      valueName: "run"))
  var asRerunOf: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if lines, follow || asRerunOf != nil {
      throw ValidationError("--lines takes finished documents, to be recorded")
    }
    if follow {
      guard files.isEmpty || files == ["-"] else {
        throw ValidationError("--follow reads standard input, and no file")
      }
      guard asRerunOf == nil else {
        throw ValidationError("--as-rerun-of takes a finished document, not --follow")
      }
    } else if files.isEmpty {
      throw ValidationError("Missing expected argument '<file> ...'")
    }
    if asRerunOf != nil, files.count != 1 {
      throw ValidationError("--as-rerun-of compares one document")
    }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    if follow { return try Follower(terminal: terminal, common: common).perform() }
    if let asRerunOf {
      return try compare(try RunDocument(named: files[0]), with: asRerunOf, on: terminal)
    }
    guard files.count(where: { $0 == "-" }) <= 1 else {
      throw Failure(.usage, "standard input is read once", hint: "name '-' once")
    }
    var intake = Intake(terminal: terminal, common: common, isStream: lines)
    for file in files {
      if lines {
        try intake.takeLines(of: file)
      } else {
        try intake.take(from: file) { () throws in try RunDocument(named: file) }
      }
    }
    return try intake.finish()
  }

  private func compare(_ document: RunDocument, with name: String, on terminal: Terminal) throws
    -> ExitStatus
  {
    let registry = try common.openRegistry(.existing)
    let snapshot = try registry.snapshot()
    guard case .registered(let outline) = try snapshot.anyRun(named: name) else {
      throw Failure(
        .usage, "run '\(name)' was performed by dormouse, which can do so again",
        hint: "dormouse rerun \(name)")
    }
    let recorded = try snapshot.record(of: outline)
    var facts = circumstances()
    facts["engine"] = "external"
    let rerun = ExternalRerun(recorded: recorded, again: document.record)
      .judge(
        tolerances: try snapshot.frozenTolerances(of: recorded.slug), circumstances: facts,
        verify: { try registry.verify(registered: recorded.id) })
    try registry.record(rerun)
    if common.json {
      try terminal.say(rerun.document)
    } else {
      try terminal.say("run \(recorded.id.short) · \(recorded.slug) · \(rerun.verdict.rawValue)")
      try terminal.say("\(counted(rerun.compared, "value")) compared; executed by its owner")
      for line in rerun.lines { try terminal.say(line.forTerminal) }
    }
    return rerun.verdict.status
  }
}

extension RunDocument {
  /// From a path, or from standard input for `-`; paths in it are then relative to where we are.
  init(named file: String) throws {
    guard file == "-" else {
      try self.init(contentsOf: file)
      return
    }
    try self.init(try Files.standardInput(limit: 256 << 20), file: "<stdin>", folder: ".")
  }
}

extension RegisteredRunRecord {
  var summary: String { StreamedRun(self).summary }
}

extension StreamedRun {
  /// `completed: 12 metrics, 2 series with 200 points, 1 curve, 1 artifact`; without what there is none of.
  var summary: String {
    let values = run.values
    let points = series.values.reduce(0) { $0 + $1.count }
    let parts = [
      values.scalars.isEmpty ? nil : counted(values.scalars.count, "metric"),
      series.isEmpty ? nil : "\(series.count) series with \(counted(points, "point"))",
      values.curves.isEmpty ? nil : counted(values.curves.count, "curve"),
      values.artifacts.isEmpty ? nil : counted(values.artifacts.count, "artifact"),
    ].compactMap { $0 }
    let state = run.state.rawValue
    return parts.isEmpty ? state : "\(state): \(parts.joined(separator: ", "))"
  }
}
