import Determinism
import Studies

/// A record of some kind.
package enum AnyRecord: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case study, stage, run, freeze, assessment, rerun
    case registeredRun = "registered-run"
    case annotation
    case tombstone

    /// Where its rows are.
    var table: String { self == .registeredRun ? "registered_run" : rawValue }
    /// The format of the registry that has it first.
    var since: Int {
      switch self {
      case .study, .stage, .run, .freeze, .assessment, .rerun: 1
      case .registeredRun: 2
      case .annotation: 3
      case .tombstone: 4
      }
    }
  }

  case study(StudyRecord)
  case stage(StageRecord)
  case run(RunRecord)
  case freeze(FreezeRecord)
  case assessment(AssessmentRecord)
  case rerun(RerunRecord)
  case registeredRun(RegisteredRunRecord)
  case annotation(AnnotationRecord)
  case tombstone(TombstoneRecord)

  /// Reads a record back from its document: the same document comes out again, byte for byte.
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    let word = try reader.string("record")
    guard let kind = Kind(rawValue: word) else {
      throw RecordFormatError("record", "unknown kind of record '\(word)'")
    }
    switch kind {
    case .study: self = .study(try StudyRecord(document: document))
    case .stage: self = .stage(try StageRecord(document: document))
    case .run: self = .run(try RunRecord(document: document))
    case .freeze: self = .freeze(try FreezeRecord(document: document))
    case .assessment: self = .assessment(try AssessmentRecord(document: document))
    case .rerun: self = .rerun(try RerunRecord(document: document))
    case .registeredRun: self = .registeredRun(try RegisteredRunRecord(document: document))
    case .annotation: self = .annotation(try AnnotationRecord(document: document))
    case .tombstone: self = .tombstone(try TombstoneRecord(document: document))
    }
    guard self.document == document else {
      throw RecordFormatError("", "not the canonical document of a \(kind.rawValue)")
    }
  }

  package var kind: Kind {
    switch self {
    case .study: .study
    case .stage: .stage
    case .run: .run
    case .freeze: .freeze
    case .assessment: .assessment
    case .rerun: .rerun
    case .registeredRun: .registeredRun
    case .annotation: .annotation
    case .tombstone: .tombstone
    }
  }

  package var document: JSON {
    switch self {
    case .study(let record): record.document
    case .stage(let record): record.document
    case .run(let record): record.document
    case .freeze(let record): record.document
    case .assessment(let record): record.document
    case .rerun(let record): record.document
    case .registeredRun(let record): record.document
    case .annotation(let record): record.document
    case .tombstone(let record): record.document
    }
  }

  /// The record hash.
  package var digest: Digest {
    if case .registeredRun(let run) = self { run.digest } else { Digest(of: document) }
  }

  /// Names and digests of the artifacts that it refers to.
  package var artifacts: [String: ArtifactReference] {
    switch self {
    case .stage(let record): record.artifacts
    case .registeredRun(let record): record.values.artifacts
    case .study, .run, .freeze, .assessment, .rerun, .annotation, .tombstone: [:]
    }
  }

  /// The study that it belongs to; a stage result belongs to every study that refers to it.
  package var slug: String? {
    switch self {
    case .study(let record): record.slug
    case .stage: nil
    case .run(let record): record.slug
    case .freeze(let record): record.slug
    case .assessment(let record): record.slug
    case .rerun(let record): record.slug
    case .registeredRun(let record): record.slug
    case .annotation(let record): record.slug
    case .tombstone(let record): record.slug
    }
  }
}
