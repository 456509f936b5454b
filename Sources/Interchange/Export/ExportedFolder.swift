import Determinism
import Glibc
import Records

/// A folder of files that an export puts in its place whole, or not at all.
///
/// Beside the files stands `SHA256SUMS`, which `sha256sum -c` reads; by it a later export recognises what it
/// may replace. A folder that holds anything else is left as it is.
struct ExportedFolder {
  static let sums = "SHA256SUMS"

  let draft: String
  private var digests: [(path: String, digest: Digest)] = []
  private var sizes: [String: Int] = [:]
  private(set) var bytes = 0

  /// Bytes of a file that was added; nil for any other.
  func size(of path: String) -> Int? { sizes[path] }

  var files: Int { digests.count }

  private init(draft: String) { self.draft = draft }

  /// Calls the body with a draft beside the folder, makes what it wrote durable and puts it there in one step.
  ///
  /// - Parameter keepsChanges: an earlier export is replaced only where every file is as it was exported.
  /// - Throws: `ArchiveError`, `RegistryError`; what was there before is still there then.
  static func write(
    to folder: String, keepsChanges: Bool = false, _ body: (inout ExportedFolder) throws -> Void
  ) throws -> (files: Int, bytes: Int) {
    let earlier = try refuseForeign(folder)
    if keepsChanges { try refuseChanged(folder, earlier) }
    let draft = try ExportDraft(of: folder)
    var export = ExportedFolder(draft: draft.path)
    try body(&export)
    try export.finish()
    try draft.commit()
    return (export.files, export.bytes)
  }

  /// Adds a file.
  ///
  /// - Parameter path: relative, of names that this program makes: no text of a record is in it.
  mutating func add(_ path: String, _ bytes: [UInt8]) throws {
    try add(path) { sink in try sink.write(bytes) }
  }

  /// Adds a file whose bytes come in pieces.
  mutating func add(_ path: String, _ content: (inout FileSink) throws -> Void) throws {
    let place = "\(draft)/\(path)"
    try DurableFile.makeFolder(Path.parent(of: place))
    var sink = try FileSink(place)
    try content(&sink)
    let digest = try sink.commit()
    note(path, digest, size: sink.count)
  }

  private mutating func note(_ path: String, _ digest: Digest, size: Int) {
    digests.append((path, digest))
    sizes[path] = size
    bytes += size
  }

  /// Takes in what something else wrote into the draft: every file below a folder of it.
  mutating func adopt(_ folder: String) throws {
    for path in FileTree.files(below: "\(draft)/\(folder)") {
      let place = "\(folder)/\(path)"
      guard let content = try DurableFile.read("\(draft)/\(place)") else { continue }
      note(place, Digest(of: content), size: content.count)
    }
  }

  private func finish() throws {
    let lines = digests.sorted { JSON.Text($0.path) < JSON.Text($1.path) }
      .map { "\($0.digest.hex)  \($0.path)\n" }.joined()
    try DurableFile.write(Array(lines.utf8), to: "\(draft)/\(Self.sums)")
  }

  /// An earlier export holds the files that its sums name, and no others.
  ///
  /// - Returns: what its sums say of them.
  private static func refuseForeign(
    _ folder: String
  ) throws -> [(path: JSON.Text, digest: String)] {
    switch Path.kind(of: folder) {
    case .missing: return []
    case .folder: break
    default: throw ArchiveError(folder, "is not a folder")
    }
    let found = FileTree.files(below: folder)
    if found.isEmpty { return [] }
    let text = try DurableFile.read("\(folder)/\(sums)", atMost: 64 << 20) ?? []
    let entries = text.split(separator: UInt8(ascii: "\n")).filter { $0.count > 66 }.map { line in
      (
        path: JSON.Text(String(decoding: line.dropFirst(66), as: UTF8.self)),
        digest: String(decoding: line.prefix(64), as: UTF8.self)
      )
    }
    let known = Set(entries.map(\.path) + [JSON.Text(sums)])
    if let foreign = found.first(where: { !known.contains(JSON.Text($0)) }) {
      throw ArchiveError(
        folder, foreign, "was written by no export, and the folder is not replaced",
        hint: "name an empty or a new folder")
    }
    return entries
  }

  /// What people have changed or removed since is theirs.
  private static func refuseChanged(
    _ folder: String, _ earlier: [(path: JSON.Text, digest: String)]
  ) throws {
    for (path, digest) in earlier {
      let content = try DurableFile.read("\(folder)/\(path.value)")
      guard content.map({ Digest(of: $0).hex }) == digest else {
        throw ArchiveError(
          folder, path.value, "was changed since it was exported, and the folder is not replaced",
          hint: "name an empty or a new folder")
      }
    }
  }
}

/// Bytes on their way into a durable file, digested as they pass.
struct FileSink {
  private let writer: DurableFileWriter
  private let path: String
  private var hasher = Digest.Hasher()
  private var buffer: [UInt8] = []
  private(set) var count = 0

  private static let most = 1 << 18

  init(_ path: String) throws {
    self.path = path
    writer = try DurableFileWriter(in: Path.parent(of: path), for: path)
  }

  mutating func write(_ bytes: some Collection<UInt8>) throws {
    buffer += bytes
    if buffer.count >= Self.most { try flush() }
  }

  private mutating func flush() throws {
    hasher.update(buffer)
    count += buffer.count
    try buffer.withUnsafeBytes(writer.write)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Its digest; the file is durable and has its name.
  mutating func commit() throws -> Digest {
    try flush()
    try writer.commit(to: path, mode: 0o644)
    let digested = hasher
    return digested.finish()
  }
}

/// What lies below a folder; links are named and removed, never followed.
enum FileTree {
  /// Paths of everything that is no folder, relative, sorted by bytes within each folder.
  static func files(below folder: String) -> [String] {
    Path.names(in: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return Path.isRealFolder(path) ? files(below: path).map { "\(name)/\($0)" } : [name]
    }
  }

  /// Removes a file, or a folder with everything in it.
  static func remove(_ path: String) {
    guard Path.isRealFolder(path) else {
      unlink(path)
      return
    }
    for name in Path.names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
