import Records

/// A site that stands finished beside the old one, and takes its place file by file.
///
/// Only what differs stands there, so that one more run among ten thousand costs what it touches, and files of others
/// stay where they are. Every file is replaced in one step: data before pages, what is gone last but for the
/// manifest. A manifest beside the site says that the rest is there: whoever builds next finishes what was interrupted.
package struct Replacement {
  private let turn: BuildTurn
  private let folder: String
  private let new: Manifest
  private let old: Manifest?

  private var building: String { turn.building }

  /// Of what stands in the turn's folder, its manifest too.
  ///
  /// - Parameter old: of the folder; nil for an empty or absent one.
  init(of new: Manifest, over old: Manifest?, for folder: String, in turn: BuildTurn) {
    (self.new, self.old, self.folder, self.turn) = (new, old, folder, turn)
  }

  /// What an earlier build did not finish, now that it is this one's turn.
  ///
  /// - Returns: nil where nothing waits, or only a part of it.
  init?(waitingFor folder: String, in turn: BuildTurn) throws(PublishingError) {
    guard let new = Self.waiting(for: folder) else { return nil }
    self.init(of: new, over: try Publisher.look(at: folder).manifest, for: folder, in: turn)
  }

  /// The manifest of a site that stands finished beside its folder; nil where none does, or only a part of it.
  static func waiting(for folder: String) -> Manifest? {
    let building = BuildTurn.building(for: folder)
    return Folder.kind(building) == .folder ? try? Manifest(of: building) : nil
  }

  /// Whether each of these files can take its place.
  ///
  /// - Throws: `.occupied` by a file of somebody else, `.foreign` for a link, a device, or a folder of a file's name.
  static func check(_ paths: some Sequence<String>, in folder: String, over old: Manifest?)
    throws(PublishingError)
  {
    var above = Ancestors(in: folder)
    for path in paths {
      for ancestor in Ancestors.of(path) where old?.files[ancestor] == nil {
        _ = try above.isFolder(ancestor)
      }
      switch Folder.kind(folder + "/" + path) {
      case .absent: break
      case .file:
        guard old?.files[path] != nil || isSame(path, in: folder) else {
          throw .occupied(path: folder + "/" + path)
        }
      case .folder:
        // Of a site that had pages below that name.
        guard old?.files.keys.contains(where: { Ancestors.of($0).contains(path) }) ?? false else {
          throw .foreign(path: folder + "/" + path)
        }
      case .other: throw .foreign(path: folder + "/" + path)
      }
    }
  }

  /// What an earlier build brought whose account of it was lost.
  private static func isSame(_ path: String, in folder: String) -> Bool {
    guard let here = try? Folder.read(folder + "/" + path) else { return false }
    return (try? Folder.read(BuildTurn.building(for: folder) + "/" + path)) == here
  }

  /// Does what is left to do.
  func finish() throws(PublishingError) {
    guard let old else {
      try Folder.move(building, folder)
      return try Folder.sync(folder: Path.parent(of: folder))
    }
    let gone = old.files.keys.filter { new.files[$0] == nil }.sorted()
    let coming = try Folder.tree(building).files.filter { $0 != Manifest.name }
    let (names, parents) = (Set(coming), Set(coming.flatMap(Ancestors.of)))
    try remove(gone.filter { parents.contains($0) || !names.isDisjoint(with: Ancestors.of($0)) })
    var above = Ancestors(in: folder)
    for path in coming.filter({ !Publisher.isPage($0) }) + coming.filter(Publisher.isPage) {
      for ancestor in Ancestors.of(path) {
        if try !above.isFolder(ancestor) { try Folder.makeFolder(folder + "/" + ancestor) }
      }
      try Folder.move(building + "/" + path, folder + "/" + path)
    }
    try remove(gone)
    try Folder.move(building + "/" + Manifest.name, folder + "/" + Manifest.name)
    try Folder.sync(folder: folder)
    try Folder.clear(building)
  }

  /// Files, as far as they are there, and folders that are empty then.
  private func remove(_ paths: [String]) throws(PublishingError) {
    var above = Ancestors(in: folder)
    var folders: Set<String> = []
    for path in paths {
      let ancestors = Ancestors.of(path)
      // Below a link, or a file that came in the place of a folder, nothing is ours.
      guard ancestors.allSatisfy({ (try? above.isFolder($0)) ?? false }),
        Folder.kind(folder + "/" + path) == .file
      else { continue }
      try Folder.removeFile(folder + "/" + path)
      folders.formUnion(ancestors)
    }
    for path in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) {
      try Folder.removeIfEmpty(folder + "/" + path)
    }
  }
}

/// The folders above paths of a site; a link among them would lead out of it.
private struct Ancestors {
  private let root: String
  private var known: Set<String> = []

  init(in root: String) { self.root = root }

  /// From the root down.
  static func of(_ path: String) -> [String] {
    path.utf8.indices.filter { path.utf8[$0] == UInt8(ascii: "/") }.map { String(path[..<$0]) }
  }

  /// - Returns: false where there is nothing.
  mutating func isFolder(_ path: String) throws(PublishingError) -> Bool {
    if known.contains(path) { return true }
    switch Folder.kind(root + "/" + path) {
    case .absent: return false
    case .folder:
      known.insert(path)
      return true
    case .file, .other: throw .foreign(path: root + "/" + path)
    }
  }
}
