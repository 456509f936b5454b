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
    let places = CompareShards(index: index).places
    let registered = index.registered.map { row($0) + [JSON(places[$0.id])] }
    let rows = index.runs.map { row($0) + [JSON(places[$0.id])] } + registered
    return Dictionary(
      uniqueKeysWithValues: Self.starts(rows.count).enumerated().map { number, start in
        let rows = rows[start..<min(start + Self.shard, rows.count)]
          .map { JSON.array($0).canonicalText }.joined(separator: ",\n")
        return (Self.path(number), "(globalThis.dormouseRuns ??= []).push(\n\(rows)\n);\n")
      })
  }

  var block: Block {
    .finder(
      shards: Self.starts(index.runs.count + index.registered.count).enumerated().map {
        .page(Self.path($0.offset))
      }, columns: columns, note: "The page in HTML searches all runs.", chooser: ComparePage.path)
  }

  private static func path(_ number: Int) -> String { "runs/runs-\(number + 1).js" }

  private static func starts(_ count: Int) -> [Int] { Array(stride(from: 0, to: count, by: shard)) }

  /// The run's folder (empty without a page), then the columns as text. Behind them stands which file the script
  /// compares it from.
  private func row(_ run: RunView) -> [JSON] {
    let rates = RunsTable.rates(of: run)
    func text(_ rate: Double?) -> String { rate.map { NumberText.decimal($0, 3) } ?? "" }
    let texts = [
      run.hasPage ? run.path : "", String(run.id.hex.prefix(10)), run.record.slug, run.arm,
      Words.point(run.record.run.point), String(run.seed), run.phase.rawValue, text(rates.before),
      text(rates.after), run.state.rawValue, run.lastVerdict?.rawValue ?? "NEVER-RERUN",
    ]
    return texts.map { JSON($0) }
  }

  private func row(_ run: RegisteredRunView) -> [JSON] {
    [
      run.path, String(run.id.hex.prefix(10)), run.record.slug, "", run.title, "", "", "", "",
      run.record.state.rawValue, run.verdict?.rawValue ?? run.record.verdictWithoutRerun,
    ].map { JSON($0) }
  }
}
