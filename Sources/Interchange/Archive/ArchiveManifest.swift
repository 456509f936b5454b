import Determinism
import Records

/// `archive.json`, read.
struct ArchiveManifest {
  struct Chain {
    let origin: Digest
    let length: Int
    let head: Digest
  }

  let document: JSON
  let slug: String
  let chains: [Chain]
  let recordsDigest: Digest
  let withWeights: Bool

  init(_ folder: String) throws(ArchiveError) {
    func refuse(_ message: String, line: Int = 0, hint: String? = nil) -> ArchiveError {
      ArchiveError(folder, ArchiveFormat.manifest, line: line, message, hint: hint)
    }
    guard Path.kind(of: folder) == .folder else { throw ArchiveError(folder, "is not a folder") }
    let bytes = try ArchiveReader.read(
      folder, ArchiveFormat.manifest, atMost: ArchiveFormat.largestManifest)
    do { document = try JSON(parsing: bytes) } catch {
      throw refuse(error.message, line: error.line)
    }
    guard let format = document["format"]?.int else { throw refuse("'format' is missing") }
    guard format == ArchiveFormat.version else {
      throw refuse(
        "archive format \(format); this program reads \(ArchiveFormat.version)",
        hint: "use the version of dormouse that wrote it, or a newer one")
    }
    guard let slug = document["slug"]?.string else { throw refuse("'slug' is missing") }
    guard let records = document["records_sha256"]?.digest else {
      throw refuse("'records_sha256' is missing")
    }
    guard let chains = document["chains"]?.array, !chains.isEmpty else {
      throw refuse("'chains' is missing")
    }
    self.slug = slug
    recordsDigest = records
    withWeights = document["with_weights"]?.bool ?? false
    var read: [Chain] = []
    for chain in chains {
      guard let origin = chain["origin"]?.digest, let head = chain["head"]?.digest,
        let length = chain["length"]?.int, length > 0
      else { throw refuse("a chain needs 'origin', 'length' and 'head'") }
      if let last = read.last, last.origin >= origin {
        throw refuse("chains are not sorted by origin")
      }
      read.append(Chain(origin: origin, length: length, head: head))
    }
    self.chains = read
  }
}
