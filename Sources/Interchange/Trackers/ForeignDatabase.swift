import FoundationEssentials
import GRDB
import Records

/// Another program's SQLite file, read and never written. GRDB is touched in this file alone.
///
/// Each question is a transaction of its own, so that a live store is not locked against its writer for
/// longer than one run takes.
final class ForeignDatabase {
  /// What a column holds. A damaged or hostile file may hold anything anywhere; texts are asked for as
  /// `CAST(… AS BLOB)`, because the C interface behind `String` stops at a NUL.
  enum Cell: Equatable {
    case null
    case integer(Int)
    case real(Double)
    case bytes([UInt8])
  }

  let path: String
  private let queue: DatabaseQueue

  private static let signature = Array("SQLite format 3\0".utf8)

  /// Whether a file begins as an SQLite database does.
  static func isOne(_ path: String) -> Bool {
    guard Path.kind(of: path) == .file, let file = ForeignFile(path) else { return false }
    return file.prefix(signature.count) == signature
  }

  /// - Parameter isChecked: reads the whole file once, so that damage is told before a run is recorded.
  /// - Throws: `ForeignProblem` for what is no sound database.
  init(_ path: String, isChecked: Bool = true) throws(ForeignProblem) {
    self.path = path
    guard Self.isOne(path) else {
      throw ForeignProblem(
        path, at: .byte(0), "is no SQLite database", hint: "check the path, or --from another tool")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "import"
    configuration.busyMode = .timeout(20)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
      try db.execute(sql: "PRAGMA mmap_size = 0")
    }
    do {
      // A path never begins with `file:` then, which SQLite may take for an address.
      let plain = path.utf8.first == UInt8(ascii: "/") ? path : "./\(path)"
      queue = try DatabaseQueue(path: plain, configuration: configuration)
    } catch { throw Self.problem(error, path) }
    guard isChecked else { return }
    let answer = try rows("SELECT CAST(quick_check AS BLOB) FROM pragma_quick_check(1)")
    guard let first = answer.first?.first, case .bytes(Array("ok".utf8)) = first else {
      throw ForeignProblem(
        path, "is damaged: \(Self.text(answer.first?.first))",
        hint: "restore it from a backup, or try '.recover' of the sqlite3 program on a copy")
    }
  }

  func rows(_ sql: String, _ arguments: [String] = []) throws(ForeignProblem) -> [[Cell]] {
    var rows: [[Cell]] = []
    try each(sql, arguments) { cells throws(ForeignProblem) in rows.append(cells) }
    return rows
  }

  /// Rows whose columns are read by type.
  ///
  /// - Parameter place: what they are, for problems: `run 1f…, metrics`.
  func typedRows(_ sql: String, _ arguments: [String] = [], _ place: String)
    throws(ForeignProblem) -> [ForeignRow]
  {
    try rows(sql, arguments).map { ForeignRow(cells: $0, file: path, place: place) }
  }

  /// Every row in turn.
  func each(
    _ sql: String, _ arguments: [String] = [],
    _ take: ([Cell]) throws(ForeignProblem) -> Void
  ) throws(ForeignProblem) {
    do {
      try queue.read { db in
        let statement = try db.cachedStatement(sql: sql)
        // As bytes, for the same reason that texts are read as bytes.
        let cursor = try Row.fetchCursor(
          statement, arguments: StatementArguments(arguments.map { Data($0.utf8) }))
        while let row = try cursor.next() { try take(row.databaseValues.map(Self.cell)) }
      }
    } catch let problem as ForeignProblem {
      throw problem
    } catch { throw Self.problem(error, path) }
  }

  /// The columns of a table; empty when there is no such table. A view of that name is none.
  func columns(of table: String) throws(ForeignProblem) -> Set<String> {
    let found = try rows(
      """
      SELECT CAST(p.name AS BLOB) FROM sqlite_master AS m, pragma_table_info(m.name) AS p
      WHERE m.type = 'table' AND m.name = CAST(? AS TEXT)
      """, [table])
    return Set(found.map { Self.text($0.first) })
  }

  /// Whether rows of a table are found by a column without reading all of them.
  func isIndexed(_ table: String, by column: String) throws(ForeignProblem) -> Bool {
    let found = try rows(
      """
      SELECT 1 FROM pragma_index_list(CAST(?1 AS TEXT)) AS i, pragma_index_info(i.name) AS c
      WHERE c.seqno = 0 AND c.name = CAST(?2 AS TEXT) LIMIT 1
      """, [table, column])
    return !found.isEmpty
  }

  /// Makes a temporary table of our own connection, of a table's rows (`source`) by a column (`name`).
  func index(_ table: String, by column: String, as index: String) throws(ForeignProblem) {
    do {
      try queue.writeWithoutTransaction { db in
        try db.execute(
          sql: """
            CREATE TEMP TABLE \(index) AS
              SELECT rowid AS source, CAST(\(column) AS BLOB) AS name FROM main.\(table);
            CREATE INDEX temp.\(index)_name ON \(index)(name);
            """)
      }
    } catch { throw Self.problem(error, path) }
  }

  private static func cell(_ value: DatabaseValue) -> Cell {
    switch value.storage {
    case .null: .null
    case .int64(let integer): .integer(Int(integer))
    case .double(let double): .real(double)
    case .string(let text): .bytes(Array(text.utf8))
    case .blob(let data): .bytes([UInt8](data))
    }
  }

  private static func text(_ cell: Cell?) -> String {
    guard case .bytes(let bytes) = cell else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func problem(_ error: any Error, _ path: String) -> ForeignProblem {
    guard let error = error as? DatabaseError else { return ForeignProblem(path, "\(error)") }
    let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return ForeignProblem(
        path, "another process keeps it locked", hint: "stop its writer, or import a copy")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY:
      return ForeignProblem(
        path, "cannot be opened for reading: \(message)",
        hint:
          "if it has a -journal or -wal file, open it once with its own tool, or copy them together"
      )
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return ForeignProblem(
        path, "is damaged: \(message)",
        hint: "restore it from a backup, or try '.recover' of the sqlite3 program on a copy")
    default: return ForeignProblem(path, message)
    }
  }
}

/// Columns of a row by position.
struct ForeignRow {
  let cells: [ForeignDatabase.Cell]
  let file: String
  /// What it is a row of.
  let place: String

  private func problem(_ column: Int, _ wanted: String) -> ForeignProblem {
    ForeignProblem(file, at: .within(place), "column \(column + 1) does not hold \(wanted)")
  }

  /// nil for NULL.
  func text(_ column: Int) throws(ForeignProblem) -> String? {
    switch cells[column] {
    case .null: return nil
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw problem(column, "valid UTF-8")
      }
      return text
    default: throw problem(column, "a text")
    }
  }

  /// nil for NULL.
  func integer(_ column: Int) throws(ForeignProblem) -> Int? {
    switch cells[column] {
    case .null: return nil
    case .integer(let value): return value
    default: throw problem(column, "an integer")
    }
  }

  /// nil for NULL.
  func double(_ column: Int) throws(ForeignProblem) -> Double? {
    switch cells[column] {
    case .null: return nil
    case .real(let value): return value
    case .integer(let value):
      guard let exact = Double(exactly: value) else { throw problem(column, "a double") }
      return exact
    default: throw problem(column, "a number")
    }
  }
}
