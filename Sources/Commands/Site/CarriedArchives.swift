import Interchange
import Publishing
import Records

/// The archives that a published site carries or lies beside: everything that its numbers rest on.
struct CarriedArchives {
  /// Every study's archive as files of the site, as 'dormouse export' writes it, by path.
  static func files(of snapshot: Snapshot) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for slug in Set(snapshot.chains.map(\.slug)).sorted() {
      try Files.withTemporaryFolder { folder in
        let archive = "\(folder)/archive"
        try ArchiveWriter(snapshot, slug: slug).write(to: archive)
        for path in try Files.files(below: archive) {
          files["\(SiteArchives.carriedFolder(of: slug))/\(path)"] = try Files.bytes(
            of: "\(archive)/\(path)")
        }
      }
    }
    return files
  }

  private let site: String
  private let archives: SiteArchives

  /// Whether a folder holds a site.
  static func isSite(_ folder: String) -> Bool { Files.isFile("\(folder)/site-manifest.json") }

  /// - Returns: nil where the folder holds no site.
  init?(_ site: String) throws {
    guard Self.isSite(site) else { return nil }
    self.site = site
    archives = try Publisher.look(at: site).options?.archives ?? .absent
  }

  /// Takes them into a registry; what is there already stays as it is.
  ///
  /// - Parameter study: only this one.
  /// - Returns: how many records are new.
  func take(into registry: Registry, study: String?) throws -> Int {
    guard let root = archives.root else {
      throw Failure(
        .usage, "\(site): the site carries no archives",
        hint: "it was built with --no-archives; ask for the studies' archives")
    }
    guard Files.exists("\(site)/\(root)") else {
      throw Failure(
        .usage, "\(site)/\(root): the site's archives are not there",
        hint: "this copy of the site has lost them, or was taken from beside them")
    }
    let slugs = try Files.names(in: "\(site)/\(root)").filter { study == nil || $0 == study }
    var records = 0
    for slug in slugs {
      guard let folder = archives.folder(of: slug).map({ "\(site)/\($0)" }),
        Files.isFile("\(folder)/archive.json")
      else { continue }
      records += try ArchiveReader(folder).import(into: registry).records
    }
    return records
  }
}
