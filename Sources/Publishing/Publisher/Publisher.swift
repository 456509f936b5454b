import Determinism
import Rendering

/// Writes a site into a folder, all of it or nothing.
package struct Publisher: Sendable {
  package struct Summary: Equatable, Sendable {
    package let pages: Int
    package let files: Int
    package let bytes: Int
    /// The folder already held a site of the same records and inputs; nothing was written.
    package let unchanged: Bool
    /// Files of the folder that are not the site's; they were kept.
    package let kept: [String]
  }

  let templates: TemplateSet

  /// Texts by file name.
  package static func builtInTemplates() throws(PublishingError) -> [String: String] {
    try Publisher(replacingTemplates: [:]).templates.files
  }

  package init(templates: TemplateSet) { self.templates = templates }

  /// With some of the embedded templates replaced, by file name.
  ///
  /// - Throws: `PublishingError.template` for a name that is no template or a text that does not parse.
  package init(replacingTemplates files: [String: String]) throws(PublishingError) {
    do {
      templates = try TemplateSet(replacing: files)
    } catch {
      throw .template(error)
    }
  }

  /// Builds beside the folder and swaps.
  ///
  /// A folder that is not empty must hold a readable manifest. Only what that manifest lists is ever deleted;
  /// other files stay. An unchanged build is recognised by the ledger head and the digest of the inputs alone.
  ///
  /// - Parameters:
  ///   - force: builds even then.
  ///   - threads: that make pages; no byte depends on it.
  package func write(_ site: Site, to folder: String, force: Bool = false, threads: Int = 1)
    throws(PublishingError) -> Summary
  {
    let folder = Publisher.trimmed(folder)
    let inputs = site.inputs(templates)
    try recover(folder)
    let old = try existing(folder)
    if !force, let old, old.head == site.head, old.inputs == inputs, isWhole(folder, old) {
      return Summary(
        pages: old.files.keys.count { Publisher.isPage($0) }, files: old.files.count, bytes: 0,
        unchanged: true, kept: [])
    }
    let kept = try foreign(in: folder, old)
    let building = folder + ".building"
    try clear(building)
    try Folder.makeFolder(building)
    let files: [String: (digest: Digest, size: Int)]
    do {
      files = try fill(building, with: site, kept: kept, from: folder, threads: threads)
    } catch {
      try? clear(building)
      throw error
    }
    let manifest = Manifest(head: site.head, inputs: inputs, files: files.mapValues(\.digest))
    try Folder.write(Array(manifest.text.utf8), to: building + "/" + Manifest.name)
    try swap(building, folder)
    return Summary(
      pages: files.keys.count { Publisher.isPage($0) }, files: files.count,
      bytes: files.values.reduce(0) { $0 + $1.size }, unchanged: false, kept: kept)
  }

  /// Pages are not flushed one by one, they can be built again; after a power cut some may be gone or empty.
  private func isWhole(_ folder: String, _ manifest: Manifest) -> Bool {
    let empty = Digest(of: [UInt8]())
    return manifest.files.allSatisfy { path, digest in
      Folder.size(folder + "/" + path).map { $0 > 0 || digest == empty } ?? false
    }
  }

  static func isPage(_ path: String) -> Bool {
    path.utf8.suffix(5).elementsEqual(".html".utf8)
  }

  private static func trimmed(_ folder: String) -> String {
    var bytes = Array(folder.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The manifest of the folder; nil for an empty or absent one.
  private func existing(_ folder: String) throws(PublishingError) -> Manifest? {
    switch Folder.kind(folder) {
    case .absent: return nil
    case .file, .other: throw .notASite(folder: folder)
    case .folder: break
    }
    if try Folder.names(folder).isEmpty { return nil }
    guard Folder.kind(folder + "/" + Manifest.name) == .file else {
      throw .notASite(folder: folder)
    }
    let bytes = try Folder.read(folder + "/" + Manifest.name)
    do {
      return try Manifest(parsing: bytes)
    } catch {
      throw .manifest(folder: folder, problem: error.description)
    }
  }

  /// Files of the folder that its manifest does not list.
  private func foreign(in folder: String, _ old: Manifest?) throws(PublishingError) -> [String] {
    guard let old else { return [] }
    return try Folder.tree(folder).files.filter { old.files[$0] == nil && $0 != Manifest.name }
  }

  /// What an earlier build left when it was killed.
  private func clear(_ building: String) throws(PublishingError) {
    guard Folder.kind(building) != .absent else { return }
    guard Folder.kind(building) == .folder else { throw .foreign(path: building) }
    let (files, folders) = try Folder.tree(building)
    for file in files { try Folder.removeFile(building + "/" + file) }
    for folder in folders.reversed() { try Folder.removeIfEmpty(building + "/" + folder) }
    try Folder.removeIfEmpty(building)
  }

  /// Writes each file as soon as it is made, so that a site of any size takes little memory.
  private func fill(
    _ building: String, with site: Site, kept: [String], from folder: String, threads: Int
  ) throws(PublishingError) -> [String: (digest: Digest, size: Int)] {
    let draft = Draft(building)
    let parts = site.parts()
    try SideBySide.perform(parts.count, threads: threads) { index throws(PublishingError) in
      for file in try parts[index](templates) { try draft.put(file) }
    }
    for file in try site.closing(after: Array(draft.files.keys)) { try draft.put(file) }
    let files = draft.files
    for path in kept {
      try draft.put(SiteFile(path, Folder.read(folder + "/" + path)))
    }
    return files
  }

  /// The new site takes the place of the old one, in one step where the file system can exchange two folders.
  private func swap(_ building: String, _ folder: String) throws(PublishingError) {
    let aside = Publisher.aside(folder)
    guard Folder.kind(folder) != .absent else {
      try Folder.move(building, folder)
      return try Folder.sync(folder: Publisher.parent(of: folder))
    }
    // Under the name from which the next build removes with care what we may leave there.
    try Folder.move(building, aside)
    if try !Folder.exchange(aside, folder) {
      try Folder.move(aside, building)
      try Folder.move(folder, aside)
      do {
        try Folder.move(building, folder)
      } catch {
        try Folder.move(aside, folder)
        throw error
      }
    }
    try Folder.sync(folder: Publisher.parent(of: folder))
    try Publisher.remove(aside, carriedTo: folder)
  }

  private static func aside(_ folder: String) -> String { folder + ".previous" }

  private static func parent(of folder: String) -> String {
    let bytes = Array(folder.utf8)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  /// Puts right what a build left that was killed between its renames, or while it deleted the old site.
  private func recover(_ folder: String) throws(PublishingError) {
    let aside = Publisher.aside(folder)
    switch (Folder.kind(aside), Folder.kind(folder)) {
    case (.absent, _): return
    case (.folder, .absent): try Folder.move(aside, folder)
    case (.folder, .folder): try Publisher.remove(aside, carriedTo: folder)
    default: throw .foreign(path: aside)
    }
  }

  /// Deletes an old site: what its manifest lists, and what was carried over unchanged; the manifest last.
  private static func remove(_ old: String, carriedTo folder: String) throws(PublishingError) {
    let manifestPath = old + "/" + Manifest.name
    var listed: Set<String> = []
    if Folder.kind(manifestPath) == .file,
      let manifest = try? Manifest(parsing: try Folder.read(manifestPath))
    {
      listed = Set(manifest.files.keys)
    }
    let (files, folders) = try Folder.tree(old)
    for file in files where file != Manifest.name {
      var isOurs = listed.contains(file)
      if !isOurs, Folder.kind(folder + "/" + file) == .file {
        isOurs = try Folder.read(folder + "/" + file) == Folder.read(old + "/" + file)
      }
      if isOurs { try Folder.removeFile(old + "/" + file) }
    }
    for name in folders.reversed() { try Folder.removeIfEmpty(old + "/" + name) }
    if try Folder.names(old) == [Manifest.name] { try Folder.removeFile(manifestPath) }
    try Folder.removeIfEmpty(old)
  }
}
