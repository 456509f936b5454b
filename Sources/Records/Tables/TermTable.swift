import Determinism
import GRDB

/// What conditions look for in registered runs, by name and value. It says nothing that the runs do not: it
/// is made of them, a block of runs at a time, and `check` compares it with them.
///
/// The runs behind the last full block are not in it. Whoever looks something up looks at those one by one: few
/// enough to take no time, and in return a run is recorded without touching a page for each of its settings.
enum TermTable {
  /// The format of the registry that has it first.
  static let since = 5
  /// Runs that are taken in at once, by rows: 1 … 128, 129 … 256, and so on.
  static let block = 128
  /// A run with more settings than this is not taken apart; nor is one with a longer path, or one where a path
  /// leads to two values.
  private static let mostSettings = 1000
  private static let longestPath = 200

  /// In place of a name's row: what is no setting.
  enum Fact: Int, CaseIterable {
    /// Runs that were not taken apart, under one term.
    case whole = 0
    /// Of the run's record; annotations have a table of their own.
    case tag = -1
    case name = -2
    case state = -3
    case clientID = -4
  }

  /// How many of the first rows are in it.
  static func covered(_ db: Database) throws -> Int {
    try db.length(of: "registered_run") / block * block
  }

  /// After a run was inserted.
  static func extend(to id: Int, _ db: Database) throws {
    guard id.isMultiple(of: block) else { return }
    try take(id - block + 1...id, db)
  }

  /// When the table is new.
  static func fill(_ db: Database) throws {
    for first in stride(from: 1, to: try covered(db), by: block) {
      try take(first...first + block - 1, db)
    }
  }

  private static func take(_ ids: ClosedRange<Int>, _ db: Database) throws {
    var known: [JSON.Text: Int] = [:]
    var rows: [(name: Int, term: Term, run: Int)] = []
    try eachRun(in: ids, db) { run, terms in
      for (key, term) in terms {
        switch key {
        case .fact(let fact): rows.append((fact.rawValue, term, run))
        case .setting(let path):
          let name = try known[path] ?? ValueTables.intern(path.value, db)
          known[path] = name
          rows.append((name, term, run))
        }
      }
    }
    // Rows of one name lie together.
    rows.sort { ($0.name, $0.run) < ($1.name, $1.run) }
    for row in rows {
      try db.run(
        "INSERT INTO registered_term (name, value, run) VALUES (?, ?, ?)",
        [.integer(row.name), .term(row.term), .integer(row.run)])
    }
  }

  // MARK: Terms of a run

  enum Key: Hashable {
    case fact(Fact)
    case setting(JSON.Text)
  }

  /// Goes through runs with their terms, each once.
  static func eachRun(
    in ids: ClosedRange<Int>, _ db: Database, _ body: (Int, [(Key, Term)]) throws -> Void
  ) throws {
    // The runs first: the body may write.
    var runs: [(Int, [(Key, Term)])] = []
    try db.each(
      """
      SELECT id, name, client_id, state, tags, config FROM registered_run
      WHERE id BETWEEN ? AND ?
      """, [.integer(ids.lowerBound), .integer(ids.upperBound)]
    ) { row in
      guard let config = try? JSON(parsing: row.raw(5)).object else {
        throw ColumnDamage(column: "registered_run.config", wanted: "a JSON object")
      }
      guard let settings = settings(config) else {
        runs.append((row[0], [(.fact(.whole), .mark(.null))]))
        return
      }
      var terms = settings
      let (name, state) = (try row.rawText(1), try row.rawText(3))
      if !name.isEmpty { terms.append((.fact(.name), Term(name))) }
      if !row.isNull(2) { terms.append((.fact(.clientID), Term(try row.rawText(2)))) }
      terms.append((.fact(.state), Term(state)))
      let tags = RunSummary.RecordedTags(bytes: try row.raw(4)).texts
      terms += Term.distinct(tags.map { Term($0) }).map { (.fact(.tag), $0) }
      runs.append((row[0], terms))
    }
    for (run, terms) in runs { try body(run, terms) }
  }

  /// Every path to a value, objects among them; nil where there are too many, or two of the same name.
  private static func settings(_ config: JSON.Object) -> [(Key, Term)]? {
    var found: [(Key, Term)] = []
    var paths: Set<JSON.Text> = []
    func add(_ prefix: String, _ object: JSON.Object) -> Bool {
      for member in object.members {
        let path = prefix + member.key.value
        guard path.utf8.count <= longestPath, paths.insert(JSON.Text(path)).inserted else {
          return false
        }
        for term in Term.distinct(Term.terms(of: member.value)) {
          found.append((.setting(JSON.Text(path)), term))
        }
        guard found.count <= mostSettings else { return false }
        if case .object(let inner) = member.value, !add(path + ".", inner) { return false }
      }
      return true
    }
    return add("", config) ? found : nil
  }
}

/// Tags that annotations put on.
enum AnnotationTagTable {
  static func insert(_ annotation: Int, _ tags: [String], _ db: Database) throws {
    for term in Term.distinct(tags.map { Term($0) }) {
      try db.run(
        "INSERT INTO annotation_tag (value, annotation) VALUES (?, ?)",
        [.term(term), .integer(annotation)])
    }
  }

  /// When the table is new.
  static func fill(_ db: Database) throws {
    for row in try db.rows("SELECT id, CAST(added AS BLOB) FROM annotation ORDER BY id") {
      try insert(row.integer(0), row.texts(1), db)
    }
  }
}
