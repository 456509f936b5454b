import ArgumentParser
import Determinism
import Records
import Studies

struct ShowCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: its stages, its numbers, its reruns, its notes.",
    discussion: ExitStatus.help)

  @Argument(help: ArgumentHelp("The first digits of a run's id.", valueName: "run"))
  var name: String

  @Option(help: ArgumentHelp("Only values whose name contains this text.", valueName: "text"))
  var values: String?

  @Option(
    help: ArgumentHelp(
      "Every point of this series: loss, or stage:loss of a run with stages; may be repeated.",
      valueName: "name"))
  var series: [String] = []

  @Flag(help: "Print CSV: the points of --series, or every metric.")
  var csv = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if csv, common.json { throw ValidationError("--csv and --json are two answers") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.readOnly)
    if !series.isEmpty {
      try SeriesReport(registry: registry, run: RunName(name), names: series)
        .print(on: terminal, as: csv ? .csv : common.json ? .json : .text)
      return .done
    }
    let details = try RunName(name).details(in: registry, readingSeries: common.json)
    if csv {
      var table = CSV(columns: ["metric", "value"])
      for (name, value) in details.metrics(containing: values) {
        table.append([.text(name), .number(value)])
      }
      try terminal.write(bytes: table.bytes)
      return .done
    }
    if common.json, let values {
      try terminal.say(
        [
          "id": JSON(details.id), "state": JSON(details.state.rawValue),
          "metrics": .object(
            JSON.Object(details.metrics(containing: values).map { ($0.name, JSON($0.value)) })),
        ])
      return .done
    }
    switch details.body {
    case .planned(let run, let stages):
      try PlannedRunReport(details: details, run: run, stages: stages, only: values)
        .print(on: terminal, asJSON: common.json)
    case .registered(let run):
      // The points of a recorded run are not in `run`: they are looked at where they lie.
      let series =
        try registry.withRegisteredRun(details.id) {
          try RegisteredRunReport.lines(about: $0.series)
        } ?? RegisteredRunReport.lines(about: StreamedRun(run).series)
      try RegisteredRunReport(details: details, run: run, series: series, only: values)
        .print(on: terminal, asJSON: common.json)
    }
    return .done
  }
}

extension RunDetails {
  /// Single numbers by name, `stage:name` of a run with stages, sorted by bytes.
  func metrics(containing text: String?) -> [(name: String, value: Double)] {
    values.scalars.map { (JSON.Text($0.key), $0.value) }.sorted { $0.0 < $1.0 }
      .filter { name, _ in text.map { name.value.contains(bytesOf: $0) } ?? true }
      .map { (name: $0.0.value, value: $0.1) }
  }

  var tagLines: [String] {
    tags.isEmpty ? [] : ["tags     \(tags.joined(separator: ", "))".forTerminal]
  }

  /// Notes of afterwards, oldest first, under a heading.
  var noteLines: [String] {
    let notes = annotations.filter { !$0.note.isEmpty }
    if notes.isEmpty { return [] }
    return ["", "notes"]
      + notes.flatMap { annotation -> [String] in
        let moment = annotation.circumstances["at"]?.string ?? "at an unknown time"
        return ["  \(moment)".forTerminal]
          + annotation.note.linesForTerminal.map { "    \($0)" }
      }
  }

  var annotationDocuments: JSON { .array(annotations.map(\.document)) }
}

extension String {
  func contains(bytesOf text: String) -> Bool {
    text.isEmpty || Array(utf8).contains(Array(text.utf8))
  }
}
