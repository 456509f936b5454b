import Determinism
import Studies

/// A consistent view of everything a registry holds, for the site, the tables and the archive.
package struct Snapshot: Sendable {
  /// By study digest.
  package let studies: [Digest: StudyRecord]
  /// Sorted by slug, point (canonical text), arm, seed, ordinal, origin.
  package let runs: [RunRecord]
  /// State of every run by id; runs that are not completed have no `RunRecord` stage results yet.
  package let states: [Digest: RunState]
  /// What was said when a run that is not completed last stopped: why it failed. Without empty ones.
  package let notes: [Digest: String]
  /// By stage key.
  package let stages: [Digest: StageRecord]
  /// Hashes of their records, by stage key.
  private let stageHashes: [Digest: Digest]
  /// The order of appending, oldest first, within a study.
  package let freezes: [FreezeRecord]
  package let assessments: [AssessmentRecord]
  package let reruns: [RerunRecord]
  /// Runs registered from elsewhere, sorted by slug, name, id.
  package let registered: [RegisteredRunOutline]
  /// Those of them that have no record yet.
  let live: [Digest: RegisteredRunRecord]
  /// What was said of runs afterwards, in the order of appending within a study.
  package let annotations: [AnnotationRecord]
  /// The hash chains, sorted by (origin, slug).
  package let chains: [LedgerChain]
  /// SHA-256 over the sorted (origin, study, length, chain head).
  package let head: Digest
  /// The bytes of a held artifact, verified; throws when it is not held or damaged.
  package let artifact: @Sendable (Digest) throws -> [UInt8]
  /// Whether the bytes of an artifact are here; not whether they are undamaged.
  package let holds: @Sendable (Digest) -> Bool
  /// A record by kind and hash, verified: what a ledger entry stands for.
  package let record: @Sendable (AnyRecord.Kind, Digest) throws -> AnyRecord

  package init(
    studies: [Digest: StudyRecord], runs: [RunRecord], states: [Digest: RunState],
    notes: [Digest: String] = [:], stages: [Digest: StageRecord],
    stageHashes: [Digest: Digest] = [:], freezes: [FreezeRecord],
    assessments: [AssessmentRecord], reruns: [RerunRecord],
    registered: [RegisteredRunOutline] = [], live: [Digest: RegisteredRunRecord] = [:],
    annotations: [AnnotationRecord] = [], chains: [LedgerChain], head: Digest,
    artifact: @escaping @Sendable (Digest) throws -> [UInt8],
    holds: (@Sendable (Digest) -> Bool)? = nil,
    record: @escaping @Sendable (AnyRecord.Kind, Digest) throws -> AnyRecord = {
      throw RegistryError.unknown(kind: $0.rawValue, id: $1)
    }
  ) {
    self.studies = studies
    self.runs = runs
    self.states = states
    self.notes = notes
    self.stages = stages
    self.stageHashes = stageHashes
    self.freezes = freezes
    self.assessments = assessments
    self.reruns = reruns
    self.registered = registered
    self.live = live
    self.annotations = annotations
    self.chains = chains
    self.head = head
    self.artifact = artifact
    self.holds = holds ?? { (try? artifact($0)) != nil }
    self.record = record
  }
}

extension Snapshot {
  /// Of the record of a stage; nil where there is none.
  package func stageHash(_ key: Digest) -> Digest? {
    stageHashes[key] ?? stages[key].map { Digest(of: $0.document) }
  }

  /// With live runs among the registered ones: they have no record yet, and the head does not cover them.
  package func adding(live: [RegisteredRunRecord]) -> Snapshot {
    let recorded = Set(registered.map(\.id))
    let new = live.filter { !recorded.contains($0.id) }
    if new.isEmpty { return self }
    return Snapshot(
      studies: studies, runs: runs, states: states, notes: notes, stages: stages,
      stageHashes: stageHashes, freezes: freezes, assessments: assessments, reruns: reruns,
      registered: Self.sorted(registered + new.map(RegisteredRunOutline.init(live:))),
      live: Dictionary(new.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
      annotations: annotations, chains: chains, head: head, artifact: artifact,
      holds: holds, record: record)
  }
}

package enum RunState: String, Sendable, CaseIterable {
  case planned, running, completed, failed, interrupted
}

/// The records of one study from one registry of origin, each hashed with the one before.
package struct LedgerChain: Sendable {
  package struct Entry: Sendable, Equatable {
    /// `stage`, `study`, `run`, `freeze`, `assessment`, `rerun`, `registered-run`,
    /// `annotation`.
    package let kind: String
    /// Digest of the record's document.
    package let record: Digest
    /// SHA-256 of (previous link, record).
    package let link: Digest
    package init(kind: String, record: Digest, link: Digest) {
      self.kind = kind
      self.record = record
      self.link = link
    }
  }
  package let origin: Digest
  package let slug: String
  package let entries: [Entry]
  package init(origin: Digest, slug: String, entries: [Entry]) {
    self.origin = origin
    self.slug = slug
    self.entries = entries
  }
}
