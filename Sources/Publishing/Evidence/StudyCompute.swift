import Determinism
import Records
import Rendering
import Studies

/// What computing a study's runs took, as their stage results tell: each result counts once, however many runs
/// share it.
struct StudyCompute {
  struct Kind {
    let name: String
    let results: Int
    /// Results that tell how long they took.
    let timed: Int
    let seconds: Double
    let longest: Double
  }

  let kinds: [Kind]
  /// What the records of these stages name, each value once, sorted: `os`, `kernel_family`, …
  let facts: [(key: String, values: [String])]

  private static let told = [
    "cpu", "gpu", "kernel_family", "openblas_core", "os", "toolchain", "threads", "dormouse",
  ]

  init(_ runs: [RunView]) {
    var records: [Digest: StageRecord] = [:]
    for stage in runs.flatMap(\.stages) { records[stage.key] = stage.record }
    let sorted = records.sorted { $0.key < $1.key }.map(\.value)
    let byKind = Dictionary(grouping: sorted) { "\($0.step.kind)@\($0.step.version)" }
    kinds = byKind.sorted { JSON.Text($0.key) < JSON.Text($1.key) }.map { name, records in
      let seconds = records.compactMap { Circumstances(object: $0.circumstances).seconds }
      return Kind(
        name: name, results: records.count, timed: seconds.count, seconds: seconds.reduce(0, +),
        longest: seconds.max() ?? .nan)
    }
    let circumstances = sorted.map(\.circumstances)
    facts = Self.told.compactMap { key in
      let values = Set(circumstances.compactMap { $0[key].map { JSON.Text(Words.value($0)) } })
      return values.isEmpty ? nil : (key: key, values: values.sorted().map(\.value))
    }
    machines = Set(circumstances.compactMap { Circumstances(object: $0).machine }).count
    results = sorted.count
  }

  let machines: Int
  let results: Int
  var seconds: Double { kinds.map(\.seconds).reduce(0, +) }
  var timed: Int { kinds.map(\.timed).reduce(0, +) }

  func table(_ caption: String) -> Table {
    var table = Table(
      caption: caption,
      columns: [
        .init("Procedure"), .init("Stage results", numeric: true),
        .init("Time in total", numeric: true), .init("Longest", numeric: true),
      ])
    for kind in kinds {
      table.append(
        Table.Row([
          [.code(kind.name)], [.text(NumberText.count(kind.results))],
          [.text(kind.timed == 0 ? NumberText.missing : NumberText.duration(kind.seconds))],
          [.text(NumberText.duration(kind.longest))],
        ]))
    }
    return table
  }
}
