import Determinism
import Studies

/// What lists say of a run that was done elsewhere. Its series and its curves, which may be large, are
/// read when they are asked for: ``Snapshot/record(of:)``.
package struct RegisteredRunOutline: Sendable {
  package let id: Digest
  /// The hash of its record; nil of a live run, which has none yet.
  package let recordHash: Digest?
  package let slug: String
  /// For people; may be empty.
  package let name: String
  package let clientID: String?
  package let state: RunState
  /// The run that it goes on from or is part of; it need not be here.
  package let parent: Digest?
  /// Whether it was probed here, on activations that were dumped elsewhere.
  package let isDetection: Bool
  /// As its owner says: `started`, `finished`.
  package let times: JSON.Object
  package let scalars: [String: Double]
  /// Of all its values.
  package let valuesDigest: Digest
  /// Canonical bytes.
  private let config: [UInt8]

  package var settings: JSON.Object { (try? JSON(parsing: config))?.object ?? JSON.Object() }

  init(
    id: Digest, recordHash: Digest?, slug: String, name: String, clientID: String?,
    state: RunState, parent: Digest?, isDetection: Bool, times: JSON.Object,
    scalars: [String: Double], valuesDigest: Digest, config: [UInt8]
  ) {
    self.id = id
    self.recordHash = recordHash
    self.slug = slug
    self.name = name
    self.clientID = clientID
    self.state = state
    self.parent = parent
    self.isDetection = isDetection
    self.times = times
    self.scalars = scalars
    self.valuesDigest = valuesDigest
    self.config = config
  }

  /// What stands in the place of a verdict while nobody ran it again: what was done elsewhere never can be here.
  package var verdictWithoutRerun: String { isDetection ? "NEVER-RERUN" : "NOT-RERUNNABLE" }

  /// Of a run that has no record yet.
  init(live run: RegisteredRunRecord) { self.init(run, recordHash: nil) }

  package init(recorded run: RegisteredRunRecord) {
    self.init(run, recordHash: Digest(of: run.document))
  }

  private init(_ run: RegisteredRunRecord, recordHash: Digest?) {
    self.init(
      id: run.id, recordHash: recordHash, slug: run.slug, name: run.name, clientID: run.clientID,
      state: run.state, parent: run.parent, isDetection: run.isDetection,
      times: run.circumstances["times"]?.object ?? JSON.Object(), scalars: run.values.scalars,
      valuesDigest: Digest(of: run.values.document),
      config: JSON.object(run.config).canonicalBytes)
  }
}

extension Snapshot {
  /// The whole of a registered run, verified against its hash.
  ///
  /// - Throws: `RegistryError` when it cannot be read, or is not what was recorded.
  package func record(of run: RegisteredRunOutline) throws -> RegisteredRunRecord {
    guard let hash = run.recordHash else {
      guard let live = live[run.id] else {
        throw RegistryError.unknown(kind: "live run", id: run.id)
      }
      return live
    }
    guard case .registeredRun(let record) = try record(.registeredRun, hash) else {
      throw RegistryError.unknown(kind: "registered run", id: run.id)
    }
    return record
  }

  /// The whole of those that are wanted, in the snapshot's order.
  package func registeredRecords(
    where isWanted: (RegisteredRunOutline) -> Bool = { _ in true }
  ) throws -> [RegisteredRunRecord] {
    try registered.filter(isWanted).map(record(of:))
  }
}
