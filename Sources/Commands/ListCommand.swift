import ArgumentParser
import Determinism
import Interchange
import Records
import Studies

struct ListCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runs of a registry, one a line.",
    discussion: """
      Conditions, sort keys and columns name settings, metrics and facts alike: state, arm, seed, \
      optimizer.lr, metric.auroc, tag, prediction.ID. The guide queries has the language.

      \(ExitStatus.help)
      """)

  @OptionGroup var filter: RunFilter

  @Option(
    help: ArgumentHelp(
      "Only runs with the settings of this one: was it done before?", valueName: "run"))
  var sameConfig: String?

  @Option(help: ArgumentHelp("Order by this, KEY or KEY:desc; may be repeated.", valueName: "key"))
  var sort: [SortArgument] = []

  @Option(
    help: ArgumentHelp(
      "These columns in place of the usual ones: id,seed,metric.auroc; config.* and metric.* stand for all.",
      valueName: "keys"))
  var columns: ColumnList?

  @Option(help: ArgumentHelp("At most so many runs.", valueName: "count"))
  var limit: Int?

  @Flag(help: "Print CSV; without --columns every fact, setting and metric.")
  var csv = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must be 0 or more") }
    if csv, common.json { throw ValidationError("--csv and --json are two answers") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    var query = try filter.query()
    let registry = try common.openRegistry(.readOnly)
    query.sameConfigAs = try sameConfig.map { try RunName($0).id(in: registry) }
    query.sort = sort.map(\.key)
    query.limit = limit
    query.columns = columns?.columns ?? (csv ? ColumnList.everything : [])
    query.wantsMetrics = !csv && columns == nil
    query.wantsSettings = common.json && columns == nil
    let selection = try registry.select(query, live: registry.liveRuns())
    if csv {
      try terminal.write(bytes: selection.csv.bytes)
    } else if common.json {
      try terminal.say(
        .array(selection.runs.map { columns == nil ? $0.document : selection.document(of: $0) }))
    } else {
      try terminal.say(lines(selection))
    }
    return .done
  }

  private func lines(_ selection: RunSelection) -> [String] {
    let total = counted(selection.total, "run")
    let shown = selection.runs.count
    let which =
      shown < selection.matched ? "\(shown) of \(selection.matched) matching, of" : "\(shown) of"
    var lines = ["\(which) \(total) in \(common.registryFolder) · head \(selection.head.short)"]
    guard columns == nil else { return lines + (shown == 0 ? [] : [""] + selection.table.lines) }
    let hasTags = selection.runs.contains { !$0.tags.isEmpty }
    var planned = Table(
      [
        ("run", .left), ("study", .left), ("point", .left), ("arm", .left), ("seed", .right),
        ("phase", .left), ("state", .left), ("rerun", .left),
      ] + (hasTags ? [("tags", .left)] : []))
    var registered = Table(
      [
        ("registered", .left), ("study", .left), ("name", .left), ("state", .left),
        ("rerun", .left), ("metrics", .left),
      ] + (hasTags ? [("tags", .left)] : []))
    for run in selection.runs {
      let tags = hasTags ? [run.tags.isEmpty ? "—" : run.tags.joined(separator: ", ")] : []
      let summary = run.summary
      let state = summary.state.rawValue
      switch summary.body {
      case .planned(let arm, let seed, let phase, _, _):
        planned.add(
          [
            summary.id.short, summary.slug, summary.settings.pointText, arm, "\(seed)",
            phase.rawValue, state, run.verdict,
          ] + tags)
      case .registered(let name, _, _, _):
        registered.add(
          [
            summary.id.short, summary.slug, name.isEmpty ? "—" : name, state, run.verdict,
            run.keyMetrics,
          ] + tags)
      }
    }
    for table in [planned, registered] where !table.isEmpty { lines += [""] + table.lines }
    return lines
  }
}

/// `KEY`, `KEY:desc` or `KEY:asc`.
struct SortArgument: ExpressibleByArgument {
  let key: RunQuery.SortKey

  init?(argument: String) {
    var name = argument
    var isDescending = false
    for (ending, descends) in [(":desc", true), (":asc", false)]
    where name.utf8.reversed().starts(with: ending.utf8.reversed()) {
      name.removeLast(ending.utf8.count)
      isDescending = descends
      break
    }
    guard let key = RunKey(name) else { return nil }
    self.key = RunQuery.SortKey(key, isDescending: isDescending)
  }
}

/// `id,seed,metric.auroc,config.*`.
struct ColumnList: ExpressibleByArgument {
  let columns: [RunQuery.Column]

  init?(argument: String) {
    let names = argument.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    let columns = names.map { RunQuery.Column(String(Substring($0))) }
    guard !columns.contains(nil) else { return nil }
    self.columns = columns.compactMap { $0 }
  }

  /// What a table of every run has.
  static let everything: [RunQuery.Column] =
    ["id", "kind", "study", "name", "arm", "seed", "phase", "state", "rerun", "tag"]
    .compactMap { RunQuery.Column($0) } + [.allSettings, .allMetrics]
}
