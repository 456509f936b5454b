import Glibc
import Studies

/// The series of a live run, found by the bytes of their names: lines mostly name the same ones in the same
/// order.
struct StreamColumns {
  private struct Column {
    let name: String
    let utf8: [UInt8]
    var series = Series()
  }

  private var columns: [Column] = []
  /// Names that Swift calls equal are one.
  private var places: [String: Int] = [:]
  /// Of the line that is being read.
  private var told: [(column: Int, value: Double)] = []

  /// What the points come to in the run's document, at most: a step, a comma, sixteen digits.
  private(set) var size = 0
  /// Bytes at which a run is full: with its head it still fits.
  let limit: Int

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { size >= limit }

  var points: Int { columns.reduce(0) { $0 + $1.series.steps.count } }

  var series: [String: Series] {
    Dictionary(columns.map { ($0.name, $0.series) }) { first, _ in first }
  }

  subscript(name: String) -> Series? { places[name].map { columns[$0].series } }

  mutating func append(_ value: Double, at step: Int, of name: String) {
    let place = places[name] ?? columns.count
    if place == columns.count {
      places[name] = place
      columns.append(Column(name: name, utf8: Array(name.utf8)))
    }
    columns[place].series.append(value, at: step)
    size += Self.size(of: step)
  }

  private static func size(of step: Int) -> Int {
    let bits = Int.bitWidth - step.magnitude.leadingZeroBitCount
    // Bits to decimal digits, rounded up; a sign, the comma.
    return ((bits * 1233) >> 12) + 3 + 16
  }

  /// Takes a line of points that continue series that are there.
  ///
  /// - Returns: false where it is any other line; nothing of it has been taken then.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
    guard !isFull else { return false }
    told.removeAll(keepingCapacity: true)
    var scanner = PointScanner(line)
    let step = scanner.scan { name, value in
      guard let column = place(of: name), !told.contains(where: { $0.column == column }) else {
        return false
      }
      told.append((column: column, value: value))
      return true
    }
    guard let step else { return false }
    for (column, _) in told {
      guard let last = columns[column].series.steps.last, last < step else { return false }
    }
    for (column, value) in told { columns[column].series.append(value, at: step) }
    size += told.count * Self.size(of: step)
    return true
  }

  /// By its bytes; looks where the line before had its name of this place first.
  private func place(of name: UnsafeRawBufferPointer) -> Int? {
    func isNamed(_ column: Int) -> Bool {
      let utf8 = columns[column].utf8
      return utf8.count == name.count
        && utf8.withUnsafeBytes { memcmp($0.baseAddress!, name.baseAddress!, name.count) == 0 }
    }
    let next = told.last.map { $0.column + 1 } ?? 0
    if next < columns.count, isNamed(next) { return next }
    let place = places[String(decoding: name, as: UTF8.self)]
    return place.flatMap { isNamed($0) ? $0 : nil }
  }
}
