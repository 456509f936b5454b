import ArgumentParser
import Determinism
import Records

struct LogCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "The ledger, newest entries first: what was recorded, link by link.",
    discussion: """
      There is a hash chain for each study and each registry that records came from. Every link is computed anew; \
      the entries shown are also verified against their hashes. A broken one ends with status 1.

      \(ExitStatus.help)
      """)

  @Option(help: ArgumentHelp("Only chains of this study.", valueName: "slug"))
  var study: String?

  @Option(help: ArgumentHelp("At most so many entries of each chain.", valueName: "count"))
  var limit = 20

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit must be 0 or more") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.readOnly)
    let chains = try registry.chainLogs(slug: study, newest: limit)
    if let study, chains.isEmpty {
      throw Failure(.usage, "the registry has no study '\(study)'", hint: "dormouse list")
    }
    let head = try registry.head()
    if common.json {
      try terminal.say(["head": JSON(head), "chains": .array(chains.map(\.forMachines))])
    } else {
      try terminal.say(
        ["\(common.registryFolder) · \(counted(chains.count, "chain")) · head \(head.hex)"]
          + chains.flatMap(\.lines))
    }
    return chains.allSatisfy(\.isSound) ? .done : .no
  }
}

extension ChainLog {
  fileprivate var lines: [String] {
    let state =
      firstBreak.map { "BROKEN at entry \($0): not linked to what comes before it" }
      ?? "every link holds"
    var table = Table([
      ("entry", .right), ("kind", .left), ("record", .left), ("when", .left), ("what", .left),
    ])
    for entry in newest {
      table.add([
        "\(entry.position)", entry.kind, entry.record.short, entry.content?.moment ?? "—",
        entry.content?.summary ?? "MISSING, or not what was hashed",
      ])
    }
    return [
      "",
      "\(slug) · origin \(origin.short) · \(counted(length, "entry", "entries")) · \(state)"
        .forTerminal,
    ] + (table.isEmpty ? [] : table.lines)
  }

  fileprivate var forMachines: JSON {
    [
      "study": JSON(slug), "origin": JSON(origin), "length": JSON(length), "head": JSON(head),
      "broken_at": firstBreak.map { JSON($0) } ?? .null,
      "entries": .array(
        newest.map { entry in
          [
            "position": JSON(entry.position), "kind": JSON(entry.kind),
            "record": JSON(entry.record), "link": JSON(entry.link),
            "sound": JSON(entry.content != nil), "at": JSON(entry.content?.moment),
            "what": JSON(entry.content?.summary),
          ]
        }),
    ]
  }
}

extension AnyRecord {
  /// When it was made, as its circumstances say: nothing that is hashed with the values.
  fileprivate var moment: String? {
    switch self {
    case .study, .assessment: nil
    case .stage(let stage): stage.circumstances["at"]?.string
    case .run(let run): run.circumstances["at"]?.string
    case .freeze(let freeze): freeze.circumstances["at"]?.string
    case .rerun(let rerun): rerun.circumstances["at"]?.string
    case .registeredRun(let run): run.circumstances["times"]?["finished"]?.string
    case .annotation(let annotation): annotation.circumstances["at"]?.string
    case .tombstone(let tombstone): tombstone.circumstances["at"]?.string
    }
  }

  /// A line about it.
  fileprivate var summary: String {
    switch self {
    case .study(let study): return study.study["title"]?.string ?? study.slug
    case .stage(let stage):
      return "\(stage.step.kind)@\(stage.step.version) \(stage.key.short), seed \(stage.step.seed)"
    case .run(let run):
      return "run \(run.id.short), \(run.run.point.pointText), \(run.run.arm), seed \(run.run.seed)"
    case .freeze(let freeze):
      return counted(freeze.predictions.array?.count ?? 0, "prediction")
    case .assessment(let assessment):
      return "\(assessment.predictionID): \(assessment.result.rawValue)"
    case .rerun(let rerun): return "run \(rerun.run.short): \(rerun.verdict.rawValue)"
    case .registeredRun(let run):
      return "run \(run.id.short)\(run.name.isEmpty ? "" : ", \(run.name)"), \(run.state.rawValue)"
    case .tombstone(let tombstone):
      let bytes = tombstone.artifacts.reduce(0) { $0 + $1.size }
      return "removed \(counted(tombstone.artifacts.count, "artifact")), \(ByteCount(bytes).text)"
    case .annotation(let annotation):
      let tags = annotation.added.map { "+\($0)" } + annotation.removed.map { "-\($0)" }
      let note = annotation.note.linesForTerminal.first.map { ["\"\($0)\""] } ?? []
      return "run \(annotation.run.short): \((tags + note).joined(separator: " "))"
    case .tombstone(let tombstone):
      return "removed: \(counted(tombstone.artifacts.count, "artifact"))"
    }
  }
}
