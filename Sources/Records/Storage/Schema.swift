import GRDB

/// The registry's tables. A migration that has been released is frozen: what it says here is what is in
/// people's files, and a test holds its digest.
struct Migration: Sendable {
  /// `user_version` after it.
  let version: Int
  private let make: @Sendable () -> [String]
  /// Puts into new tables what follows from old ones and SQL cannot say.
  let fill: @Sendable (Database) throws -> Void

  /// Put together when they are asked for: who only reads a registry of this format needs none of them.
  var statements: [String] { make() }

  init(version: Int, statements: [String]) { self.init(version: version) { statements } }

  init(
    version: Int, making statements: @escaping @Sendable () -> [String],
    filling fill: @escaping @Sendable (Database) throws -> Void = { _ in }
  ) {
    self.version = version
    make = statements
    self.fill = fill
  }
}

enum Schema {
  /// `application_id` of the file: "Dorm".
  static let applicationID = 0x446F_726D

  static let migrations = [
    Migration(version: 1) { tables + triggers(recordTables) + views(.format1) },
    Migration(version: 2) {
      ledgerOfFormat2 + registeredTables + triggers(registeredRecordTables)
        + registeredViews(.format1)
    },
    Migration(version: 3) {
      ledgerOfFormat3 + annotationTables + triggers(["annotation"]) + queryIndices
        + shorterViews + friendlyViews
    },
    Migration(version: 4) {
      ledgerOfFormat4 + tombstoneTables + triggers(["tombstone"])
    },
    Migration(
      version: 5, making: { termTables + triggers(["registered_term", "annotation_tag"]) },
      filling: fillTerms),
  ]

  /// `SchemaFingerprint.digest` of a database that all of them made, so that a sound one is known at a glance.
  /// A test holds it; with a new migration it says what to write here.
  static let structure = "00b7f0c4ffe5af74da81d9126f10aea6709136af30f4de3f1196a60e658be3af"

  static func version(of migrations: [Migration]) -> Int { migrations.last?.version ?? 0 }

  /// Tables whose rows are never changed and never removed.
  static let recordTables = [
    "registry", "name", "study", "stage", "stage_input", "scalar", "series", "curve", "artifact",
    "run", "run_stage", "freeze", "assessment", "estimate", "rerun", "chain", "ledger",
  ]

  static func digest(_ column: String, _ rest: String = "") -> String {
    "\(column) BLOB NOT NULL CHECK (length(\(column)) = 32)\(rest)"
  }

  static func json(_ column: String) -> String {
    "\(column) TEXT NOT NULL CHECK (length(\(column)) > 0)"
  }

  static func packed(_ column: String) -> String {
    "\(column) BLOB NOT NULL CHECK (length(\(column)) % 8 = 0)"
  }

  static func double(_ column: String) -> String {
    "\(column) BLOB NOT NULL CHECK (length(\(column)) = 8)"
  }

  private static func seed(_ column: String) -> String {
    "\(column) TEXT NOT NULL CHECK (length(\(column)) BETWEEN 1 AND 20 "
      + "AND \(column) NOT GLOB '*[^0-9]*')"
  }

