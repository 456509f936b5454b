import Determinism
import Records

/// Event files of TensorBoard: a run is a folder that holds some, as TensorBoard itself has it.
package struct TensorBoardFolder: ForeignStore {
  package static let name = TensorBoardRun.tool

  private let root: String
  private let slug: String
  private let options: ForeignOptions
  /// Folders below the root (empty: itself), each with the names of its files.
  private var folders: ArraySlice<(folder: String, files: [String])>
  package private(set) var remarks: [String] = []

  package static func recognises(_ path: String) -> Bool {
    switch Path.kind(of: path) {
    case .file: isEventFile(path)
    // What lies among another tool's runs is theirs.
    case .folder:
      !ForeignFolder.files(
        in: path, isEnough: true,
        skipping: { _, names in
          names.contains("meta.yaml") || names.contains("run.json")
            || names.contains { $0.ends(with: ".wandb") }
        }, where: isWanted
      ).files.isEmpty
    default: false
    }
  }

  private static func isEventFile(_ path: String) -> Bool {
    ForeignFile(path, atMost: 12).map { EventRecords.recognises($0.prefix(12)) } ?? false
  }

  /// By name, as TensorBoard does it: a damaged one is to be told, not passed over.
  private static func isWanted(_ name: String, _ path: String) -> Bool {
    name.utf8.split(separator: UInt8(ascii: ".")).contains { $0.elementsEqual("tfevents".utf8) }
  }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    self.options = options
    if Path.kind(of: path) != .folder {
      root = Path.parent(of: path)
      folders = [("", [ForeignFolder.name(of: path)])]
      slug = options.study ?? ForeignSource.slug(from: ForeignFolder.name(of: root))
      return
    }
    root = path
    slug = options.study ?? ForeignSource.slug(from: ForeignFolder.name(of: path))
    let files = try ForeignFolder.demand(
      "event file of TensorBoard", hint: "their names contain .tfevents.", in: path,
      where: Self.isWanted)
    var grouped: [JSON.Text: [String]] = [:]
    for file in files {
      let name = ForeignFolder.name(of: file)
      let folder = String(decoding: file.utf8.dropLast(name.utf8.count + 1), as: UTF8.self)
      grouped[JSON.Text(folder), default: []].append(name)
    }
    folders = grouped.sorted { $0.key < $1.key }.map { ($0.key.value, $0.value) }[...]
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    while let (folder, files) = folders.popFirst() {
      let inner = folder.isEmpty ? root : "\(root)/\(folder)"
      var run = TensorBoardRun(name: folder.isEmpty ? ForeignFolder.name(of: root) : folder)
      // By name is by time.
      for file in files { try run.read(try ByteFile("\(inner)/\(file)")) }
      if !run.isEmpty {
        return try run.foreignRun(
          slug: slug, largestArtifact: options.largestArtifact, folder: inner)
      }
      remarks.append(
        "folder '\(run.name)': its event files hold no scalar, curve or hyperparameter; no run")
    }
    return nil
  }
}
