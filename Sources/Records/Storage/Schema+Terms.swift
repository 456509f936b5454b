import GRDB

/// Format 5: what conditions look for, so that a filter costs what it finds and not what is stored.
///
/// Terms are rows of (name, value, run), in that order on disk. A table of runs' settings beside an index would
/// hold everything twice; indices on `json_extract` would have to be made for each setting that somebody
/// asks for, by a reader, and cannot be where the schema is not trusted. Nothing refers to its rows and it
/// refers to none with a foreign key, which would be looked up twice for each of them: `check` holds it against
/// the runs instead.
extension Schema {
  static let termTables = [
    """
    CREATE TABLE registered_term (
      name INTEGER NOT NULL,
      value ANY NOT NULL,
      run INTEGER NOT NULL,
      PRIMARY KEY (name, value, run)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE annotation_tag (
      value ANY NOT NULL,
      annotation INTEGER NOT NULL,
      PRIMARY KEY (value, annotation)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX rerun_verdict ON rerun (verdict, run)",
    "CREATE INDEX run_arm ON run (arm)",
    "CREATE INDEX run_seed ON run (seed)",
  ]

  @Sendable static func fillTerms(_ db: Database) throws {
    try TermTable.fill(db)
    try AnnotationTagTable.fill(db)
  }
}
