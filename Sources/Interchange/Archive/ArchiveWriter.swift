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
    let draft = try ExportDraft(of: folder, removing: ArchiveFolder.remove)
    let summary = try write(chains, to: draft.path)
    try draft.commit()
    return summary
  }

  private func write(_ chains: [LedgerChain], to draft: String) throws -> Summary {
    let objects = "\(draft)/\(ArchiveFormat.objects)"
    try DurableFile.makeFolder(objects)
    let content = try Content(chains, snapshot, to: "\(draft)/\(ArchiveFormat.records)")
    var bytes = content.size
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
    let manifest = Array(
      ArchiveFormat.manifest(
        slug: slug, chains: chains, counts: content.counts, records: content.digest,
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

  /// What `records.jsonl` comes to, and what it refers to.
  private struct Content {
    /// Of the file.
    let size: Int
    let digest: Digest
    var counts: [String: Int] = [:]
    var records = 0
    /// Whether some record keeps it.
    var artifacts: [Digest: Bool] = [:]

    /// Writes it as it goes, for one record of it may be long.
    init(_ chains: [LedgerChain], _ snapshot: Snapshot, to path: String) throws {
      var written: Set<Digest> = []
      let file = try DurableFileWriter(in: Path.parent(of: path), for: path)
      let lines = ObjectWriter(file)
      func write(_ bytes: some Sequence<UInt8>) throws {
        try Array(bytes).withUnsafeBytes(lines.write)
      }
      for chain in chains {
        for entry in chain.entries {
          guard let kind = AnyRecord.Kind(rawValue: entry.kind) else {
            throw RegistryError.unknown(kind: entry.kind, id: entry.record)
          }
          let line = ArchiveFormat.line(entry).canonicalBytes
          if written.insert(entry.record).inserted {
            let record = try snapshot.record(kind, entry.record)
            try write(ArchiveFormat.beforeDocument.utf8)
            if case .registeredRun(let run) = record {
              // What goes wrong here goes wrong again with what is written next.
              run.writeCanonical { try? lines.write($0) }
            } else {
              try write(record.document.canonicalBytes)
            }
            try write(",".utf8)
            try write(line.dropFirst())
            counts[entry.kind, default: 0] += 1
            records += 1
            for artifact in record.artifacts.values {
              artifacts[artifact.digest] =
                artifact.role == .kept || artifacts[artifact.digest] ?? false
            }
          } else {
            try write(line)
          }
          try write("\n".utf8)
        }
      }
      try file.commit(to: path, mode: 0o644)
      digest = lines.digest
      size = lines.size
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
