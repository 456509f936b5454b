import Determinism
import Studies

extension Registry {
  package func record(_ freeze: FreezeRecord) throws {
    try writing { try append(.freeze(freeze), slug: freeze.slug, $0) }
  }

  package func record(_ assessment: AssessmentRecord) throws {
    try writing { try append(.assessment(assessment), slug: assessment.slug, $0) }
  }

  package func record(_ rerun: RerunRecord) throws {
    try writing { try append(.rerun(rerun), slug: rerun.slug, $0) }
  }

  /// The record with this hash, verified.
  package func record(_ kind: AnyRecord.Kind, _ digest: Digest) throws -> AnyRecord {
    let record = try reading { try RecordTable.loaded(digest, kind, $0) }
    // Whoever else wants to read need not wait for this.
    try RecordTable.verify(record, digest, file: database)
    return record
  }
}
