import ArgumentParser
import Determinism
import Interchange
import Records

struct GcCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Say what the registry's folder can do without; remove it with --yes.",
    discussion: """
      Garbage is: artifacts that no record names, what writers that died had begun, resume points of stages that are \
      recorded or that nobody went on with, and the lines of live runs that are recorded. No record and no kept \
      artifact is ever among it. With --weights also artifacts that a rerun makes again (checkpoints): their digests \
      stay on record, and the ledger says that they were removed.

      \(ExitStatus.help)
      """)

  @Flag(help: "Remove it. Without this, nothing is changed.")
  var yes = false

  @Flag(
    help:
      "Also artifacts that a rerun makes again, unless a run that is not completed rests on them.")
  var weights = false

  @Flag(
    help: "Also record live runs that nobody follows any more, interrupted, and remove their lines."
  )
  var live = false

  @Option(help: ArgumentHelp("With --weights or --live: of this study alone.", valueName: "study"))
  var study: String?

  @Option(
    help: ArgumentHelp(
      "Leave alone what is younger: somebody may be about to record it.", valueName: "days"))
  var olderThan = 14

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (0...36_500).contains(olderThan) else {
      throw ValidationError("--older-than must be 0 to 36500 days")
    }
    if study != nil, !weights, !live {
      throw ValidationError("--study belongs to --weights or --live")
    }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    // With 0 days, what was written this very second counts as well.
    let now = Machine.secondsSince1970()
    let rules = GarbageRules(
      before: olderThan == 0 ? .max : now - olderThan * 86_400, weights: weights, study: study)
    let registry = try common.openRegistry(yes ? .existing : .readOnly)
    // A live run has an id of its owner's, so that it is known without its series.
    var closed: [StreamedRun] = []
    var garbage: [Garbage]
    if yes {
      if live { closed = try registry.closeLiveRuns(rules) }
      garbage = try registry.collect(rules, circumstances: circumstances())
      garbage += try registry.collectSpools()
    } else {
      if live { closed = try registry.abandonedLiveRuns(rules) }
      garbage = try registry.garbage(rules)
      garbage += try registry.leftSpools()
    }
    if common.json {
      try terminal.say(
        [
          "removed": JSON(yes), "bytes": JSON(garbage.reduce(0) { $0 + $1.size }),
          "garbage": .array(
            garbage.map {
              [
                "kind": JSON($0.kind.rawValue), "place": JSON($0.place), "bytes": JSON($0.size),
                "studies": .array($0.studies.map { JSON($0) }),
              ]
            }),
          "closed": .array(closed.map { JSON($0.run.id) }),
        ])
      return .done
    }
    for run in closed {
      try terminal.say(
        "\(yes ? "recorded" : "would record") live run \(run.run.id.short) · \(run.run.slug) · \(run.summary)"
          .forTerminal)
    }
    for item in garbage where !common.quiet {
      let studies = item.studies.isEmpty ? "" : " · \(item.studies.joined(separator: ", "))"
      try terminal.say(
        "\(yes ? "removed" : "would remove") \(item.kind.rawValue) \(item.place) · \(Self.text(item.size))\(studies)"
          .forTerminal)
    }
    let size = Self.text(garbage.reduce(0) { $0 + $1.size })
    try terminal.say(
      garbage.isEmpty && closed.isEmpty
        ? "nothing to collect"
        : yes
          ? "\(counted(garbage.count, "file")) removed, \(size)"
          : "\(counted(garbage.count, "file")), \(size); nothing was changed: add --yes to remove")
    return .done
  }

  /// Bytes as people say them.
  static func text(_ bytes: Int) -> String {
    if bytes < 1 << 10 { return counted(bytes, "byte") }
    let units = ["KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes) / 1024
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(Decimal.text(value, places: value < 10 ? 1 : 0)) \(units[unit])"
  }
}
