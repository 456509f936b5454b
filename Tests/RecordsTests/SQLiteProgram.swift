import Glibc
import Testing

@testable import Records

/// The `sqlite3` program: what people look into a registry with, and how these tests tamper with one.
enum SQLiteProgram {
  static let isInstalled = access("/usr/bin/sqlite3", X_OK) == 0

  /// Rows as the program prints them, columns separated by `|`.
  @discardableResult
  static func run(_ database: String, _ sql: String) throws -> [String] {
    let script = "\(database).script-\(UInt64.random(in: .min ... .max))"
    try DurableFile.write(Array("\(sql)\n".utf8), to: script)
    defer { unlink(script) }
    let pipe = try #require(
      popen("/usr/bin/sqlite3 -batch -init /dev/null '\(database)' < '\(script)' 2>&1", "r"))
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { break }
      output += buffer[..<count]
    }
    pclose(pipe)
    return output.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}
