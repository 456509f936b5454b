import Determinism
import Records
import Rendering

/// Every run of the registry as data that a page's own script searches; the pages are complete without it.
struct RunsFinder {
  let index: SiteIndex

  /// Runs of one file: about 100 kB.
  static let shard = 1000
  static let columns = [
    "Run", "Study", "Arm", "Point", "Seed", "Phase", "R1 before", "R1 after", "State", "Rerun",
  ]

  /// Files by path. Each calls what the script has defined, so that it loads from `file://` too.
  var files: [String: String] {
    Dictionary(
      uniqueKeysWithValues: shards.enumerated().map { number, runs in
        let rows = runs.map { JSON.array(row($0)).canonicalText }.joined(separator: ",\n")
        return (Self.path(number), "(globalThis.dormouseRuns ??= []).push(\n\(rows)\n);\n")
      })
  }

  var block: Block {
    .finder(
      shards: shards.indices.map { Link.page(Self.path($0)) }, columns: Self.columns,
      note: "The page in HTML searches all runs.")
  }

  private static func path(_ number: Int) -> String { "runs/runs-\(number + 1).js" }

  private var shards: [[RunView]] {
    let runs = index.runs
    return stride(from: 0, to: runs.count, by: Self.shard).map {
      Array(runs[$0..<min($0 + Self.shard, runs.count)])
    }
  }

  /// The run's folder (empty without a page), then the columns as text.
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
}
