/// Format 3: annotations, indices for narrow reads, and views with the names that people look for.
extension Schema {
  /// As in format 2: the ledger takes a further kind of record.
  static let ledgerOfFormat3 =
    [
      "ALTER TABLE ledger RENAME TO ledger_of_format_2",
      """
      CREATE TABLE ledger (
        chain INTEGER NOT NULL REFERENCES chain (id),
        position INTEGER NOT NULL CHECK (position >= 0),
        kind TEXT NOT NULL CHECK (kind IN ('study', 'stage', 'run', 'freeze', 'assessment', 'rerun',
          'registered-run', 'annotation')),
        \(digest("record")),
        \(digest("link")),
        PRIMARY KEY (chain, position),
        UNIQUE (chain, record)
      ) STRICT, WITHOUT ROWID
      """,
      "INSERT INTO ledger SELECT chain, position, kind, record, link FROM ledger_of_format_2",
      "DROP TABLE ledger_of_format_2",
    ] + triggers(on: "ledger")

  static let annotationTables = [
    """
    CREATE TABLE annotation (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      slug TEXT NOT NULL,
      \(digest("run")),
      note TEXT NOT NULL,
      \(json("added")),
      \(json("removed")),
      \(json("circumstances"))
    ) STRICT
    """,
    "CREATE INDEX annotation_run ON annotation (run)",
  ]

  /// What `list`, `show` and `diff` ask for without reading everything. Positive doubles sort as their bytes
  /// do, so that the index on metrics answers comparisons.
  static let queryIndices = [
    "CREATE INDEX registered_scalar_value ON registered_scalar (name, bits)",
    "CREATE INDEX rerun_run ON rerun (run)",
    "CREATE INDEX run_slug ON run (slug)",
    // Lists begin in this order; it serves what the index on the slug alone did.
    "DROP INDEX registered_run_slug",
    "CREATE INDEX registered_run_order ON registered_run (slug, name, run)",
    // What stands in a list for a verdict, without reading every config for it.
    "CREATE INDEX registered_detection ON registered_run (run) WHERE \(mayBeDetection)",
  ]

  /// Of a registered run: whether it was probed here. As `DetectionPlan.isDetection` has it.
  static let isDetection = "substr(config ->> '$.procedure', 1, 7) = 'detect@'"

  /// True of these and of few others: an index may not ask JSON where the schema is not trusted.
  static let mayBeDetection = #"instr(config, '"procedure":"detect@') > 0"#

  static let ledgerEntries = """
    CREATE VIEW ledger_entries AS
    SELECT chain.slug AS study, lower(hex(chain.origin)) AS origin, ledger.position AS position,
      ledger.kind AS kind, lower(hex(ledger.record)) AS record, lower(hex(ledger.link)) AS link
    FROM chain JOIN ledger ON ledger.chain = chain.id
    """

