import Records

/// One series of a live run: its last points in memory, those before them in a file, block by block.
struct PointColumn {
  struct Point {
    let step: Int
    let value: Double
  }

  /// Points that were put aside together.
  private struct Block {
    /// In the file.
    let place: Int
    /// Points of the series before it.
    let start: Int
  }

  let name: String
  let utf8: [UInt8]
  private(set) var last: Int?
  private var recent: [Point] = []
  private var blocks: [Block] = []
  /// Points in the blocks.
  private var settled = 0
  /// Where the next look-up may well find its step: who repeats points repeats them in order.
  private var hint = 0

  init(name: String) {
    self.name = name
    utf8 = Array(name.utf8)
  }

  var count: Int { settled + recent.count }

  mutating func append(_ value: Double, at step: Int) {
    last = step
    recent.append(Point(step: step, value: value))
  }

  /// Moves the recent points to the file.
  mutating func settle(in file: ScratchFile) throws {
    if recent.isEmpty { return }
    let place = try recent.withUnsafeBytes(file.append)
    blocks.append(Block(place: place, start: settled))
    settled += recent.count
    recent = []
  }

  /// The value at a step, if there is one; in logarithmic time.
  mutating func value(at step: Int, in file: ScratchFile?) throws -> Double? {
    var (low, high) = (0, count)
    // The place after the last one that was found, before all others.
    var middle = min(hint, max(0, count - 1))
    while low < high {
      let point = try point(middle, in: file)
      if point.step == step {
        hint = middle + 1
        return point.value
      }
      if point.step < step { low = middle + 1 } else { high = middle }
      middle = (low + high) / 2
    }
    return nil
  }

  private func point(_ index: Int, in file: ScratchFile?) throws -> Point {
    guard index < settled, let file else { return recent[index - settled] }
    var (low, high) = (0, blocks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].start <= index { low = middle } else { high = middle }
    }
    var point = Point(step: 0, value: 0)
    let place = blocks[low].place + MemoryLayout<Point>.stride * (index - blocks[low].start)
    try withUnsafeMutableBytes(of: &point) { try file.read(from: place, into: $0) }
    return point
  }

  /// As they stand now, whatever comes after.
  func points(in file: ScratchFile?) -> SeriesPoints {
    SeriesPoints(count: count) { body in
      func tell(_ points: ArraySlice<Point>) throws {
        try body(points.map(\.step)[...], points.map(\.value)[...])
      }
      if let file {
        for (index, block) in blocks.enumerated() {
          let end = index + 1 < blocks.count ? blocks[index + 1].start : settled
          for start in stride(from: block.start, to: end, by: SeriesPoints.piece) {
            var points = [Point](
              repeating: Point(step: 0, value: 0), count: min(SeriesPoints.piece, end - start))
            let place = block.place + MemoryLayout<Point>.stride * (start - block.start)
            try points.withUnsafeMutableBytes { try file.read(from: place, into: $0) }
            try tell(points[...])
          }
        }
      }
      for start in stride(from: 0, to: recent.count, by: SeriesPoints.piece) {
        try tell(recent[start..<min(start + SeriesPoints.piece, recent.count)])
      }
    }
  }
}
