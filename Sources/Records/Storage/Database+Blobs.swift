import FoundationEssentials
import GRDB
import GRDBSQLite

/// One cell that is too long for memory, read or written piece by piece where it lies. What SQLite promises of
/// a statement holds of it: it is part of the transaction.
struct LongBlob: ~Copyable {
  private let handle: OpaquePointer
  private let connection: OpaquePointer

  /// - Parameter isWritten: the cell then has the length that it will keep.
  init(
    _ db: Database, table: String, column: String, row: Int, isWritten: Bool = false
  ) throws {
    let connection = try db.connection
    var handle: OpaquePointer?
    let code = sqlite3_blob_open(
      connection, "main", table, column, Int64(row), isWritten ? 1 : 0, &handle)
    guard code == SQLITE_OK, let handle else {
      sqlite3_blob_close(handle)
      throw Self.failure(code, connection)
    }
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_blob_close(handle) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    let code = sqlite3_blob_write(
      handle, bytes.baseAddress, Int32(bytes.count), Int32(offset))
    guard code == SQLITE_OK else { throw Self.failure(code, connection) }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws {
    let code = sqlite3_blob_read(
      handle, buffer.baseAddress, Int32(buffer.count), Int32(offset))
    guard code == SQLITE_OK else { throw Self.failure(code, connection) }
  }

  fileprivate static func failure(_ code: Int32, _ connection: OpaquePointer) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
  }
}

extension Database {
  fileprivate var connection: OpaquePointer {
    get throws {
      guard let connection = sqliteConnection else {
        throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
      }
      return connection
    }
  }

  /// Inserts a row with cells of zeros, to be written where they lie. They are bound, for what the function
  /// `zeroblob` returns is made in memory, all of it, when it is copied.
  ///
  /// - Returns: the new row's id.
  func insert(into table: String, keys: [(String, Int)], zeros: [String], of size: Int) throws
    -> Int
  {
    let connection = try connection
    let columns = keys.map(\.0) + zeros
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    func require(_ code: Int32, _ wanted: Int32 = SQLITE_OK) throws {
      guard code == wanted else { throw LongBlob.failure(code, connection) }
    }
    let sql = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))"
    try require(sqlite3_prepare_v2(connection, sql, -1, &statement, nil))
    for (index, key) in keys.enumerated() {
      try require(sqlite3_bind_int64(statement, Int32(index + 1), Int64(key.1)))
    }
    for index in keys.count..<columns.count {
      try require(sqlite3_bind_zeroblob64(statement, Int32(index + 1), UInt64(size)))
    }
    try require(sqlite3_step(statement), SQLITE_DONE)
    return Int(sqlite3_last_insert_rowid(connection))
  }
}

extension LongBlob {
  /// Eight bytes each, most significant first, as `Packed` has them.
  func write(_ patterns: some Collection<UInt64>, at index: Int) throws {
    try Packed.data(of: patterns).withUnsafeBytes { try write($0, at: 8 * index) }
  }

  func words(_ range: Range<Int>) throws -> [UInt64] {
    var words = [UInt64](repeating: 0, count: range.count)
    try words.withUnsafeMutableBytes { try read(into: $0, from: 8 * range.lowerBound) }
    for index in words.indices { words[index] = UInt64(bigEndian: words[index]) }
    return words
  }
}
