import Determinism

/// A folder that has a site, or is to have one.
package struct PublishedSite: Sendable {
  let folder: String
  /// nil for an empty or absent folder.
  let manifest: Manifest?
  /// Whether nothing there is taken for what it was.
  private let isForeign: Bool
  /// When the manifest was written, which comes last.
  private let finished: Folder.Stamp?

  init(folder: String, manifest: Manifest?) {
    self.init(folder: folder, manifest: manifest, isForeign: false)
  }

  private init(folder: String, manifest: Manifest?, isForeign: Bool) {
    self.folder = folder
    self.manifest = manifest
    self.isForeign = isForeign
    finished = Folder.stamp(folder + "/" + Manifest.name)
  }

  /// Of which nothing stays because it is the same.
  package var asForeign: PublishedSite {
    PublishedSite(folder: folder, manifest: manifest, isForeign: true)
  }

  /// As it is now: another build may have come in between.
  func current() throws(PublishingError) -> PublishedSite {
    if Folder.stamp(folder + "/" + Manifest.name) == finished { return self }
    let now = try Publisher.look(at: folder)
    return isForeign ? now.asForeign : now
  }

  /// The files of each unit, in the order of their paths.
  func filesByUnit() -> [Substring: [String]] {
    isForeign ? [:] : Dictionary(grouping: manifest?.files.keys.sorted() ?? [], by: Self.unit)
  }

  /// The first two names of a path.
  private static func unit(of path: String) -> Substring {
    let slash = UInt8(ascii: "/")
    guard let first = path.utf8.firstIndex(of: slash),
      let second = path.utf8[path.utf8.index(after: first)...].firstIndex(of: slash)
    else { return path[...] }
    return path[..<second]
  }

  /// The site's own account, when it is one of these records and inputs; nil when it has to be built.
  ///
  /// Pages are not flushed one by one, they can be built again; after a power cut some may be gone or empty.
  package func unchanged(head: Digest, inputs: JSON, threads: Int = 1) -> Publisher.Summary? {
    guard let manifest, manifest.head == head, manifest.inputs == inputs else { return nil }
    let paths = Array(manifest.files.keys)
    guard let bytes = SideBySide.sum(paths, threads: threads, intact) else { return nil }
    return Publisher.Summary(
      pages: paths.count(where: Publisher.isPage), files: paths.count, bytes: bytes,
      unchanged: true)
  }

  /// How it was asked for, as far as that is not prose; nil where there is no site.
  package var options: (runPages: RunPages, baseURL: String?, archives: SiteArchives)? {
    guard let inputs = manifest?.inputs,
      let runPages = inputs["run-pages"]?.string.flatMap(RunPages.init(rawValue:))
    else { return nil }
    return (runPages, inputs["base-url"]?.string, SiteArchives(manifest: inputs["archives"]))
  }

  /// What has changed since it was built, by name: `narratives.probes`, `templates.site.css`, `records`. Empty where
  /// a build would change nothing.
  package func staleness(head: Digest, inputs: JSON) -> [String] {
    guard let manifest else { return [] }
    let (old, new) = (Self.leaves(manifest.inputs), Self.leaves(inputs))
    let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    return (manifest.head == head ? [] : ["records"]) + changed.map(\.value)
  }

  /// Objects only: a list is compared as a whole.
  private static func leaves(_ json: JSON, _ prefix: String = "") -> [JSON.Text: JSON] {
    guard let object = json.object else { return [JSON.Text(prefix): json] }
    return object.members.reduce(into: [:]) { leaves, member in
      let name = prefix.isEmpty ? member.key.value : "\(prefix).\(member.key.value)"
      leaves.merge(Self.leaves(member.value, name)) { first, _ in first }
    }
  }

  /// The files of a unit; nil when the unit is another one, or a file is not what was written.
  ///
  /// - Parameter all: ``filesByUnit()``.
  func files(
    of unit: Site.Part.Unit, among all: [Substring: [String]]
  ) -> [(path: String, digest: Digest, size: Int)]? {
    guard !isForeign, let manifest, manifest.units[unit.folder] == unit.key,
      let paths = all[unit.folder[...]]
    else { return nil }
    var found: [(path: String, digest: Digest, size: Int)] = []
    for path in paths {
      guard let digest = manifest.files[path], let size = intact(path) else { return nil }
      found.append((path, digest, size))
    }
    return found
  }

  /// Whether a file is there and says this.
  func holds(_ path: String, _ digest: Digest) -> Bool {
    !isForeign && manifest?.files[path] == digest && intact(path) != nil
  }

  /// The size of a file that is as the manifest has it; nil for another. What nobody has written to since the manifest
  /// is not read for that: there may be very many, and `check` reads them all.
  private func intact(_ path: String) -> Int? {
    let file = folder + "/" + path
    guard let digest = manifest?.files[path], let stamp = Folder.stamp(file) else { return nil }
    if stamp.size == 0 || finished.map({ !stamp.isBefore($0) }) ?? true {
      guard let bytes = try? Folder.read(file), Digest(of: bytes) == digest else { return nil }
    }
    return stamp.size
  }
}
