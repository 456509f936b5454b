import Determinism
import Records

/// Runs of W&B as it leaves them on disk: `run-<id>.wandb`, of offline runs and of others alike.
package struct WandbFolder: ForeignStore {
  package static let name = WandbRun.tool

  private let options: ForeignOptions
  /// The files of each run; more than one when it was resumed.
  private var runs: ArraySlice<[String]>
  package let remarks: [String] = []

  package static func recognises(_ path: String) -> Bool {
    switch Path.kind(of: path) {
    case .file: isLog(path)
    // A run's own folder, the folder `wandb` of runs, or what holds that.
    case .folder:
      !ForeignFolder.files(in: path, levels: 2, isEnough: true, where: isWanted).files.isEmpty
    default: false
    }
  }

  private static func isLog(_ path: String) -> Bool {
    ForeignFile(path, atMost: 7).map { WandbLog.recognises($0.prefix(7)) } ?? false
  }

  private static func isWanted(_ name: String, _ path: String) -> Bool { name.ends(with: ".wandb") }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    self.options = options
    guard Path.kind(of: path) == .folder else {
      runs = [[path]]
      return
    }
    let files = try ForeignFolder.demand(
      ".wandb file", hint: "W&B keeps them in a folder wandb/", in: path, where: Self.isWanted)
    // Folders are named by their time, files by their run.
    var order: [JSON.Text] = []
    var grouped: [JSON.Text: [String]] = [:]
    for file in files {
      let run = JSON.Text(ForeignFolder.name(of: file))
      if grouped[run] == nil { order.append(run) }
      grouped[run, default: []].append("\(path)/\(file)")
    }
    runs = order.map { grouped[$0] ?? [] }[...]
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    guard let files = runs.popFirst(), let last = files.last else { return nil }
    var run = WandbRun()
    for file in files { try run.read(try ByteFile(file)) }
    return try run.foreignRun(options: options, file: last)
  }
}
