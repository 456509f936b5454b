import Determinism

/// Runs as documents and as a stream, the same for every party.
struct RegistryInputs {
  let points: Int
  /// The numbers of a series as a JSON list. One list serves all runs: nobody stores equal ones once.
  private let values: String

  init(points: Int) {
    self.points = points
    var stream = RandomStream(seed: 0, "benchmark/registry")
    values = (0..<points).map { _ in stream.uniform().description }.joined(separator: ",")
  }

  /// The metric of a run: rising, no two alike.
  static func metric(_ index: Int, of count: Int) -> Double { Double(index) / Double(count) }

  /// One document with its newline: 20 settings, one metric, one series. The first setting is another in every
  /// run, as a seed is; the last is `rare` in 20 of all.
  func document(_ index: Int, of count: Int, study: String = "bench") -> [UInt8] {
    let isRare = index.isMultiple(of: max(1, count / 20))
    let values = ["\(index)"] + (1..<19).map { "\($0)" } + [isRare ? "rare" : "19"]
    let settings = values.enumerated().map { "\"p\($0)\":\"\($1)\"" }.joined(separator: ",")
    let auroc = Self.metric(index, of: count).description
    return Array(
      """
      {"study":"\(study)","id":"r\(index)","name":"r\(index)","config":{\(settings)},\
      "metrics":{"auroc":\(auroc)},"series":{"loss":[\(values)]}}

      """.utf8)
  }

  /// Lines of a live run, in pieces: head, a line for each step, end.
  static func follow(points: Int, _ write: ([UInt8]) -> Bool) {
    var stream = RandomStream(seed: 1, "benchmark/registry")
    var piece = Array("{\"study\":\"bench\",\"id\":\"live\",\"config\":{\"lr\":0.1}}\n".utf8)
    for step in 0..<points {
      piece += "{\"step\": \(step), \"metrics\": {\"loss\": \(stream.uniform())}}\n".utf8
      if piece.count > 1 << 18 {
        guard write(piece) else { return }
        piece.removeAll(keepingCapacity: true)
      }
    }
    _ = write(piece + Array("{\"state\":\"completed\"}\n".utf8))
  }
}
