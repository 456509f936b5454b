import Records

/// The right to build a site, which one build has at a time.
///
/// The folder that a site is put together in is the lock, too: the kernel takes it back from a build that dies, and
/// whoever has it next finishes or removes what is in it. Where the file system cannot lock folders, builds of one site
/// at the same time are not kept apart.
final class BuildTurn: Sendable {
  /// Ours, and empty to begin with.
  let building: String
  private let lock: FileLock

  /// Waits for a build that is under way, and finishes one that was killed while it moved files.
  ///
  /// - Parameter waiting: called before the first wait.
  init(at folder: String, waiting: () -> Void = {}) throws(PublishingError) {
    let building = Self.building(for: folder)
    var hasWaited = false
    while true {
      try Folder.makeFolder(building)
      // Whoever had it may have moved it to its place, or removed it.
      guard let lock = try Self.lock(building) else { continue }
      if (try? lock.lock(.exclusive, waiting: false)) == false {
        if !hasWaited { waiting() }
        hasWaited = true
        _ = try? lock.lock(.exclusive)
      }
      guard lock.isCurrent else { continue }
      if try Folder.names(building).isEmpty {
        (self.building, self.lock) = (building, lock)
        return
      }
      if let left = try Replacement(waitingFor: folder, in: BuildTurn(building, lock)) {
        try left.finish()
      } else {
        try Folder.clear(building)
      }
    }
  }

  private init(_ building: String, _ lock: FileLock) {
    (self.building, self.lock) = (building, lock)
  }

  /// Where a site is put together: on the same file system.
  static func building(for folder: String) -> String { folder + ".building" }

  /// Without having built anything.
  func giveUp() throws(PublishingError) { try Folder.clear(building) }

  private static func lock(_ path: String) throws(PublishingError) -> FileLock? {
    do {
      return try FileLock(existing: path)
    } catch {
      throw Folder.failure("open", path)
    }
  }
}
