import Determinism
import Synchronization

/// What is to take the place of a site: files that differ from its own in a folder beside it, made by several threads.
final class Draft: Sendable {
  private let root: String
  private let place: PublishedSite
  private let filesByUnit: [Substring: [String]]
  private let state = Mutex(State())

  private struct State {
    var files: [String: (digest: Digest, size: Int)] = [:]
    var written: Set<String> = []
    var folders: Set<String> = []
  }

  init(_ root: String, over place: PublishedSite) {
    self.root = root
    self.place = place
    filesByUnit = place.filesByUnit()
  }

  /// Of the site as it will be, by path.
  var files: [String: (digest: Digest, size: Int)] { state.withLock { $0.files } }
  /// Those of them that the site does not have yet.
  var written: Set<String> { state.withLock { $0.written } }

  /// - Throws: `.collision` for a path that is taken.
  func put(_ file: SiteFile) throws(PublishingError) {
    let digest = Digest(of: file.bytes)
    try enter(file.path, digest, file.bytes.count)
    if place.holds(file.path, digest) { return }
    try makeFolders(above: file.path)
    try Folder.write(file.bytes, to: root + "/" + file.path)
    state.withLock { _ = $0.written.insert(file.path) }
  }

  /// The files of a unit stay as they are, if it is the same and undamaged.
  ///
  /// - Returns: false when it has to be made.
  func keep(_ unit: Site.Part.Unit) throws(PublishingError) -> Bool {
    guard let files = place.files(of: unit, among: filesByUnit) else { return false }
    for (path, digest, size) in files { try enter(path, digest, size) }
    return true
  }

  private func enter(_ path: String, _ digest: Digest, _ size: Int) throws(PublishingError) {
    let isNew = state.withLock { $0.files.updateValue((digest, size), forKey: path) == nil }
    guard isNew else { throw .collision(path) }
  }

  private func makeFolders(above path: String) throws(PublishingError) {
    var end = path.utf8.startIndex
    while let slash = path.utf8[end...].firstIndex(of: UInt8(ascii: "/")) {
      let folder = root + "/" + path[..<slash]
      end = path.utf8.index(after: slash)
      let isMade = state.withLock { $0.folders.contains(folder) }
      guard !isMade else { continue }
      try Folder.makeFolder(folder)
      state.withLock { _ = $0.folders.insert(folder) }
    }
  }
}
