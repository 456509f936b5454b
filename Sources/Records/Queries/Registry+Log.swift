import Determinism
import GRDB

/// One chain of the ledger, looked at from its end.
package struct ChainLog: Sendable {
  package struct Entry: Sendable {
    package let position: Int
    package let kind: String
    package let record: Digest
    package let link: Digest
    /// What it stands for, as it was hashed; nil when that is missing or no longer what it was.
    package let content: AnyRecord?
  }

  package let origin: Digest
  package let slug: String
  package let length: Int
  package let head: Digest
  /// The first position whose link is not the hash of what comes before it.
  package let firstBreak: Int?
  /// The newest entries, last first.
  package let newest: [Entry]

  /// Every link holds, and every entry shown is what was recorded.
  package var isSound: Bool { firstBreak == nil && newest.allSatisfy { $0.content != nil } }
}

extension Registry {
  /// The chains of the ledger by study and origin. Every link of them is computed anew; the records behind the
  /// newest entries are read and verified.
  ///
  /// - Parameters:
  ///   - slug: only chains of this study.
  ///   - limit: how many entries of each chain.
  package func chainLogs(slug: String? = nil, newest limit: Int) throws -> [ChainLog] {
    try reading { db in
      try db.rows("SELECT id, origin, CAST(slug AS BLOB) FROM chain ORDER BY slug, origin")
        .filter { row in try slug.map { JSON.Text($0) == JSON.Text(try row.text(2)) } ?? true }
        .map { try chainLog($0.integer(0), $0.digest(1), $0.text(2), limit, db) }
    }
  }

  private func chainLog(
    _ chain: Int, _ origin: Digest, _ slug: String, _ limit: Int, _ db: Database
  ) throws
    -> ChainLog
  {
    var previous = LedgerChain.root(origin: origin, slug: slug)
    var length = 0
    var firstBreak: Int?
    try db.each(
      "SELECT record, link FROM ledger WHERE chain = ? ORDER BY position", [.integer(chain)]
    ) {
      let link = try $0.rawDigest(1)
      if firstBreak == nil, link != LedgerChain.link(after: previous, record: try $0.rawDigest(0)) {
        firstBreak = length
      }
      previous = link
      length += 1
    }
    let rows = try db.rows(
      """
      SELECT position, CAST(kind AS BLOB), record, link FROM ledger WHERE chain = ?
      ORDER BY position DESC LIMIT ?
      """, [.integer(chain), .integer(limit)])
    return ChainLog(
      origin: origin, slug: slug, length: length, head: previous, firstBreak: firstBreak,
      newest: try rows.map { row in
        let (kind, record) = (try row.text(1), try row.digest(2))
        let content = try AnyRecord.Kind(rawValue: kind).flatMap {
          try verifiedIfThere(record, $0, db)
        }
        return ChainLog.Entry(
          position: try row.integer(0), kind: kind, record: record, link: try row.digest(3),
          content: content)
      })
  }

  private func verifiedIfThere(_ record: Digest, _ kind: AnyRecord.Kind, _ db: Database) throws
    -> AnyRecord?
  {
    do { return try RecordTable.verified(record, kind, db, file: database) } catch is RegistryError
    {
      return nil
    } catch is ColumnDamage { return nil } catch is RecordFormatError { return nil }
  }
}
