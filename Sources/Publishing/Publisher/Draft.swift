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

  /// What the site has put there, by path.
  var files: [String: (digest: Digest, size: Int)] { state.withLock { $0.files } }

  /// - Throws: `.collision` for a path that is taken.
  func put(_ file: SiteFile) throws(PublishingError) {
    try enter(file.path, Digest(of: file.bytes), file.bytes.count)
    try Folder.write(file.bytes, to: root + "/" + file.path)
  }

  /// A file that is not the site's.
  func carry(_ file: SiteFile) throws(PublishingError) {
    guard state.withLock({ $0.files[file.path] }) == nil else { throw .collision(file.path) }
    try makeFolders(above: file.path)
    try Folder.write(file.bytes, to: root + "/" + file.path)
  }

  /// The files of a unit as they stand in the site before this one, if it is the same and undamaged.
  ///
  /// - Returns: false when it has to be made.
  func take(_ unit: Site.Part.Unit, from place: PublishedSite) throws(PublishingError) -> Bool {
    guard let files = place.files(of: unit) else { return false }
    for (path, digest, size) in files {
      try enter(path, digest, size)
      try Folder.link(place.folder + "/" + path, to: root + "/" + path)
    }
    return true
  }

  private func enter(_ path: String, _ digest: Digest, _ size: Int) throws(PublishingError) {
    let isNew = state.withLock { $0.files.updateValue((digest, size), forKey: path) == nil }
    guard isNew else { throw .collision(path) }
    try makeFolders(above: path)
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
