import Determinism
import Studies

/// One SQLite file and its store of artifacts.
///
/// Interface of the target, as the runner, the archive and the commands use it. Every method that writes is
/// durable when it returns.
package protocol RegistryInterface: AnyObject, Sendable {
  /// A random id made with the registry; the origin of the runs first recorded here.
  var origin: Digest { get }

  /// Records a study file; the same content twice is one record.
  func record(_ study: StudyRecord) throws
  /// The stage result under a key, if it was performed.
  func stage(_ key: Digest) throws -> StageRecord?
  /// Writes the artifacts, then the record, then its ledger entry in the chain (origin, slug). A second
  /// result under the same key with other values is an error: a determinism alarm.
  func record(stage: PlannedStep, values: StageValues, circumstances: JSON.Object, slug: String)
    throws -> StageRecord
  /// Opens a run: state planned → running under an attempt; completed runs with equal plan and ordinal are
  /// an error.
  func open(_ run: RunRecord) throws
  /// running → completed. All its stage results must be there.
  func complete(_ run: RunRecord) throws
  func mark(_ run: Digest, _ state: RunState, note: String) throws
  func state(of run: Digest) throws -> RunState?

  func record(_ freeze: FreezeRecord) throws
  func record(_ assessment: AssessmentRecord) throws
  func record(_ rerun: RerunRecord) throws

  /// The verified bytes of an artifact.
  func artifact(_ digest: Digest) throws -> [UInt8]
  func holds(_ digest: Digest) -> Bool

  /// Durable resume points, not records: replaced by later ones, removed when the stage is recorded.
  func resumePoint(_ key: Digest) throws -> ResumePoint?
  func save(_ point: ResumePoint, for key: Digest) throws

  /// Holds the exclusive right to perform a stage until `body` returns; other processes wait. The kernel
  /// drops it when its owner dies.
  func withClaim<Result>(on key: Digest, _ body: () throws -> Result) throws -> Result

  func snapshot() throws -> Snapshot
}
