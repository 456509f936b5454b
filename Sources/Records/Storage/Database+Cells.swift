import Determinism
import FoundationEssentials
import GRDB

/// What goes into a column. Texts travel as bytes: the C interface behind `String` stops at a NUL, and
/// would hide what a text has after it from the record's hash.
enum Cell {
  case integer(Int)
  case text(String)
  case blob([UInt8])
  case packed(Data)
  case term(Term)
  case null

  static func json(_ value: JSON) -> Cell { .text(value.canonicalText) }
  static func digest(_ value: Digest) -> Cell { .blob(value.bytes) }
  /// Unsigned integers do not fit SQLite's; their decimal text does.
  static func seed(_ value: UInt64) -> Cell { .text(String(value)) }
  static func doubles(_ values: some Collection<Double>) -> Cell {
    .packed(Packed.data(of: values.lazy.map(\.bitPattern)))
  }
  static func integers(_ values: some Collection<Int>) -> Cell {
    .packed(Packed.data(of: values.lazy.map { UInt64(bitPattern: Int64($0)) }))
  }

  var value: DatabaseValue {
    switch self {
    case .integer(let value): Int64(value).databaseValue
    case .text(let text): Data(text.utf8).databaseValue
    case .blob(let bytes): Data(bytes).databaseValue
    case .packed(let data): data.databaseValue
    case .term(let term): term.value
    case .null: .null
    }
  }

  var placeholder: String { if case .text = self { "CAST(? AS TEXT)" } else { "?" } }
}

extension Database {
  /// - Returns: the new row's id.
  @discardableResult
  func insert(into table: String, _ cells: KeyValuePairs<String, Cell>) throws -> Int {
    try insert(into: table, cells.map { ($0.key, $0.value) })
  }

  /// - Returns: the new row's id.
  @discardableResult
  func insert(into table: String, _ cells: [(String, Cell)]) throws -> Int {
    let columns = cells.map(\.0).joined(separator: ", ")
    let values = cells.map(\.1.placeholder).joined(separator: ", ")
    try run("INSERT INTO \(table) (\(columns)) VALUES (\(values))", cells.map(\.1))
    return Int(lastInsertedRowID)
  }

  func run(_ sql: String, _ cells: [Cell] = []) throws {
    try cachedStatement(sql: sql).execute(arguments: StatementArguments(cells.map(\.value)))
  }

  func rows(_ sql: String, _ cells: [Cell] = []) throws -> [Row] {
    try Row.fetchAll(
      try cachedStatement(sql: sql), arguments: StatementArguments(cells.map(\.value)))
  }

  func row(_ sql: String, _ cells: [Cell] = []) throws -> Row? {
    try Row.fetchOne(
      try cachedStatement(sql: sql), arguments: StatementArguments(cells.map(\.value)))
  }

  func integer(_ sql: String, _ cells: [Cell] = []) throws -> Int? {
    try row(sql, cells).map { try $0.integer(0) }
  }

  /// How many rows a table has from which none is ever removed: the number of the last one. `check` counts.
  func length(of table: String) throws -> Int {
    try integer("SELECT ifnull(max(id), 0) FROM \(table)") ?? 0
  }
}

/// A column that does not hold what its table's definition promises.
struct ColumnDamage: Error {
  let column: String
  let wanted: String
}

/// Typed columns by position. A damaged file may hold anything anywhere: nothing here traps.
extension Row {
  private func cell(_ column: Int) -> DatabaseValue {
    column < count ? self[column] as DatabaseValue : .null
  }

  private func damage(_ column: Int, _ wanted: String) -> ColumnDamage {
    ColumnDamage(
      column: column < count ? Array(columnNames)[column] : "column \(column)", wanted: wanted)
  }

  func integer(_ column: Int) throws -> Int {
    guard case .int64(let value) = cell(column).storage else {
      throw damage(column, "an integer")
    }
    return Int(value)
  }

  func bytes(_ column: Int) throws -> [UInt8] {
    guard case .blob(let data) = cell(column).storage else { throw damage(column, "bytes") }
    return [UInt8](data)
  }

  /// The column must have been selected as `CAST(… AS BLOB)`.
  func text(_ column: Int) throws -> String {
    guard let text = String(validating: try bytes(column), as: UTF8.self) else {
      throw damage(column, "UTF-8")
    }
    return text
  }

  func isNull(_ column: Int) -> Bool { cell(column).isNull }

  func digest(_ column: Int) throws -> Digest {
    guard let digest = Digest(bytes: try bytes(column)) else {
      throw damage(column, "32 bytes")
    }
    return digest
  }

  /// Canonical as it was written: other bytes of the same meaning are an edit too.
  func json(_ column: Int) throws -> JSON {
    let bytes = try bytes(column)
    guard let json = try? JSON(parsing: bytes), json.canonicalBytes == bytes else {
      throw damage(column, "a canonical JSON document")
    }
    return json
  }

  func object(_ column: Int) throws -> JSON.Object {
    guard let object = try json(column).object else { throw damage(column, "a JSON object") }
    return object
  }

  func texts(_ column: Int) throws -> [String] {
    let array = try json(column).array
    guard let array, array.allSatisfy({ $0.string != nil }) else {
      throw damage(column, "a list of texts")
    }
    return array.compactMap(\.string)
  }

  func seed(_ column: Int) throws -> UInt64 {
    let text = try text(column)
    guard let seed = UInt64(text), String(seed) == text else { throw damage(column, "a seed") }
    return seed
  }

  func choice<Choice: RawRepresentable<String>>(_ column: Int, of type: Choice.Type) throws
    -> Choice
  {
    guard let choice = Choice(rawValue: try text(column)) else {
      throw damage(column, "one of the known words")
    }
    return choice
  }

  private func words(_ column: Int) throws -> [UInt64] {
    let bytes = try bytes(column)
    guard bytes.count.isMultiple(of: 8) else { throw damage(column, "a multiple of 8 bytes") }
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  func doubles(_ column: Int) throws -> [Double] { try words(column).map(Double.init(bitPattern:)) }

  func integers(_ column: Int) throws -> [Int] {
    try words(column).map { Int(Int64(bitPattern: $0)) }
  }

  func double(_ column: Int) throws -> Double {
    let values = try doubles(column)
    guard values.count == 1 else { throw damage(column, "8 bytes") }
    return values[0]
  }
}
