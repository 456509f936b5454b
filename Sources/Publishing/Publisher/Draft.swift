import Determinism
import Synchronization

/// A folder that is being filled, by several threads.
final class Draft: Sendable {
  private let root: String
  private let state = Mutex(State())

  private struct State {
    var files: [String: (digest: Digest, size: Int)] = [:]
    var folders: Set<String> = []
  }

  init(_ root: String) { self.root = root }

  /// What is there, by path.
  var files: [String: (digest: Digest, size: Int)] { state.withLock { $0.files } }

  /// - Throws: `.collision` for a path that is taken.
  func put(_ file: SiteFile) throws(PublishingError) {
    let entry = (digest: Digest(of: file.bytes), size: file.bytes.count)
    let isNew = state.withLock { $0.files.updateValue(entry, forKey: file.path) == nil }
    guard isNew else { throw .collision(file.path) }
    var parent = root
    for part in file.path.utf8.split(separator: UInt8(ascii: "/")).dropLast() {
      parent += "/" + String(decoding: Array(part), as: UTF8.self)
      let folder = parent
      let isMade = state.withLock { $0.folders.contains(folder) }
      guard !isMade else { continue }
      try Folder.makeFolder(folder)
      state.withLock { _ = $0.folders.insert(folder) }
    }
    try Folder.write(file.bytes, to: root + "/" + file.path)
  }
}
