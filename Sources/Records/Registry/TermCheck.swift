import Determinism
import GRDB

/// Whether the tables of terms say what the records do: all of it, and nothing else.
struct TermCheck {
  let db: Database

  /// Rows of registered runs whose terms are not theirs, and of runs that do not exist.
  func wrongRuns() throws -> [Int] {
    var found = Tally()
    try db.each("SELECT run, name, value FROM registered_term") {
      found.add($0[1], $0[2], of: $0[0])
    }
    var names: [JSON.Text: Int] = [:]
    try db.each("SELECT id, name FROM name") { names[JSON.Text(try $0.rawText(1))] = $0[0] }
    var wanted = Tally()
    let covered = try TermTable.covered(db)
    for first in stride(from: 1, to: covered, by: TermTable.block) {
      try TermTable.eachRun(in: first...first + TermTable.block - 1, db) { run, terms in
        for (key, term) in terms {
          switch key {
          case .fact(let fact): wanted.add(fact.rawValue, term.value, of: run)
          // A name that is not there is the row of no name.
          case .setting(let path): wanted.add(names[path] ?? .min, term.value, of: run)
          }
        }
      }
    }
    return found.differences(from: wanted)
  }

  /// Rows of annotations whose tags are not theirs.
  func wrongAnnotations() throws -> [Int] {
    var found = Tally()
    try db.each("SELECT annotation, value FROM annotation_tag") { found.add(0, $0[1], of: $0[0]) }
    var wanted = Tally()
    for row in try db.rows("SELECT id, CAST(added AS BLOB) FROM annotation") {
      for term in Term.distinct(try row.texts(1).map { Term($0) }) {
        wanted.add(0, term.value, of: try row.integer(0))
      }
    }
    return found.differences(from: wanted)
  }

  /// Sets of terms by their owner, in a few bytes each.
  private struct Tally {
    private var sums: [Int: SIMD2<Int>] = [:]

    mutating func add(_ name: Int, _ value: DatabaseValue, of owner: Int) {
      var hasher = Swift.Hasher()
      hasher.combine(name)
      hasher.combine(value)
      sums[owner, default: .zero] &+= [1, hasher.finalize()]
    }

    func differences(from other: Tally) -> [Int] {
      Set(sums.keys).union(other.sums.keys).filter { sums[$0] != other.sums[$0] }.sorted()
    }
  }
}
