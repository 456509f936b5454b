import Determinism
import GRDB
import Statistics
import Studies

/// Study files as rows.
enum StudyTable {
  static func insert(_ study: StudyRecord, _ record: Digest, _ db: Database) throws {
    try db.insert(
      into: "study",
      [
        "record": .digest(record), "digest": .digest(study.digest), "slug": .text(study.slug),
        "study": .json(study.study),
      ])
  }

  static func load(_ id: Int, _ db: Database) throws -> StudyRecord {
    guard
      let row = try db.row(
        "SELECT CAST(slug AS BLOB), CAST(study AS BLOB) FROM study WHERE id = ?", [.integer(id)])
    else { throw ColumnDamage(column: "study.id", wanted: "a row") }
    return StudyRecord(slug: try row.text(0), study: try row.json(1))
  }
}

enum FreezeTable {
  static func insert(_ freeze: FreezeRecord, _ record: Digest, _ db: Database) throws {
    try db.insert(
      into: "freeze",
      [
        "record": .digest(record), "slug": .text(freeze.slug),
        "study": .digest(freeze.studyDigest), "predictions": .json(freeze.predictions),
        "tolerances": .json(freeze.tolerances), "code_version": .text(freeze.codeVersion),
        "ledger_head": .digest(freeze.ledgerHead), "runs_before": .integer(freeze.runsBefore),
        "circumstances": .json(.object(freeze.circumstances)),
      ])
  }

  static func load(_ id: Int, _ db: Database) throws -> FreezeRecord {
    guard
      let row = try db.row(
        """
        SELECT CAST(slug AS BLOB), study, CAST(predictions AS BLOB), CAST(tolerances AS BLOB),
          CAST(code_version AS BLOB), ledger_head, runs_before, CAST(circumstances AS BLOB)
        FROM freeze WHERE id = ?
        """, [.integer(id)])
    else { throw ColumnDamage(column: "freeze.id", wanted: "a row") }
    return FreezeRecord(
      slug: try row.text(0), studyDigest: try row.digest(1), predictions: try row.json(2),
      tolerances: try row.json(3), codeVersion: try row.text(4), ledgerHead: try row.digest(5),
      runsBefore: try row.integer(6), circumstances: try row.object(7))
  }
}

enum AssessmentTable {
  static func insert(_ assessment: AssessmentRecord, _ record: Digest, _ db: Database) throws {
    let id = try db.insert(
      into: "assessment",
      [
        "record": .digest(record), "slug": .text(assessment.slug),
        "study": .digest(assessment.studyDigest),
        "prediction_id": .text(assessment.predictionID),
        "prediction": .json(assessment.prediction),
        "runs": .json(.array(assessment.runs.map { JSON($0) })),
        "statistic": .text(assessment.statistic),
        "seeds": .json(.array(assessment.seeds.map { JSON($0) })),
        "per_seed": .doubles(assessment.perSeed), "result": .text(assessment.result.rawValue),
        "note": .text(assessment.note),
      ])
    for (position, estimate) in assessment.estimates.enumerated() {
      try db.insert(
        into: "estimate",
        [
          "assessment": .integer(id), "position": .integer(position),
          "bits": .doubles([estimate.value]), "lower": .doubles([estimate.lower]),
          "upper": .doubles([estimate.upper]), "n": .integer(estimate.n),
          "method": .text(estimate.method), "level": .doubles([estimate.level]),
        ])
    }
  }

  static func load(_ id: Int, _ db: Database) throws -> AssessmentRecord {
    guard
      let row = try db.row(
        """
        SELECT CAST(slug AS BLOB), study, CAST(prediction_id AS BLOB), CAST(prediction AS BLOB),
          CAST(runs AS BLOB), CAST(statistic AS BLOB), CAST(seeds AS BLOB), per_seed,
          CAST(result AS BLOB), CAST(note AS BLOB)
        FROM assessment WHERE id = ?
        """, [.integer(id)])
    else { throw ColumnDamage(column: "assessment.id", wanted: "a row") }
    let estimates = try db.rows(
      """
      SELECT bits, lower, upper, n, CAST(method AS BLOB), level FROM estimate
      WHERE assessment = ? ORDER BY position
      """, [.integer(id)])
    return AssessmentRecord(
      slug: try row.text(0), studyDigest: try row.digest(1), predictionID: try row.text(2),
      prediction: try row.json(3),
      runs: try elements(row, 4, "digests") { $0.digest }, statistic: try row.text(5),
      estimates: try estimates.map {
        Estimate(
          value: try $0.double(0), lower: try $0.double(1), upper: try $0.double(2),
          n: try $0.integer(3), method: try $0.text(4), level: try $0.double(5))
      },
      seeds: try elements(row, 6, "seeds") { $0.uint64 }, perSeed: try row.doubles(7),
      result: try row.choice(8, of: ClaimResult.self), note: try row.text(9))
  }

  fileprivate static func elements<Element>(
    _ row: Row, _ column: Int, _ wanted: String, _ read: (JSON) -> Element?
  ) throws -> [Element] {
    let array = try row.json(column).array
    guard let elements = array?.compactMap(read), elements.count == array?.count else {
      throw ColumnDamage(column: Array(row.columnNames)[column], wanted: "a list of \(wanted)")
    }
    return elements
  }
}

enum RerunTable {
  static func insert(_ rerun: RerunRecord, _ record: Digest, _ db: Database) throws {
    try db.insert(
      into: "rerun",
      [
        "record": .digest(record), "slug": .text(rerun.slug), "run": .digest(rerun.run),
        "verdict": .text(rerun.verdict.rawValue),
        "first_divergence": .json(rerun.firstDivergence?.document ?? .null),
        "compared": .integer(rerun.compared),
        "not_checked": .json(.array(rerun.notChecked.map { JSON($0) })),
        "note": .text(rerun.note), "circumstances": .json(.object(rerun.circumstances)),
      ])
  }

  static func load(_ id: Int, _ db: Database) throws -> RerunRecord {
    guard
      let row = try db.row(
        """
        SELECT CAST(slug AS BLOB), run, CAST(verdict AS BLOB), CAST(first_divergence AS BLOB),
          compared, CAST(not_checked AS BLOB), CAST(note AS BLOB), CAST(circumstances AS BLOB)
        FROM rerun WHERE id = ?
        """, [.integer(id)])
    else { throw ColumnDamage(column: "rerun.id", wanted: "a row") }
    return RerunRecord(
      slug: try row.text(0), run: try row.digest(1),
      verdict: try row.choice(2, of: Verdict.self),
      firstDivergence: try divergence(try row.json(3)), compared: try row.integer(4),
      notChecked: try AssessmentTable.elements(row, 5, "texts") { $0.string },
      note: try row.text(6), circumstances: try row.object(7))
  }

  private static func divergence(_ document: JSON) throws -> Divergence? {
    if document == .null { return nil }
    do { return try Divergence(document: document, at: "first_divergence") } catch {
      throw ColumnDamage(column: "first_divergence", wanted: "a divergence")
    }
  }
}