  // Each view starts from its run, so that a condition on it is applied before anything is decoded: what is
  // asked of one run does not unpack the others.
  static let friendlyViews = [
    """
    CREATE VIEW runs AS
    SELECT lower(hex(run)) AS run, slug AS study, 'planned' AS kind, NULL AS name, arm, seed, phase,
      'completed' AS state,
      ifnull((SELECT verdict FROM rerun WHERE rerun.run = run.run ORDER BY id DESC LIMIT 1),
        'NEVER-RERUN') AS rerun,
      NULL AS parent, point AS config, circumstances
    FROM run
    UNION ALL
    SELECT lower(hex(run)), document ->> '$.slug', 'planned', NULL, document ->> '$.arm',
      CAST(document ->> '$.seed' AS TEXT), document ->> '$.phase', state, 'NEVER-RERUN', NULL,
      document -> '$.point', document -> '$.circumstances'
    FROM attempt
    UNION ALL
    SELECT lower(hex(run)), slug, 'registered', name, NULL, NULL, NULL, state,
      ifnull((SELECT verdict FROM rerun WHERE rerun.run = registered_run.run ORDER BY id DESC LIMIT 1),
        CASE WHEN \(isDetection) THEN 'NEVER-RERUN' ELSE 'NOT-RERUNNABLE' END),
      lower(hex(parent)), config, circumstances
    FROM registered_run
    """,
    """
    CREATE VIEW metrics AS
    SELECT run, study, stage, name, \(Decoding.number("bits")) AS value, \(Decoding.kind("bits")) AS kind
    FROM (
      SELECT \(planned), v.bits AS bits \(joined("scalar"))
      UNION ALL
      SELECT \(registered), v.bits \(registeredJoined("scalar"))
    )
    """,
    """
    CREATE VIEW series_points AS
    SELECT run, study, stage, name, \(Decoding.integer("steps")) AS step,
      \(Decoding.number("bits")) AS value, \(Decoding.kind("bits")) AS kind
    FROM (
      SELECT \(planned), \(at("v.steps", "i.key")) AS steps, \(at("v.bits", "i.key")) AS bits
      \(joined("series")) JOIN \(indices(of: "v.bits")) AS i
      UNION ALL
      SELECT \(registered), \(at("v.steps", "i.key")), \(at("v.bits", "i.key"))
      \(registeredJoined("series")) JOIN \(indices(of: "v.bits")) AS i
    )
    """,
    """
    CREATE VIEW roc_points AS
    SELECT run, study, stage, name, threshold, tp, fp, negatives - fp AS tn, positives - tp AS fn,
      CAST(tp AS REAL) / positives AS tpr, CAST(fp AS REAL) / negatives AS fpr
    FROM (
      SELECT run, study, stage, name, positives, negatives, \(Decoding.number("thresholds")) AS threshold,
        \(Decoding.integer("true_positives")) AS tp, \(Decoding.integer("false_positives")) AS fp
      FROM (
        SELECT \(planned), \(counts) \(joined("curve")) JOIN \(indices(of: "v.thresholds")) AS i
        UNION ALL
        SELECT \(registered), \(counts) \(registeredJoined("curve"))
        JOIN \(indices(of: "v.thresholds")) AS i
      )
    )
    """,
    """
    CREATE VIEW settings AS
    SELECT lower(hex(run.run)) AS run, run.slug AS study, setting.key AS name, setting.value AS value,
      setting.type AS type
    FROM run JOIN json_each(run.point) AS setting
    UNION ALL
    SELECT lower(hex(run.run)), run.slug, replace(substr(setting.fullkey, 3), '"', ''),
      setting.value, setting.type
    FROM registered_run AS run JOIN json_tree(run.config) AS setting
    WHERE setting.type NOT IN ('object', 'array')
    """,
    """
    CREATE VIEW run_tags AS
    WITH event (run, study, tag, place, put) AS (
      SELECT run.run, run.slug, tag.value, 0, 1
      FROM registered_run AS run JOIN json_each(run.tags) AS tag
      UNION ALL
      SELECT annotation.run, slug, tag.value, annotation.id, 1
      FROM annotation JOIN json_each(annotation.added) AS tag
      UNION ALL
      SELECT annotation.run, slug, tag.value, annotation.id, 0
      FROM annotation JOIN json_each(annotation.removed) AS tag
    )
    SELECT lower(hex(run)) AS run, study, tag
    FROM (SELECT run, study, tag, put, max(place) FROM event GROUP BY run, tag) WHERE put
    """,
    """
    CREATE VIEW notes AS
    SELECT lower(hex(run)) AS run, slug AS study, circumstances ->> '$.at' AS at, note
    FROM annotation WHERE note <> ''
    UNION ALL
    SELECT lower(hex(run)), slug, NULL, notes FROM registered_run WHERE notes <> ''
    """,
    """
    CREATE VIEW reruns AS
    SELECT lower(hex(run)) AS run, slug AS study, verdict, compared,
      first_divergence ->> '$.stage' AS diverging_stage, first_divergence ->> '$.key' AS diverging_value,
      first_divergence ->> '$.step' AS diverging_step, circumstances ->> '$.at' AS at, note
    FROM rerun
    """,
    ledgerEntries,
  ]

  /// A table whose `key` is 0, 1, 2, … for each double of a blob. SQLite's own `generate_series` is not in
  /// every build; JSON is.
  private static func indices(of blob: String) -> String {
    "json_each('[' || substr(replace(hex(zeroblob(length(\(blob)) / 8)), '00', ',0'), 2) || ']')"
  }

  private static let planned =
    "lower(hex(run.run)) AS run, run.slug AS study, run_stage.name AS stage, name.name AS name"
  private static let registered = "lower(hex(run.run)), run.slug, NULL, name.name"

  private static func joined(_ table: String) -> String {
    """
    FROM run JOIN run_stage ON run_stage.run = run.id
      JOIN stage ON stage.id = (SELECT min(id) FROM stage WHERE key = run_stage.key)
      JOIN \(table) AS v ON v.stage = stage.id JOIN name ON name.id = v.name
    """
  }

  private static func registeredJoined(_ table: String) -> String {
    """
    FROM registered_run AS run JOIN registered_\(table) AS v ON v.run = run.id
      JOIN name ON name.id = v.name
    """
  }

  private static let counts =
    ["thresholds", "true_positives", "false_positives"]
    .map { "\(at("v.\($0)", "i.key")) AS \($0)" }.joined(separator: ", ")
    + ", v.positives AS positives, v.negatives AS negatives"
}
