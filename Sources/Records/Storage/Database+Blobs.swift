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
    guard let connection = db.sqliteConnection else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
    }
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

  private static func failure(_ code: Int32, _ connection: OpaquePointer) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
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
