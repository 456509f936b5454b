import Determinism
import Records

/// The runs that another tool kept, read one at a time: each becomes a `RegisteredRunRecord`.
///
/// What is kept of a run: numbers bit for bit, its source's ids and times verbatim. What its format had
/// lost before is said in the record (`ForeignSource.lost`). Nothing that a store contains is executed,
/// and no path or address that it names is followed out of its folder.
package protocol ForeignStore {
  /// As `--from` names it.
  static var name: String { get }
  /// Whether the content at a path is of this kind; cheap, never an error. A file that begins like one but
  /// is damaged is recognised, so that reading it says where.
  static func recognises(_ path: String) -> Bool
  init(path: String, options: ForeignOptions) throws(ForeignProblem)
  /// The next run; nil after the last one.
  ///
  /// - Throws: what is wrong with this run. The call after it goes on with the next one, or gives nil when
  ///   the store cannot be read any further.
  mutating func nextRun() throws(ForeignProblem) -> ForeignRun?
  /// What was left out of the store as a whole; complete after the last run.
  var remarks: [String] { get }
}

/// A run from another tool, and the bytes of its kept artifacts.
package struct ForeignRun: Sendable {
  package var record: RegisteredRunRecord
  package var artifacts: [Digest: [UInt8]]
  /// What was left out of this run, or read in a way worth telling.
  package var remarks: [String]

  package init(
    record: RegisteredRunRecord, artifacts: [Digest: [UInt8]] = [:], remarks: [String] = []
  ) {
    self.record = record
    self.artifacts = artifacts
    self.remarks = remarks
  }
}

/// What whoever imports may choose.
package struct ForeignOptions: Sendable {
  /// The study of every run; nil: named after the source's own grouping (experiment, project, file).
  package var study: String?
  /// Where the source's artifacts are, for stores that keep them apart.
  package var artifacts: String?
  /// Bytes of the largest file that is taken in; of a larger one digest and size are recorded.
  package var largestArtifact = 16 << 20
  /// Also the runs that were deleted in the source.
  package var withDeleted = false
  /// The column of steps in a table; nil: the first of the usual names.
  package var step: String?
  /// `trigger=metadata.trigger,defected=scores.X`: which field of a sample means what.
  package var map: [(name: String, field: String)] = []

  package init() {}
}

/// Why something of another tool cannot be read, and where.
package struct ForeignProblem: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Place: Equatable, Sendable {
    /// The file as a whole.
    case whole
    /// Both from 1.
    case line(Int, column: Int = 1)
    /// From 0.
    case byte(Int)
    /// A row, a table or a member, in words: `table metrics, run 1f…`.
    case within(String)
  }

  package let file: String
  package let place: Place
  package let message: String
  package let hint: String?

  package init(
    _ file: String, at place: Place = .whole, _ message: String, hint: String? = nil
  ) {
    self.file = file
    self.place = place
    self.message = message
    self.hint = hint
  }

  package var problem: String {
    switch place {
    case .whole: "\(file): \(message)"
    case .line(let line, let column): "\(file):\(line):\(column): \(message)"
    case .byte(let offset): "\(file): byte \(offset): \(message)"
    case .within(let part): "\(file): \(part): \(message)"
    }
  }

  package var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
