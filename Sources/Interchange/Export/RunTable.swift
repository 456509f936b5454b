import Determinism

/// A table that is written row by row and never held: a row has a cell for every column.
struct RunTable {
  typealias Row = [CSV.Cell]

  let name: String
  let columns: [String]
  /// Hands every row to its argument, in a fixed order.
  let rows: ((Row) throws -> Void) throws -> Void

  init(
    _ name: String, _ columns: [String],
    rows: @escaping ((Row) throws -> Void) throws -> Void
  ) {
    self.name = name
    self.columns = columns
    self.rows = rows
  }

  func write(to sink: inout FileSink) throws {
    try sink.write(CSV.line(columns.map { .text($0) }))
    try rows { row in
      precondition(row.count == columns.count, "a row has a cell for every column")
      try sink.write(CSV.line(row))
    }
  }

  /// Without the first column, which is the same in every row: the table of one run need not name it.
  var ofOne: RunTable {
    RunTable(name, Array(columns.dropFirst())) { emit in
      try rows { try emit(Array($0.dropFirst())) }
    }
  }

  /// Whether no row is in it.
  func isEmpty() -> Bool {
    struct Found: Error {}
    do { try rows { _ in throw Found() } } catch { return false }
    return true
  }
}

extension CSV.Cell {
  init(_ text: String?) { self = text.map { .text($0) } ?? .missing }
  init(_ number: Double?) { self = number.map { .number($0) } ?? .missing }
  init(_ digest: Digest?) { self = digest.map { .text($0.hex) } ?? .missing }
  init(_ integer: Int?) { self = integer.map { .integer($0) } ?? .missing }

  /// A value of a configuration: texts and numbers as they are, everything else as canonical JSON.
  init(_ json: JSON?) {
    switch json {
    case nil, .null?: self = .missing
    case .double(let bits)?: self = .number(bits.value)
    case .integer(let integer)?: self = integer.int.map { .integer($0) } ?? .text(integer.digits)
    case .string(let text)?: self = .text(text.value)
    case let json?: self = .text(json.canonicalText)
    }
  }
}
