import Determinism
import Records
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
  /// other files stay. An unchanged build is recognised by the ledger head and the digests of the inputs alone; of a
  /// changed one, the folders of runs and studies that nothing has touched are taken over. Both give the bytes that
  /// a build from nothing gives.
  ///
  /// - Parameters:
  ///   - force: makes everything, even then.
  ///   - threads: that make pages; no byte depends on it.
  package func write(_ site: Site, to folder: String, force: Bool = false, threads: Int = 1)
    throws(PublishingError) -> Summary
  {
    let place = try open(folder)
    let inputs = site.inputs(templates)
    if !force, let summary = place.unchanged(head: site.head, inputs: inputs) { return summary }
    return try write(site, over: force ? place.asForeign : place, threads: threads)
  }

  /// See ``Site/Sources/document(_:_:)``.
  package func inputs(_ sources: Site.Sources, _ standing: RegistryStanding) -> JSON {
    sources.document(templates, standing)
  }

  /// What is there, put right where an earlier build was killed.
  package func open(_ folder: String) throws(PublishingError) -> PublishedSite {
    try recover(Publisher.trimmed(folder))
    return try look(at: folder)
  }

  /// What is there, left as it is.
  package func look(at folder: String) throws(PublishingError) -> PublishedSite {
    let folder = Publisher.trimmed(folder)
    return PublishedSite(folder: folder, manifest: try existing(folder))
  }

  /// Without asking whether anything has changed.
  package func write(_ site: Site, over place: PublishedSite, threads: Int = 1)
    throws(PublishingError) -> Summary
  {
    let folder = place.folder
    let kept = try place.foreignFiles()
    let building = folder + ".building"
    try clear(building)
    try Folder.makeFolder(building)
    let draft = Draft(building)
    let parts = site.parts(templates)
    do {
      try fill(draft, with: site, parts, over: place, threads: threads)
      for path in kept {
        try draft.carry(SiteFile(path, Folder.read(folder + "/" + path)))
      }
    } catch {
      try? clear(building)
      throw error
    }
    let files = draft.files
    let manifest = Manifest(
      head: site.head, inputs: site.inputs(templates), files: files.mapValues(\.digest),
      units: Dictionary(
        parts.compactMap(\.unit).map { ($0.folder, $0.key) },
        uniquingKeysWith: { first, _ in first }))
    try Folder.write(Array(manifest.text.utf8), to: building + "/" + Manifest.name)
    try swap(building, folder)
    return Summary(
      pages: files.keys.count { Publisher.isPage($0) }, files: files.count,
      bytes: files.values.reduce(0) { $0 + $1.size }, unchanged: false, kept: kept)
  }

  /// A file of a site by its path; nil for what no site could have, or this one has not.
  package static func file(_ path: String, of folder: String) -> [UInt8]? {
    guard SitePath.isValid(path), Folder.kind(folder + "/" + path) == .file else { return nil }
    return try? Folder.read(folder + "/" + path)
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
    _ draft: Draft, with site: Site, _ parts: [Site.Part], over place: PublishedSite, threads: Int
  ) throws(PublishingError) {
    try SideBySide.perform(parts.count, threads: threads) { index throws(PublishingError) in
      let part = parts[index]
      if let unit = part.unit, try draft.take(unit, from: place) { return }
      for file in try part.make(templates) { try draft.put(file) }
    }
    for file in try site.closing(after: Array(draft.files.keys)) { try draft.put(file) }
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
