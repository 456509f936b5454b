import Determinism
import Glibc
import Records

/// Writes a study's archive from a snapshot.
package struct ArchiveWriter: Sendable {
  package struct Summary: Equatable, Sendable {
    package let records: Int
    package let artifacts: Int
    /// Of all files.
    package let bytes: Int
    /// Remade artifacts that were asked for and are not held.
    package let notHeld: Int
  }

  private let snapshot: Snapshot
  private let slug: String
  private let withWeights: Bool

  /// - Parameter withWeights: also the remade artifacts (checkpoints, activations) that are held.
  package init(_ snapshot: Snapshot, slug: String, withWeights: Bool = false) {
    self.snapshot = snapshot
    self.slug = slug
    self.withWeights = withWeights
  }

  /// Writes the archive beside its place, makes it durable and puts it there in one step. An archive that
  /// is there already is replaced; anything else is refused.
  ///
  /// - Throws: `ArchiveError`, `RegistryError`; what was there before is still there then.
  @discardableResult
  package func write(to folder: String) throws -> Summary {
    let chains = LedgerChain.sorted(
      snapshot.chains.filter { JSON.Text($0.slug) == JSON.Text(slug) })
    guard !chains.isEmpty else {
      throw ArchiveError(
        folder, "nothing is recorded of a study '\(slug)'", hint: "see 'dormouse list'")
    }
    try refuseForeign(folder)
    let content = try Content(chains, snapshot)
    let draft = try ExportDraft(of: folder, removing: ArchiveFolder.remove)
    let summary = try write(content, chains, to: draft.path)
    try draft.commit()
    return summary
  }

  private func write(_ content: Content, _ chains: [LedgerChain], to draft: String) throws
    -> Summary
  {
    let objects = "\(draft)/\(ArchiveFormat.objects)"
    try DurableFile.makeFolder(objects)
    var bytes = content.lines.count
    var written = 0
    var notHeld = 0
    for (digest, isKept) in content.artifacts.sorted(by: { $0.key < $1.key })
    where isKept || withWeights {
      let object: [UInt8]
      do { object = try snapshot.artifact(digest) } catch RegistryError.notHeld where !isKept {
        notHeld += 1
        continue
      }
      try DurableFile.write(object, to: "\(objects)/\(digest.hex)")
      written += 1
      bytes += object.count
    }
    try DurableFile.write(content.lines, to: "\(draft)/\(ArchiveFormat.records)")
    let manifest = Array(
      ArchiveFormat.manifest(
        slug: slug, chains: chains, counts: content.counts, records: Digest(of: content.lines),
        withWeights: withWeights, artifacts: written
      ).prettyText.utf8)
    try DurableFile.write(manifest, to: "\(draft)/\(ArchiveFormat.manifest)")
    return Summary(
      records: content.records, artifacts: written, bytes: bytes + manifest.count,
      notHeld: notHeld)
  }

  private func refuseForeign(_ folder: String) throws {
    switch Path.kind(of: folder) {
    case .missing: return
    case .folder:
      let names = Path.names(in: folder)
      if names.isEmpty || names.contains(ArchiveFormat.manifest) { return }
      throw ArchiveError(
        folder, "holds other files, and is not replaced", hint: "name an empty or a new folder")
    default: throw ArchiveError(folder, "is not a folder")
    }
  }

  /// `records.jsonl`, and what it refers to.
  private struct Content {
    var lines: [UInt8] = []
    var counts: [String: Int] = [:]
    var records = 0
    /// Whether some record keeps it.
    var artifacts: [Digest: Bool] = [:]

    init(_ chains: [LedgerChain], _ snapshot: Snapshot) throws {
      var written: Set<Digest> = []
      for chain in chains {
        for entry in chain.entries {
          guard let kind = AnyRecord.Kind(rawValue: entry.kind) else {
            throw RegistryError.unknown(kind: entry.kind, id: entry.record)
          }
          var document: JSON?
          if written.insert(entry.record).inserted {
            let record = try snapshot.record(kind, entry.record)
            document = record.document
            counts[entry.kind, default: 0] += 1
            records += 1
            for artifact in record.artifacts.values {
              artifacts[artifact.digest] =
                artifact.role == .kept || artifacts[artifact.digest] ?? false
            }
          }
          lines += ArchiveFormat.line(entry, document: document).canonicalBytes
          lines.append(UInt8(ascii: "\n"))
        }
      }
    }
  }
}

enum ArchiveFolder {
  /// Removes a draft or the archive that was in its place: the files of an archive and nothing else.
  static func remove(_ draft: String) throws {
    guard Path.kind(of: draft) == .folder else { return }
    for name in Path.names(in: "\(draft)/\(ArchiveFormat.objects)") {
      unlink("\(draft)/\(ArchiveFormat.objects)/\(name)")
    }
    rmdir("\(draft)/\(ArchiveFormat.objects)")
    for name in Path.names(in: draft) { unlink("\(draft)/\(name)") }
    guard rmdir(draft) == 0 || errno == ENOENT else {
      throw DurableFile.failure(draft, "remove the folder")
    }
  }
}
