import Determinism

/// A folder that has a site, or is to have one.
package struct PublishedSite: Sendable {
  let folder: String
  /// nil for an empty or absent folder.
  private let manifest: Manifest?
  private let files: [Substring: [String]]
  private let units: [String: Digest]
  /// When the manifest was written, which comes last.
  private let finished: Folder.Stamp?

  init(folder: String, manifest: Manifest?) {
    self.init(folder: folder, manifest: manifest, units: manifest?.units ?? [:])
  }

  private init(folder: String, manifest: Manifest?, units: [String: Digest]) {
    self.folder = folder
    self.manifest = manifest
    self.units = units
    finished = Folder.stamp(folder + "/" + Manifest.name)
    files =
      units.isEmpty
      ? [:]
      : Dictionary(grouping: manifest?.files.keys.sorted() ?? [], by: Self.unit)
  }

  /// Of whose folders nothing is taken over.
  package var asForeign: PublishedSite {
    PublishedSite(folder: folder, manifest: manifest, units: [:])
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
  package func unchanged(head: Digest, inputs: JSON) -> Publisher.Summary? {
    guard let manifest, manifest.head == head, manifest.inputs == inputs else { return nil }
    let empty = Digest(of: [UInt8]())
    let isWhole = manifest.files.allSatisfy { path, digest in
      Folder.size(folder + "/" + path).map { $0 > 0 || digest == empty } ?? false
    }
    guard isWhole else { return nil }
    return Publisher.Summary(
      pages: manifest.files.keys.count { Publisher.isPage($0) }, files: manifest.files.count,
      bytes: 0, unchanged: true, kept: [])
  }

  /// How it was asked for, as far as that is not prose; nil where there is no site.
  package var options: (runPages: RunPages, baseURL: String?, hasArchives: Bool)? {
    guard let inputs = manifest?.inputs,
      let runPages = inputs["run-pages"]?.string.flatMap(RunPages.init(rawValue:))
    else { return nil }
    return (runPages, inputs["base-url"]?.string, inputs["archives"]?.bool ?? false)
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

  /// Files that are not the site's.
  func foreignFiles() throws(PublishingError) -> [String] {
    guard let manifest else { return [] }
    return try Folder.tree(folder).files.filter {
      manifest.files[$0] == nil && $0 != Manifest.name
    }
  }

  /// The files of a unit as they are on the disk, each with the digest that the manifest has of it; nil when the
  /// unit is another one, or a file is not what was written. Those that nobody has written to since the manifest are
  /// not read for that: there may be very many, and `check` reads them all.
  func files(of unit: Site.Part.Unit) -> [(path: String, digest: Digest, size: Int)]? {
    guard let manifest, units[unit.folder] == unit.key, let paths = files[unit.folder[...]] else {
      return nil
    }
    var found: [(path: String, digest: Digest, size: Int)] = []
    for path in paths {
      let file = folder + "/" + path
      guard let digest = manifest.files[path], let stamp = Folder.stamp(file) else { return nil }
      if stamp.size == 0 || finished.map({ !stamp.isBefore($0) }) ?? true {
        guard let bytes = try? Folder.read(file), Digest(of: bytes) == digest else { return nil }
      }
      found.append((path, digest, stamp.size))
    }
    return found
  }
}
