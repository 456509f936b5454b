import Glibc
import Records

/// A folder beside the place of an export, which is written there and put in its place whole.
///
/// Its writer holds a lock on it, which the kernel takes back when the writer dies: the next export to the same
/// place removes what dead writers left.
final class ExportDraft {
  /// In the names of drafts, and in no other name.
  static let marker = ".dormouse-draft-"

  let path: String
  private let place: String
  private let lock: FileLock
  private let removing: (String) throws -> Void

  /// Makes the folder, and those above it.
  ///
  /// - Parameter removing: takes away a draft, or what the export replaced.
  /// - Throws: `RegistryError`.
  init(of place: String, removing: @escaping (String) throws -> Void = FileTree.remove) throws {
    self.place = Self.trimmed(place)
    self.removing = removing
    Self.removeAbandoned(besides: self.place, removing)
    while true {
      let path = "\(self.place)\(Self.marker)\(getpid())-\(UInt32.random(in: .min ... .max))"
      try DurableFile.makeFolder(path)
      // Somebody else may take it for one that was left, until it is locked.
      if let lock = try FileLock(existing: path), try lock.lock(.exclusive, waiting: false),
        lock.isCurrent
      {
        (self.path, self.lock) = (path, lock)
        return
      }
    }
  }

  deinit {
    // What is in its place has another name by now.
    try? removing(path)
    lock.unlock()
  }

  /// Puts the draft in its place, in one step where something is there already.
  ///
  /// - Throws: `RegistryError`; what was there before is still there then.
  func commit() throws {
    if try Path.kind(of: place) == .missing || !DurableFile.exchange(path, place) {
      try replace()
    }
    try DurableFile.synchronize(folder: Path.parent(of: place))
    try removing(path)
    guard Path.kind(of: path) == .missing else {
      throw DurableFile.failure(path, "remove what the export replaced")
    }
  }

  /// With a moment in between, where the file system cannot exchange two folders.
  private func replace() throws {
    let old = "\(path).old"
    let isThere = Path.kind(of: place) != .missing
    guard !isThere || rename(place, old) == 0 else {
      throw DurableFile.failure(place, "replace the export")
    }
    guard rename(path, place) == 0 else {
      let error = DurableFile.failure(place, "put the export in its place")
      if isThere { rename(old, place) }
      throw error
    }
    if isThere { try removing(old) }
  }

  private static func removeAbandoned(
    besides place: String, _ removing: (String) throws -> Void
  ) {
    let parent = Path.parent(of: place)
    let first = place.utf8.lastIndex(of: UInt8(ascii: "/")).map(place.utf8.index(after:))
    let beginning = Array(place.utf8[(first ?? place.startIndex)...]) + Array(marker.utf8)
    for name in Path.names(in: parent) where name.utf8.starts(with: beginning) {
      let left = "\(parent)/\(name)"
      // One that a live writer has, or that cannot be removed, is no obstacle.
      guard let lock = try? FileLock(existing: left),
        (try? lock.lock(.exclusive, waiting: false)) == true
      else { continue }
      try? removing(left)
    }
  }

  static func trimmed(_ path: String) -> String {
    var plain = path
    while plain.utf8.count > 1, plain.utf8.last == UInt8(ascii: "/") {
      plain.unicodeScalars.removeLast()
    }
    return plain
  }
}
