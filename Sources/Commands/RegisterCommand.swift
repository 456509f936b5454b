import ArgumentParser
import Determinism
import Interchange
import Records

struct RegisterCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Record runs that were done elsewhere, each from one JSON or YAML document.",
    discussion: """
      'dormouse schema' prints what a document may hold; the guide run-documents explains it. A run is durable when \
      its line is printed. The same content registered again is the same run; other content under the same id is \
      refused. Nothing that a document contains is ever executed.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "A document, a folder with run.json or run.yaml, or - for standard input.", valueName: "file")
  )
  var files: [String]

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    guard files.count(where: { $0 == "-" }) <= 1 else {
      throw Failure(.usage, "standard input is read once", hint: "name '-' once")
    }
    var registry: Registry?
    var answers: [JSON] = []
    var status = ExitStatus.done
    for file in files {
      let document: RunDocument
      do { document = try RunDocument(named: file) } catch {
        // Other documents are no worse for it; the status tells.
        terminal.note(Failure(describing: error).text)
        status = .usage
        continue
      }
      for remark in document.remarks where !common.quiet {
        terminal.note("remark: \(remark)".forTerminal)
      }
      if registry == nil { registry = try common.openRegistry(.create) }
      guard let registry else { continue }
      let isNew = try registry.register(document.record, artifacts: document.artifacts)
      if common.json {
        answers.append(answer(document, file: file, isNew: isNew))
      } else {
        try terminal.say(line(document.record, isNew: isNew).forTerminal)
      }
    }
    if common.json { try terminal.say(.array(answers)) }
    return status
  }

  private func line(_ run: RegisteredRunRecord, isNew: Bool) -> String {
    let what = isNew ? run.summary : "registered before, with the same content"
    return "run \(run.id.short) · \(run.slug)\(run.name.isEmpty ? "" : " · \(run.name)") · \(what)"
  }

  private func answer(_ document: RunDocument, file: String, isNew: Bool) -> JSON {
    let run = document.record
    return [
      "run": JSON(run.id), "record": JSON(Digest(of: run.document)), "study": JSON(run.slug),
      "file": JSON(file), "new": JSON(isNew),
      "remarks": .array(document.remarks.map { JSON($0) }),
    ]
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
  /// `completed: 12 metrics, 2 series with 200 points, 1 curve, 1 artifact`.
  var summary: String {
    let points = values.series.values.reduce(0) { $0 + $1.steps.count }
    let series = values.series.count
    let parts = [
      counted(values.scalars.count, "metric"),
      "\(series) series with \(counted(points, "point"))",
      counted(values.curves.count, "curve"), counted(values.artifacts.count, "artifact"),
    ]
    return "\(state.rawValue): \(parts.joined(separator: ", "))"
  }
}
