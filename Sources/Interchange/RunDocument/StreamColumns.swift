import Glibc
import Records

/// The series of a live run, found by the bytes of their names: lines mostly name the same ones in the same
/// order.
struct StreamColumns {
  private var columns: [PointColumn] = []
  /// Names that Swift calls equal are one.
  private var places: [String: Int] = [:]
  /// Of the line that is being read.
  private var told: [(column: Int, value: Double)] = []
  /// Points that are in memory.
  private var unsettled = 0
  private var file: ScratchFile?

  /// What the points come to in the run's document, at most: a step, a comma, sixteen digits.
  private(set) var size = 0
  /// Bytes at which a run is full: with its head it still fits.
  let limit: Int
  /// Points that stay in memory, at most, where there is a folder to put them aside in.
  let patience: Int

  init(limit: Int, patience: Int) {
    self.limit = limit
    self.patience = patience
  }

  var isFull: Bool { size >= limit }

  var points: Int { columns.reduce(0) { $0 + $1.count } }

  var series: [String: SeriesPoints] {
    Dictionary(columns.map { ($0.name, $0.points(in: file)) }) { first, _ in first }
  }

  func last(of name: String) -> Int? { places[name].flatMap { columns[$0].last } }

  mutating func value(at step: Int, of name: String) throws -> Double? {
    try places[name].flatMap { try columns[$0].value(at: step, in: file) }
  }

  mutating func append(_ value: Double, at step: Int, of name: String) {
    let place = places[name] ?? columns.count
    if place == columns.count {
      places[name] = place
      columns.append(PointColumn(name: name))
    }
    columns[place].append(value, at: step)
    unsettled += 1
    size += Self.size(of: step)
  }

  /// Puts points aside where there are many in memory. So many that a block of a series has more than the one
  /// or other point, however many series there are.
  mutating func settle(in folder: String) throws {
    guard unsettled >= max(patience, 64 * columns.count) else { return }
    let file = try file ?? ScratchFile(in: folder)
    self.file = file
    for index in columns.indices { try columns[index].settle(in: file) }
    unsettled = 0
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
      guard let last = columns[column].last, last < step else { return false }
    }
    for (column, value) in told { columns[column].append(value, at: step) }
    unsettled += told.count
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
