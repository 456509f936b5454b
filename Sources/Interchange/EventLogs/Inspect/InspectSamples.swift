import Determinism
import Studies

/// The samples of a log, gone through once: the table of them, and what `--map` makes of them.
struct InspectSamples {
  /// Bytes of the longest table; a longer one is left in the log.
  private static let longestTable = 256 << 20
  /// Different fields of samples that are told.
  private static let mostFields = 1000

  /// What of a sample is looked at, besides what the map names.
  static let parts = ["id", "epoch", "error", "scores", "metadata"]

  private(set) var map: SampleMap
  private(set) var count = 0
  /// How many ended with an error.
  private(set) var errors = 0
  /// A line of JSON for each.
  private(set) var table: [UInt8] = []
  private(set) var isTableComplete = true
  private(set) var hasEpochs = false
  private var fields: Set<JSON.Text> = []

  init(map: SampleMap) { self.map = map }

  /// Their scores and metadata by path, sorted.
  var fieldNames: [String] { fields.sorted().map(\.value) }

  mutating func take(_ sample: JSON.Object) {
    count += 1
    let hasFailed = sample["error"].map { $0 != .null } ?? false
    if hasFailed { errors += 1 }
    if (sample["epoch"]?.int ?? 1) > 1 { hasEpochs = true }
    map.take(sample)
    let values = SampleField.table(of: sample)
    if fields.count < Self.mostFields { fields.formUnion(values.map { JSON.Text($0.path) }) }
    guard isTableComplete else { return }
    var line = [("id", sample["id"] ?? .null), ("epoch", sample["epoch"] ?? 1)]
    if hasFailed { line.append(("error", true)) }
    line += values.map { ($0.path, $0.value) }
    table += JSON.object(JSON.Object(line)).canonicalBytes
    table.append(0x0A)
    if table.count > Self.longestTable {
      isTableComplete = false
      table = []
    }
  }

  var remarks: [String] {
    var remarks = map.remarks
    if errors > 0 { remarks.append("\(errors) of \(count) samples ended with an error") }
    if !isTableComplete {
      remarks.append(
        "the scores of single samples stay in the log: more than \(Self.longestTable >> 20) MiB")
    }
    if hasEpochs, map.hasRates {
      remarks.append(
        "epochs of a sample count as samples of their own: the intervals are too narrow if they agree"
      )
    }
    if map.isEmpty, !fields.isEmpty {
      let shown = fieldNames.prefix(20).map(Wording.shown)
      remarks.append(
        "samples tell more with --map, as in trigger=metadata.trigger,defected=scores.X; they have: "
          + shown.joined(separator: ", ") + (fields.count > 20 ? ", …" : ""))
    }
    return remarks
  }
}
