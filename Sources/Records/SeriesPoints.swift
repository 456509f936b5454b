import Determinism
import Studies

/// A series wherever its points lie: in memory, in a file, in the database. They are told in pieces and in
/// order, as often as somebody asks, so that nobody has to hold all of them.
package struct SeriesPoints {
  package typealias Piece = (_ steps: ArraySlice<Int>, _ values: ArraySlice<Double>) throws -> Void

  package let count: Int
  private let tell: (Piece) throws -> Void

  /// Points of a piece, at most.
  package static let piece = 4096

  /// - Parameter tell: tells `count` points by rising steps, `piece` at a time at most.
  package init(count: Int, _ tell: @escaping (Piece) throws -> Void) {
    self.count = count
    self.tell = tell
  }

  package init(_ series: Series) {
    self.init(count: series.steps.count) { body in
      for range in Self.pieces(of: series.steps.count) {
        try body(series.steps[range], series.values[range])
      }
    }
  }

  package func each(_ body: Piece) throws { try tell(body) }

  /// All of them in memory.
  package func series() throws -> Series {
    var series = Series()
    series.reserveCapacity(count)
    try each { steps, values in
      for (step, value) in zip(steps, values) { series.append(value, at: step) }
    }
    return series
  }

  /// The first point and the last, where there are so many.
  package func ends() throws -> [(step: Int, value: Double)] {
    var first: (step: Int, value: Double)?
    var last: (step: Int, value: Double)?
    try each { steps, values in
      first = first ?? zip(steps, values).first { _ in true }
      last = zip(steps.suffix(1), values.suffix(1)).first { _ in true } ?? last
    }
    return [first, count > 1 ? last : nil].compactMap { $0 }
  }

  /// Of steps and bit patterns: equal for equal points, wherever they lie.
  package func digest() throws -> Digest {
    var hasher = Digest.Hasher()
    try each { steps, values in
      for (step, value) in zip(steps, values) {
        withUnsafeBytes(of: (step, value.bitPattern)) { hasher.update($0) }
      }
    }
    return hasher.finish()
  }

  static func pieces(of count: Int) -> some Sequence<Range<Int>> {
    stride(from: 0, to: count, by: piece).lazy.map { $0..<min($0 + piece, count) }
  }
}

/// A registered run whose series need not fit into memory.
package struct StreamedRun {
  /// Without its series.
  package let run: RegisteredRunRecord
  /// By name.
  package let series: [String: SeriesPoints]

  package init(_ run: RegisteredRunRecord, series: [String: SeriesPoints]) {
    precondition(run.values.series.isEmpty, "series are in one place")
    self.run = run
    self.series = series
  }

  package init(_ run: RegisteredRunRecord) {
    self.init(run.withoutSeries, series: run.values.series.mapValues(SeriesPoints.init))
  }

  /// With its series in memory.
  package func record() throws -> RegisteredRunRecord {
    run.with(series: try series.mapValues { try $0.series() })
  }
}
