import Foundation
import Testing

/// The built program, run as a user runs it: its own process, its own folder, what it prints and its status.
struct Program {
  struct Outcome: Equatable {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Beside the test bundle, where the package manager puts both.
  static let path: String = {
    let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appending(path: "dormouse").path
  }()

  let folder: String

  /// Runs `dormouse` with arguments as a shell would split them on spaces.
  @discardableResult
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try shell("exec \"$0\" \"$@\"", [Program.path] + arguments, environment: environment)
  }

  /// Starts without waiting.
  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// A shell line in the folder; `$0`, `$1`, … are the arguments.
  func shell(
    _ line: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", line] + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var variables = ProcessInfo.processInfo.environment
    variables["DORMOUSE_REGISTRY"] = nil
    variables.merge(environment) { _, new in new }
    process.environment = variables
    let output = "\(folder)/.stdout-\(UUID().uuidString)"
    let errors = "\(folder)/.stderr-\(UUID().uuidString)"
    for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    defer { for file in [output, errors] { try? FileManager.default.removeItem(atPath: file) } }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit
        ? process.terminationStatus : 128 + process.terminationStatus,
      output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }
}

/// A fresh folder that is gone after the body.
func withFolder<Result>(_ body: (Program) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "dormouse-test-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer {
    // Artifacts are read-only; their folders are not.
    try? FileManager.default.removeItem(atPath: folder)
  }
  return try body(Program(folder: folder))
}
