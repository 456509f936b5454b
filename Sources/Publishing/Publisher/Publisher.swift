import Determinism
import Records
import Rendering

/// Writes a site into a folder: finished beside it before anything there changes.
package struct Publisher: Sendable {
  package struct Summary: Equatable, Sendable {
    package let pages: Int
    package let files: Int
    package let bytes: Int
    /// The folder already held a site of the same records and inputs; nothing was written.
    package let unchanged: Bool
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

  /// Makes what differs beside the folder, then moves it there.
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
    if !force,
      let summary = place.unchanged(head: site.head, inputs: inputs, threads: threads)
    {
      return summary
    }
    return try write(site, over: force ? place.asForeign : place, threads: threads)
  }

  /// See ``Site/Sources/document(_:_:)``.
  package func inputs(_ sources: Site.Sources, _ standing: RegistryStanding) -> JSON {
    sources.document(templates, standing)
  }

  /// What is there, after another build that is under way, or what one was killed in the midst of.
  ///
  /// - Parameter waiting: called when there is another one to wait for.
  package func open(_ folder: String, waiting: () -> Void = {}) throws(PublishingError)
    -> PublishedSite
  {
    let folder = Publisher.trimmed(folder)
    if Folder.kind(BuildTurn.building(for: folder)) != .absent {
      try BuildTurn(at: folder, waiting: waiting).giveUp()
    }
    return try Publisher.look(at: folder)
  }

  /// What is there, left as it is.
  package static func look(at folder: String) throws(PublishingError) -> PublishedSite {
    let folder = Publisher.trimmed(folder)
    return PublishedSite(folder: folder, manifest: try existing(folder))
  }

  /// Without asking whether anything has changed.
  ///
  /// - Parameter waiting: called when there is another build to wait for.
  package func write(
    _ site: Site, over place: PublishedSite, threads: Int = 1, waiting: () -> Void = {}
  ) throws(PublishingError) -> Summary {
    let (replacement, summary) = try stage(site, over: place, threads: threads, waiting: waiting)
    try replacement.finish()
    return summary
  }

  /// Makes what differs, beside the folder.
  ///
  /// - Returns: what brings it there, and the site as it will be.
  package func stage(
    _ site: Site, over place: PublishedSite, threads: Int = 1, waiting: () -> Void = {}
  ) throws(PublishingError) -> (replacement: Replacement, summary: Summary) {
    let turn = try BuildTurn(at: place.folder, waiting: waiting)
    do {
      let place = try place.current()
      let draft = Draft(turn.building, over: place)
      let parts = site.parts(templates)
      try fill(draft, with: site, parts, threads: threads)
      try Replacement.check(draft.written, in: place.folder, over: place.manifest)
      let files = draft.files
      let manifest = Manifest(
        head: site.head, inputs: site.inputs(templates), files: files.mapValues(\.digest),
        units: Dictionary(
          parts.compactMap(\.unit).map { ($0.folder, $0.key) },
          uniquingKeysWith: { first, _ in first }))
      try Folder.write(Array(manifest.text.utf8), to: turn.building + "/" + Manifest.name)
      let summary = Summary(
        pages: files.keys.count { Publisher.isPage($0) }, files: files.count,
        bytes: files.values.reduce(0) { $0 + $1.size }, unchanged: false)
      let replacement = Replacement(
        of: manifest, over: place.manifest, for: place.folder, in: turn)
      return (replacement, summary)
    } catch {
      try? turn.giveUp()
      throw error
    }
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
  private static func existing(_ folder: String) throws(PublishingError) -> Manifest? {
    switch Folder.kind(folder) {
    case .absent: return nil
    case .file, .other: throw .notASite(folder: folder)
    case .folder: break
    }
    if try Folder.names(folder).isEmpty { return nil }
    guard let manifest = try Manifest(of: folder) else { throw .notASite(folder: folder) }
    return manifest
  }

  /// Writes each file as soon as it is made, so that a site of any size takes little memory.
  private func fill(_ draft: Draft, with site: Site, _ parts: [Site.Part], threads: Int)
    throws(PublishingError)
  {
    try SideBySide.perform(parts.count, threads: threads) { index throws(PublishingError) in
      let part = parts[index]
      if let unit = part.unit, try draft.keep(unit) { return }
      for file in try part.make(templates) { try draft.put(file) }
    }
    for file in try site.closing(after: Array(draft.files.keys)) { try draft.put(file) }
  }
}
