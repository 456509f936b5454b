import Determinism
import Records
import Rendering

/// Every run of the registry as data that a page's own script searches; the pages are complete without it.
struct RunsFinder {
  let index: SiteIndex

  /// Runs of one file: about 100 kB.
  static let shard = 1000
  /// A run registered from elsewhere has its name in the place of a point.
  private var columns: [String] {
    [
      "Run", "Study", "Arm", index.registered.isEmpty ? "Point" : "Point or name", "Seed", "Phase",
      "R1 before", "R1 after", "State", "Rerun",
    ]
  }

  /// Files by path. Each calls what the script has defined, so that it loads from `file://` too.
  var files: [String: String] {
    let rows = rows
    return Dictionary(
      uniqueKeysWithValues: shards.map { number in
        let texts = rows[number * Self.shard..<min((number + 1) * Self.shard, rows.count)]
          .map { JSON.array($0.map { JSON($0) }).canonicalText }.joined(separator: ",\n")
        return (Self.path(number), "(globalThis.dormouseRuns ??= []).push(\n\(texts)\n);\n")
      })
  }

  var block: Block {
    .finder(
      shards: shards.map { Link.page(Self.path($0)) }, columns: columns,
      note: "The page in HTML searches all runs.", chooser: ComparePage.path)
  }

  private static func path(_ number: Int) -> String { "runs/runs-\(number + 1).js" }

  /// Those that were performed here, then those from elsewhere. Behind the columns stands which file the script
  /// compares a run from.
  private var rows: [[String]] {
    let places = CompareShards(index: index).places
    return index.runs.map { row($0) + [places[$0.id] ?? ""] }
      + index.registered.map { row($0) + [places[$0.id] ?? ""] }
  }

  private var shards: Range<Int> {
    0..<(index.runs.count + index.registered.count + Self.shard - 1) / Self.shard
  }

  /// The run's folder (empty without a page), then the columns as text.
  private func row(_ run: RunView) -> [String] {
    let rates = RunsTable.rates(of: run)
    func text(_ rate: Double?) -> String { rate.map { NumberText.decimal($0, 3) } ?? "" }
    return [
      run.hasPage ? run.path : "", String(run.id.hex.prefix(10)), run.record.slug, run.arm,
      Words.point(run.record.run.point), String(run.seed), run.phase.rawValue, text(rates.before),
      text(rates.after), run.state.rawValue, run.lastVerdict?.rawValue ?? "NEVER-RERUN",
    ]
  }

  /// What has no place there has no text.
  private func row(_ run: RegisteredRunView) -> [String] {
    let outline = run.outline
    return [
      run.path, String(run.id.hex.prefix(10)), outline.slug, "", run.title, "", "", "", "",
      outline.state.rawValue,
      run.verdict?.rawValue ?? outline.verdictWithoutRerun,
    ]
  }
}
