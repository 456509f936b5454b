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

  /// One document with its newline: 20 settings, one metric, one series.
  func document(_ index: Int, of count: Int, study: String = "bench") -> [UInt8] {
    let settings = (0..<20).map { "\"p\($0)\":\"\($0)\"" }.joined(separator: ",")
    let auroc = (Double(index) / Double(count)).description
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
