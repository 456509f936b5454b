import Interchange
import Records

/// The archives that a published site carries: everything that its numbers rest on.
struct SiteArchives {
  /// Below the site's folder.
  static let folder = "archives"

  /// Every study's archive as files of the site, as 'dormouse export' writes it, by path.
  static func files(of snapshot: Snapshot) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for slug in Set(snapshot.chains.map(\.slug)).sorted() {
      try Files.withTemporaryFolder { folder in
        let archive = "\(folder)/archive"
        try ArchiveWriter(snapshot, slug: slug).write(to: archive)
        for path in try Files.files(below: archive) {
          files["\(Self.folder)/\(slug)/\(path)"] = try Files.bytes(of: "\(archive)/\(path)")
        }
      }
    }
    return files
  }

  private let root: String

  /// - Returns: nil where the folder holds no site.
  init?(_ site: String) {
    guard Files.isFile("\(site)/site-manifest.json") else { return nil }
    root = "\(site)/\(Self.folder)"
  }

  /// Takes them into a registry; what is there already stays as it is.
  ///
  /// - Parameter study: only this one.
  /// - Returns: how many records are new.
  func take(into registry: Registry, study: String?) throws -> Int {
    guard Files.exists(root) else {
      throw Failure(
        .usage, "\(root): the site carries no archives",
        hint: "it was built with --no-archives; ask for the studies' archives")
    }
    let held = try Files.names(in: root).filter { Files.isFile("\(root)/\($0)/archive.json") }
    var records = 0
    for slug in held where study == nil || slug == study {
      records += try ArchiveReader("\(root)/\(slug)").import(into: registry).records
    }
    return records
  }
}
