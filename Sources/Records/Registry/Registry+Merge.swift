import Determinism
import GRDB
import Studies

extension Registry {
  /// What another registry has that this one has not, ready to be taken in.
  package struct Merge: Sendable {
    /// Those with entries that are new here, whole.
    let chains: [LedgerChain]
    let records: [Digest: AnyRecord]
    /// Everything held there that those records name.
    let artifacts: Set<Digest>
    /// What cannot be reconciled, each with its reason. With any of them nothing is merged.
    package let conflicts: [RegistryError]
    /// Runs there that are not completed: no records yet, they stay where they are.
    package let unfinished: Int

    package var chainCount: Int { chains.count }
    package let newRecords: Int
  }

  /// Compares another registry with this one; nothing is written.
  ///
  /// - Throws: `RegistryError`: the same registry, or one whose records do not match their hashes.
  package func compare(with other: Registry) throws -> Merge {
    guard Path.identity(of: other.database) != Path.identity(of: database) else {
      throw RegistryError.sameRegistry(path: other.path)
    }
    let (chains, records, unfinished) = try other.reading { theirs in
      let here = try reading { db in
        Dictionary(
          try LedgerTable.chains(db).map { ([JSON($0.origin), JSON($0.slug)] as JSON, $0) }
            .map { (Digest(of: $0.0), $0.1) }, uniquingKeysWith: { first, _ in first })
      }
      let chains = try LedgerTable.chains(theirs).filter { chain in
        let known = here[Digest(of: [JSON(chain.origin), JSON(chain.slug)] as JSON)]
        // One that ends as ours begins is known already.
        guard let known, known.entries.count >= chain.entries.count else { return true }
        return !known.entries.prefix(chain.entries.count).elementsEqual(chain.entries)
      }
      var records: [Digest: AnyRecord] = [:]
      for entry in chains.flatMap(\.entries) where records[entry.record] == nil {
        guard let kind = AnyRecord.Kind(rawValue: entry.kind) else { continue }
        records[entry.record] = try RecordTable.verified(
          entry.record, kind, theirs, file: other.database)
      }
      let unfinished = try theirs.integer("SELECT count(*) FROM attempt") ?? 0
      return (chains, records, unfinished)
    }
    var artifacts: Set<Digest> = []
    for record in records.values {
      for artifact in record.artifacts.values where other.objects.holds(artifact.digest) {
        artifacts.insert(artifact.digest)
      }
    }
    let newRecords = try reading { db in
      try records.filter { digest, record in
        guard kinds.contains(record.kind) else { return true }
        return try RecordTable.id(of: digest, record.kind, db) == nil
      }.count
    }
    return Merge(
      chains: chains, records: records, artifacts: artifacts,
      conflicts: try conflicts(of: chains, records, coming: artifacts), unfinished: unfinished,
      newRecords: newRecords)
  }

  /// Takes it in: all of it or, if anything fails, nothing.
  ///
  /// - Precondition: there are no conflicts.
  package func perform(_ merge: Merge, from other: Registry) throws -> Imported {
    precondition(merge.conflicts.isEmpty, "a merge without conflicts")
    return try adopt(
      chains: merge.chains, records: merge.records, artifacts: merge.artifacts,
      bytes: { try other.objects.read($0) })
  }
}
