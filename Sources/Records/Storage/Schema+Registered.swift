/// Format 2: runs registered from elsewhere. Written out though much is as in format 1: each is frozen by
/// itself, and neither may change with the other.
extension Schema {
  /// The ledger takes a further kind of record. SQLite cannot change a CHECK, so the table is made anew with
  /// its rows; dropping the old one also drops its triggers.
  static let ledgerOfFormat2 =
    [
      "ALTER TABLE ledger RENAME TO ledger_of_format_1",
      """
      CREATE TABLE ledger (
        chain INTEGER NOT NULL REFERENCES chain (id),
        position INTEGER NOT NULL CHECK (position >= 0),
        kind TEXT NOT NULL CHECK (kind IN
          ('study', 'stage', 'run', 'freeze', 'assessment', 'rerun', 'registered-run')),
        \(digest("record")),
        \(digest("link")),
        PRIMARY KEY (chain, position),
        UNIQUE (chain, record)
      ) STRICT, WITHOUT ROWID
      """,
      "INSERT INTO ledger SELECT chain, position, kind, record, link FROM ledger_of_format_1",
      "DROP TABLE ledger_of_format_1",
    ] + triggers(on: "ledger")

  static let registeredRecordTables = [
    "registered_run", "registered_scalar", "registered_series", "registered_curve",
    "registered_artifact",
  ]

  static let registeredTables = [
    """
    CREATE TABLE registered_run (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      \(digest("run", " UNIQUE")),
      slug TEXT NOT NULL,
      name TEXT NOT NULL,
      client_id TEXT,
      \(json("config")),
      \(digest("config_digest")),
      \(json("tags")),
      state TEXT NOT NULL CHECK (state IN ('completed', 'failed', 'interrupted')),
      parent BLOB CHECK (parent IS NULL OR length(parent) = 32),
      notes TEXT NOT NULL,
      \(digest("values_digest")),
      \(json("circumstances"))
    ) STRICT
    """,
    "CREATE INDEX registered_run_slug ON registered_run (slug)",
    "CREATE INDEX registered_run_config ON registered_run (config_digest)",
    """
    CREATE TABLE registered_scalar (
      run INTEGER NOT NULL REFERENCES registered_run (id),
      name INTEGER NOT NULL REFERENCES name (id),
      \(double("bits")),
      PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE registered_series (
      run INTEGER NOT NULL REFERENCES registered_run (id),
      name INTEGER NOT NULL REFERENCES name (id),
      \(packed("steps")),
      \(packed("bits")),
      PRIMARY KEY (run, name),
      CHECK (length(steps) = length(bits))
    ) STRICT
    """,
    """
    CREATE TABLE registered_curve (
      run INTEGER NOT NULL REFERENCES registered_run (id),
      name INTEGER NOT NULL REFERENCES name (id),
      \(packed("thresholds")),
      \(packed("true_positives")),
      \(packed("false_positives")),
      positives INTEGER NOT NULL CHECK (positives >= 0),
      negatives INTEGER NOT NULL CHECK (negatives >= 0),
      PRIMARY KEY (run, name),
      CHECK (length(thresholds) = length(true_positives)
        AND length(thresholds) = length(false_positives))
    ) STRICT
    """,
    """
    CREATE TABLE registered_artifact (
      run INTEGER NOT NULL REFERENCES registered_run (id),
      name INTEGER NOT NULL REFERENCES name (id),
      role TEXT NOT NULL CHECK (role IN ('kept', 'remade')),
      media_type TEXT NOT NULL,
      \(digest("sha256")),
      size INTEGER NOT NULL CHECK (size >= 0),
      PRIMARY KEY (run, name)
    ) STRICT
    """,
    "CREATE INDEX registered_artifact_sha256 ON registered_artifact (sha256)",
  ]

  static func registeredViews(_ decoder: Decoder) -> [String] {
    [
      """
      CREATE VIEW registered_value AS
      SELECT lower(hex(run.run)) AS run, run.slug AS study, run.name AS run_name,
        run.state AS state, name.name AS name,
        \(decoder.number("scalar.bits")) AS value,
        \(decoder.kind("scalar.bits")) AS kind
      FROM registered_scalar AS scalar JOIN registered_run AS run ON run.id = scalar.run
        JOIN name ON name.id = scalar.name
      """,
      """
      CREATE VIEW registered_series_point AS
      WITH RECURSIVE point (run, name, i) AS (
        SELECT run, name, 0 FROM registered_series WHERE length(bits) > 0
        UNION ALL
        SELECT point.run, point.name, point.i + 1
        FROM point JOIN registered_series AS series
          ON series.run = point.run AND series.name = point.name
        WHERE 8 * (point.i + 1) < length(series.bits)
      )
      SELECT lower(hex(run.run)) AS run, run.slug AS study, name.name AS name, point.i AS position,
        \(decoder.integer(at("series.steps", "point.i"))) AS step,
        \(decoder.number(at("series.bits", "point.i"))) AS value,
        \(decoder.kind(at("series.bits", "point.i"))) AS kind
      FROM point JOIN registered_series AS series
          ON series.run = point.run AND series.name = point.name
        JOIN registered_run AS run ON run.id = point.run JOIN name ON name.id = point.name
      """,
      """
      CREATE VIEW registered_roc_point AS
      WITH RECURSIVE point (run, name, i) AS (
        SELECT run, name, 0 FROM registered_curve WHERE length(thresholds) > 0
        UNION ALL
        SELECT point.run, point.name, point.i + 1
        FROM point JOIN registered_curve AS curve
          ON curve.run = point.run AND curve.name = point.name
        WHERE 8 * (point.i + 1) < length(curve.thresholds)
      ), counted AS (
        SELECT lower(hex(run.run)) AS run, run.slug AS study, name.name AS name,
          point.i AS position,
          \(decoder.number(at("curve.thresholds", "point.i"))) AS threshold,
          \(decoder.kind(at("curve.thresholds", "point.i"))) AS threshold_kind,
          \(decoder.integer(at("curve.true_positives", "point.i"))) AS tp,
          \(decoder.integer(at("curve.false_positives", "point.i"))) AS fp,
          curve.positives AS positives, curve.negatives AS negatives
        FROM point JOIN registered_curve AS curve
            ON curve.run = point.run AND curve.name = point.name
          JOIN registered_run AS run ON run.id = point.run JOIN name ON name.id = point.name
      )
      SELECT run, study, name, position, threshold, threshold_kind, tp, fp,
        negatives - fp AS tn, positives - tp AS fn,
        CAST(tp AS REAL) / positives AS tpr, CAST(fp AS REAL) / negatives AS fpr
      FROM counted
      """,
    ]
  }
}
