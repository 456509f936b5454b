import Determinism
import Foundation
import Records
import Testing

@testable import Interchange

/// What the real tools wrote (`Tests/Golden/make`), what their own readers say of it, and changed copies.
enum TrackerFixture {
  static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden").path

  static func expected(_ file: String) throws -> [JSON] {
    let bytes = try #require(try DurableFile.read("\(golden)/\(file)"))
    return try #require(try JSON(parsing: bytes)["runs"]?.array)
  }

  /// Every run of a path, of the kind that its content tells.
  static func runs(_ path: String, options: ForeignOptions = ForeignOptions()) throws -> (
    runs: [ForeignRun], remarks: [String]
  ) {
    let kind = try #require(try ForeignStores.kind(of: path))
    var store = try kind.init(path: path, options: options)
    var runs: [ForeignRun] = []
    while let run = try store.nextRun() { runs.append(run) }
    return (runs, store.remarks)
  }

  /// What is said of a store: every problem and how many runs were read beside them.
  static func story(_ path: String, options: ForeignOptions = ForeignOptions()) -> (
    problems: [ForeignProblem], runs: Int
  ) {
    var problems: [ForeignProblem] = []
    var runs = 0
    do {
      guard let kind = try ForeignStores.kind(of: path) else { return ([], 0) }
      var store = try kind.init(path: path, options: options)
      while problems.count < 100 {
        do {
          guard try store.nextRun() != nil else { break }
          runs += 1
        } catch let problem as ForeignProblem { problems.append(problem) }
      }
    } catch { problems.append(error as? ForeignProblem ?? ForeignProblem(path, "\(error)")) }
    return (problems, runs)
  }

  /// A copy that may be changed.
  static func copy(_ name: String, to path: String) throws {
    try FileManager.default.copyItem(atPath: "\(golden)/\(name)", toPath: path)
  }

  static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    try FileManager.default.createDirectory(
      atPath: Path.parent(of: path), withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Statements carried out by the `sqlite3` program.
  static func sqlite(_ path: String, _ statements: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-bail", path, statements]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(statements)")
  }

  /// A session of the `sqlite3` program that ends by its own death.
  static func killedSqlite(_ path: String, _ script: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", "sqlite3 \"$0\" <<< \"$1\"; true", path, script]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }

  /// A double as the scripts write it.
  static func bits(_ value: JSON?) throws -> UInt64 {
    try #require(value?.string.flatMap { UInt64($0, radix: 16) })
  }

  static func bits(_ value: Double) -> UInt64 { (value.isNaN ? .nan : value).bitPattern }
}

extension ForeignRun {
  /// The rows of the table of all points: name, step, time, bits of the value.
  func pointRows() throws -> [[String]] {
    let reference = try #require(record.values.artifacts[LoggedPoints.table])
    let table = try DataTable(
      try #require(artifacts[reference.digest]), file: LoggedPoints.table)
    return try table.rows.indices.map { row in
      let texts = (0..<3).map { table.cell(row, $0) }.map { cell in
        if case .text(let text) = cell { text } else { "" }
      }
      let value = try #require(table.cell(row, 3).number)
      return texts + [String(TrackerFixture.bits(value), radix: 16)]
    }
  }
}
