import Determinism
import Records

/// Logs of Inspect: a run is a log, `.eval` or `.json`.
package struct InspectFolder: ForeignStore {
  package static let name = InspectRun.tool

  private let options: ForeignOptions
  private var logs: ArraySlice<String>
  package let remarks: [String] = []

  package static func recognises(_ path: String) -> Bool {
    switch Path.kind(of: path) {
    case .file: InspectLog.recognises(path)
    // Deeper down, a log is more likely another tool's artifact.
    case .folder:
      !ForeignFolder.files(in: path, levels: 1, isEnough: true, where: isWanted).files.isEmpty
    default: false
    }
  }

  private static func isWanted(_ name: String, _ path: String) -> Bool {
    name.ends(with: ".eval") || (name.ends(with: ".json") && InspectLog.recognises(path))
  }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    self.options = options
    // What is wrong with it is wrong with every log.
    _ = try SampleMap(options.map, file: path)
    guard Path.kind(of: path) == .folder else {
      logs = [path]
      return
    }
    let files = try ForeignFolder.demand(
      "log of Inspect", hint: "they are named .eval or .json", in: path, where: Self.isWanted)
    logs = files.map { "\(path)/\($0)" }[...]
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    guard let log = logs.popFirst() else { return nil }
    return try InspectRun(log, options: options).foreignRun(options: options)
  }
}
