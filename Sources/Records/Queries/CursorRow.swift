import Determinism
import FoundationEssentials
import GRDB

/// Columns of a row while the cursor stands on it, copied once. Texts need no `CAST … AS BLOB` here: the bytes
/// are SQLite's own, past any NUL.
extension Row {
  func raw(_ column: Int) throws -> [UInt8] {
    try withUnsafeData(atIndex: column) { $0.map { [UInt8]($0) } ?? [] }
  }

  func rawText(_ column: Int) throws -> String {
    let text = try withUnsafeData(atIndex: column) { data in
      data.map { data in data.withUnsafeBytes { String(validating: $0, as: UTF8.self) } } ?? ""
    }
    guard let text else { throw ColumnDamage(column: "column \(column)", wanted: "UTF-8") }
    return text
  }

  func rawDigest(_ column: Int) throws -> Digest {
    guard let digest = Digest(bytes: try raw(column)) else {
      throw ColumnDamage(column: "column \(column)", wanted: "32 bytes")
    }
    return digest
  }

  func rawChoice<Choice: RawRepresentable<String>>(_ column: Int, of type: Choice.Type) throws
    -> Choice
  {
    guard let choice = Choice(rawValue: try rawText(column)) else {
      throw ColumnDamage(column: "column \(column)", wanted: "one of the known words")
    }
    return choice
  }

  func rawDouble(_ column: Int) throws -> Double {
    let pattern = try withUnsafeData(atIndex: column) { data in
      data.flatMap { $0.count == 8 ? $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : nil }
    }
    guard let pattern else { throw ColumnDamage(column: "column \(column)", wanted: "8 bytes") }
    return Double(bitPattern: pattern)
  }
}

extension Database {
  /// Goes through rows one by one without keeping them.
  func each(_ sql: String, _ cells: [Cell] = [], _ body: (Row) throws -> Void) throws {
    try walk(sql, cells) { row in
      try body(row)
      return true
    }
  }

  /// The same for as long as the body says so.
  func walk(_ sql: String, _ cells: [Cell] = [], _ body: (Row) throws -> Bool) throws {
    let rows = try Row.fetchCursor(
      try cachedStatement(sql: sql), arguments: StatementArguments(cells.map(\.value)))
    while let row = try rows.next(), try body(row) {}
  }
}