  static let tables = [
    """
    CREATE TABLE registry (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      \(digest("origin")),
      \(digest("origin_sha256"))
    ) STRICT
    """,
    // Names of values, interned.
    "CREATE TABLE name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE study (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      \(digest("digest")),
      slug TEXT NOT NULL,
      \(json("study"))
    ) STRICT
    """,
    "CREATE INDEX study_digest ON study (digest)",
    """
    CREATE TABLE stage (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      \(digest("key")),
      kind TEXT NOT NULL,
      version INTEGER NOT NULL,
      \(json("options")),
      \(seed("seed")),
      backend TEXT NOT NULL,
      \(digest("values_digest")),
      \(json("circumstances"))
    ) STRICT
    """,
    "CREATE INDEX stage_key ON stage (key)",
    """
    CREATE TABLE stage_input (
      stage INTEGER NOT NULL REFERENCES stage (id),
      port TEXT NOT NULL,
      \(digest("key")),
      PRIMARY KEY (stage, port)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE scalar (
      stage INTEGER NOT NULL REFERENCES stage (id),
      name INTEGER NOT NULL REFERENCES name (id),
      \(double("bits")),
      PRIMARY KEY (stage, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE series (
      stage INTEGER NOT NULL REFERENCES stage (id),
      name INTEGER NOT NULL REFERENCES name (id),
      \(packed("steps")),
      \(packed("bits")),
      PRIMARY KEY (stage, name),
      CHECK (length(steps) = length(bits))
    ) STRICT
    """,
    """
    CREATE TABLE curve (
      stage INTEGER NOT NULL REFERENCES stage (id),
      name INTEGER NOT NULL REFERENCES name (id),
      \(packed("thresholds")),
      \(packed("true_positives")),
      \(packed("false_positives")),
      positives INTEGER NOT NULL CHECK (positives >= 0),
      negatives INTEGER NOT NULL CHECK (negatives >= 0),
      PRIMARY KEY (stage, name),
      CHECK (length(thresholds) = length(true_positives)
        AND length(thresholds) = length(false_positives))
    ) STRICT
    """,
    """
    CREATE TABLE artifact (
      stage INTEGER NOT NULL REFERENCES stage (id),
      name INTEGER NOT NULL REFERENCES name (id),
      role TEXT NOT NULL CHECK (role IN ('kept', 'remade')),
      media_type TEXT NOT NULL,
      \(digest("sha256")),
      size INTEGER NOT NULL CHECK (size >= 0),
      PRIMARY KEY (stage, name)
    ) STRICT
    """,
    "CREATE INDEX artifact_sha256 ON artifact (sha256)",
    """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      \(digest("run", " UNIQUE")),
      slug TEXT NOT NULL,
      \(digest("study")),
      \(digest("plan")),
      \(digest("origin")),
      ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
      \(json("point")),
      arm TEXT NOT NULL,
      \(seed("seed")),
      phase TEXT NOT NULL CHECK (phase IN ('development', 'confirmatory')),
      \(json("circumstances"))
    ) STRICT
    """,
    "CREATE INDEX run_plan ON run (plan)",
    """
    CREATE TABLE run_stage (
      run INTEGER NOT NULL REFERENCES run (id),
      position INTEGER NOT NULL CHECK (position >= 0),
      name TEXT NOT NULL,
      \(digest("key")),
      PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID
    """,
    // Runs that are not completed. Not records: rows change as attempts are made, and go at completion.
    """
    CREATE TABLE attempt (
      run BLOB PRIMARY KEY NOT NULL CHECK (length(run) = 32),
      state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'failed', 'interrupted')),
      attempt INTEGER NOT NULL CHECK (attempt >= 0),
      note TEXT NOT NULL,
      \(json("document"))
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE freeze (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      slug TEXT NOT NULL,
      \(digest("study")),
      \(json("predictions")),
      \(json("tolerances")),
      code_version TEXT NOT NULL,
      \(digest("ledger_head")),
      runs_before INTEGER NOT NULL CHECK (runs_before >= 0),
      \(json("circumstances"))
    ) STRICT
    """,
    """
    CREATE TABLE assessment (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      slug TEXT NOT NULL,
      \(digest("study")),
      prediction_id TEXT NOT NULL,
      \(json("prediction")),
      \(json("runs")),
      statistic TEXT NOT NULL,
      \(json("seeds")),
      \(packed("per_seed")),
      result TEXT NOT NULL
        CHECK (result IN ('supported', 'refuted', 'inconclusive', 'not tested')),
      note TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE estimate (
      assessment INTEGER NOT NULL REFERENCES assessment (id),
      position INTEGER NOT NULL CHECK (position >= 0),
      \(double("bits")),
      \(double("lower")),
      \(double("upper")),
      n INTEGER NOT NULL,
      method TEXT NOT NULL,
      \(double("level")),
      PRIMARY KEY (assessment, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE rerun (
      id INTEGER PRIMARY KEY,
      \(digest("record", " UNIQUE")),
      slug TEXT NOT NULL,
      \(digest("run")),
      verdict TEXT NOT NULL CHECK (verdict IN
        ('EXACT', 'WITHIN-TOLERANCE', 'SAME-CONCLUSIONS', 'DIVERGED', 'INCOMPLETE')),
      \(json("first_divergence")),
      compared INTEGER NOT NULL CHECK (compared >= 0),
      \(json("not_checked")),
      note TEXT NOT NULL,
      \(json("circumstances"))
    ) STRICT
    """,
    """
    CREATE TABLE chain (
      id INTEGER PRIMARY KEY,
      \(digest("origin")),
      slug TEXT NOT NULL,
      UNIQUE (origin, slug)
    ) STRICT
    """,
    """
    CREATE TABLE ledger (
      chain INTEGER NOT NULL REFERENCES chain (id),
      position INTEGER NOT NULL CHECK (position >= 0),
      kind TEXT NOT NULL
        CHECK (kind IN ('study', 'stage', 'run', 'freeze', 'assessment', 'rerun')),
      \(digest("record")),
      \(digest("link")),
      PRIMARY KEY (chain, position),
      UNIQUE (chain, record)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  static func triggers(_ tables: [String]) -> [String] {
    tables.flatMap(triggers(on:))
  }

  static func triggers(on table: String) -> [String] {
    ["UPDATE", "DELETE"].map { verb in
      """
      CREATE TRIGGER \(table)_refuses_\(verb.lowercased()) BEFORE \(verb) ON \(table)
      BEGIN SELECT RAISE(ABORT, 'records are never changed or removed'); END
      """
    }
  }
}
