/// Format 4: what was removed on request. The ledger takes a further kind of record, as in formats 2 and 3.
extension Schema {
  static let ledgerOfFormat4 =
    [
      // A view would follow the table to its new name.
      "DROP VIEW ledger_entries",
      "ALTER TABLE ledger RENAME TO ledger_of_format_3",
      """
      CREATE TABLE ledger (
        chain INTEGER NOT NULL REFERENCES chain (id),
        position INTEGER NOT NULL CHECK (position >= 0),
        kind TEXT NOT NULL CHECK (kind IN ('study', 'stage', 'run', 'freeze', 'assessment', 'rerun',
          'registered-run', 'annotation', 'tombstone')),
        \(digest("record")),
        \(digest("link")),
        PRIMARY KEY (chain, position),
        UNIQUE (chain, record)
      ) STRICT, WITHOUT ROWID
      """,
      "INSERT INTO ledger SELECT chain, position, kind, record, link FROM ledger_of_format_3",
      "DROP TABLE ledger_of_format_3",
    ] + triggers(on: "ledger") + [ledgerEntries]

  static let tombstoneTables = [
    """
    CREATE TABLE tombstone (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      slug TEXT NOT NULL,
      \(json("artifacts")),
      \(json("circumstances"))
    ) STRICT
    """
  ]
}
