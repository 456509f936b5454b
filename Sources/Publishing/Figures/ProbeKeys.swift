import Records

/// The keys under which probe stages record, taken apart: `detector/position/layer/set/statistic`.
struct ProbeKeys {
  /// Positions at which a stage read, in order of the sequence.
  let positions: [String]
  /// `L0`, `L1`, …
  let layers: [String]
  let detectors: [String]

  init(_ record: StageRecord) {
    var positions: Set<String> = []
    var layers: Set<Int> = []
    var detectors: Set<String> = []
    for key in record.scalars.keys {
      let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard parts.count >= 4 else { continue }
      let part = { (index: Int) in String(decoding: Array(parts[index]), as: UTF8.self) }
      if part(0) != "random" { detectors.insert(part(0)) }
      positions.insert(part(1))
      if parts[2].first == UInt8(ascii: "L"),
        let layer = Int(String(decoding: Array(parts[2].dropFirst()), as: UTF8.self))
      {
        layers.insert(layer)
      }
    }
    let known = ["prompt-end", "decision"]
    self.positions =
      known.filter(positions.contains) + positions.subtracting(known).sorted()
    self.layers = layers.sorted().map { "L\($0)" }
    self.detectors =
      Words.detectors.filter(detectors.contains)
      + detectors.subtracting(Words.detectors).sorted()
  }

  /// A detector without a layer records under `all`.
  static func value(
    _ run: RunView, _ stage: String, _ detector: String, _ position: String, _ layer: String,
    _ rest: String
  ) -> Double? {
    run.scalar(stage, "\(detector)/\(position)/\(layer)/\(rest)")
      ?? (layer == "primary"
        ? run.scalar(stage, "\(detector)/\(position)/all/\(rest)") : nil)
  }
}
