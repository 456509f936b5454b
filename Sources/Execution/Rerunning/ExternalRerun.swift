import Determinism
import Records
import Studies

/// A registered run that its owner executed again, compared with what was recorded. Nothing is executed here:
/// the circumstance `engine: external` says so.
package struct ExternalRerun: Sendable {
  package let recorded: RegisteredRunRecord
  package let again: RegisteredRunRecord

  /// What a divergence names in the place of a stage, and tolerances match before the key.
  package static let stage = "registered"

  package init(recorded: RegisteredRunRecord, again: RegisteredRunRecord) {
    self.recorded = recorded
    self.again = again
  }

  /// No assessment speaks of registered runs, so that no conclusion can stay the same: what differs beyond
  /// the tolerances has diverged.
  ///
  /// - Parameters:
  ///   - tolerances: frozen by the study of the run; none where there is no such study.
  ///   - verify: throws when the record or an artifact is damaged.
  package func judge(
    tolerances: [Tolerance], circumstances: JSON.Object, verify: () throws -> Void
  ) -> RerunRecord {
    func record(
      _ verdict: Verdict, _ judgement: Judgement = Judgement(), notChecked: [String] = [],
      note: String
    ) -> RerunRecord {
      RerunRecord(
        slug: recorded.slug, run: recorded.id, verdict: verdict,
        firstDivergence: judgement.firstDivergence, compared: judgement.compared,
        notChecked: notChecked, note: note, circumstances: circumstances)
    }
    do { try verify() } catch {
      return record(.incomplete, note: "the record is damaged: \(error)")
    }
    guard again.state == .completed else {
      return record(.incomplete, note: "what was executed again is \(again.state.rawValue)")
    }
    guard again.configDigest == recorded.configDigest else {
      return record(.incomplete, note: "it was executed with another config: that is another run")
    }
    var judgement = Judgement()
    judgement.add(
      stage: Self.stage, ValueComparison(recorded: recorded.values, recomputed: again.values))
    if judgement.isExact { return record(.exact, judgement, note: "") }
    if let within = judgement.withinTolerance(tolerances) {
      return record(
        .withinTolerance, judgement, notChecked: within.notChecked, note: within.note)
    }
    return record(.diverged, judgement, note: judgement.largestDifferences)
  }
}
