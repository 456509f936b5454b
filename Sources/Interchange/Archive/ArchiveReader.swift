import Determinism
import Records

/// An archive that was read and found whole. It may come from anybody: names are recomputed from digests,
/// links are not followed, sizes are bounded, and nothing that it contains is ever executed.
package struct ArchiveReader: Sendable {
  package let folder: String
  package let slug: String
  package let chains: [LedgerChain]
  /// By record hash.
  package let records: [Digest: AnyRecord]
  /// Artifacts that the archive carries.
  package let artifacts: Set<Digest>
  /// Of `records.jsonl`, by record hash.
  private let lines: [Digest: Int]

  /// Reads and verifies everything but the bytes of artifacts, which `bytes(of:)` verifies.
  ///
  /// - Throws: `ArchiveError` with the file and line at fault.
  package init(_ folder: String) throws(ArchiveError) {
    let manifest = try ArchiveManifest(folder)
    let file = try Self.read(
      folder, ArchiveFormat.records, atMost: ArchiveFormat.largestRecords)
    guard Digest(of: file) == manifest.recordsDigest else {
      throw ArchiveError(
        folder, ArchiveFormat.records, "is not the file that \(ArchiveFormat.manifest) names",
        hint: "get the archive again; a line-ending conversion also does this")
    }
    var parser = RecordLines(folder: folder, slug: manifest.slug, chains: manifest.chains)
    try parser.read(file)
    self.folder = folder
    slug = manifest.slug
    chains = parser.finished
    records = parser.records
    lines = parser.lines
    artifacts = try Self.objects(folder, named: parser.artifacts)
    let again = ArchiveFormat.manifest(
      slug: slug, chains: chains, counts: parser.counts, records: manifest.recordsDigest,
      withWeights: manifest.withWeights, artifacts: artifacts.count)
    guard again == manifest.document else {
      throw ArchiveError(
        folder, ArchiveFormat.manifest, "does not describe what the archive holds")
    }
  }

  /// Copies the archive into a registry: all of it, or nothing and an error. Again adds nothing.
  ///
  /// - Throws: `ArchiveError`, `RegistryError`.
  package func `import`(into registry: Registry) throws -> Registry.Imported {
    for digest in artifacts.sorted() { _ = try bytes(of: digest) }
    do {
      return try registry.adopt(
        chains: chains, records: records, artifacts: artifacts, bytes: { try bytes(of: $0) })
    } catch RegistryError.refusedImport(let record, let problem) {
      throw ArchiveError(
        folder, ArchiveFormat.records, line: lines[record] ?? 0, problem)
    }
  }

  /// The bytes of an artifact that the archive carries, verified.
  package func bytes(of digest: Digest) throws(ArchiveError) -> [UInt8] {
    let name = "\(ArchiveFormat.objects)/\(digest.hex)"
    let bytes = try Self.read(folder, name, atMost: ArchiveFormat.largestObject)
    let found = Digest(of: bytes)
    guard found == digest else {
      throw ArchiveError(folder, name, "its bytes have SHA-256 \(found.hex)")
    }
    return bytes
  }

  static func read(_ folder: String, _ name: String, atMost limit: Int) throws(ArchiveError)
    -> [UInt8]
  {
    do {
      if let bytes = try DurableFile.read("\(folder)/\(name)", atMost: limit) { return bytes }
    } catch {
      let problem = (error as? RegistryError)?.problem ?? "\(error)"
      throw ArchiveError(folder, name, "cannot be read: \(problem)")
    }
    throw ArchiveError(
      folder, name, "is missing",
      hint: name == ArchiveFormat.manifest ? "is this the folder of an archive?" : nil)
  }

  /// Objects that are there. Every one has to be the artifact of some record.
  private static func objects(_ folder: String, named: Set<Digest>) throws(ArchiveError) -> Set<
    Digest
  > {
    let place = "\(folder)/\(ArchiveFormat.objects)"
    // Version control keeps no empty folder: an archive without artifacts may have none.
    if Path.kind(of: place) == .missing { return [] }
    guard Path.isRealFolder(place) else {
      throw ArchiveError(folder, ArchiveFormat.objects, "is not a folder")
    }
    var found: Set<Digest> = []
    for name in Path.names(in: place) {
      let file = "\(ArchiveFormat.objects)/\(name)"
      guard let digest = Digest(hex: name), named.contains(digest) else {
        throw ArchiveError(folder, file, "no record names it")
      }
      guard Path.kind(of: "\(place)/\(name)") == .file else {
        throw ArchiveError(folder, file, "is not a regular file")
      }
      found.insert(digest)
    }
    return found
  }
}
