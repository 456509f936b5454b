import Determinism
import Records
import Studies

/// The snapshot, arranged for pages. Everything is in a fixed order.
struct SiteIndex: Sendable {
  let snapshot: Snapshot
  let studies: [StudyView]
  private let runPaths: [Digest: String]

  init(_ snapshot: Snapshot, narratives: [String: String]) {
    self.snapshot = snapshot
    let reruns = Dictionary(grouping: snapshot.reruns, by: \.run)
    let annotations = Dictionary(grouping: snapshot.annotations, by: \.run)
    let views = snapshot.runs.map { record -> RunView in
      let id = record.id
      return RunView(
        record: record, id: id, state: snapshot.states[id] ?? .planned,
        note: snapshot.notes[id] ?? "",
        stages: record.run.stages.map {
          RunView.Stage(name: $0.name, key: $0.key, record: snapshot.stages[$0.key])
        },
        reruns: reruns[id] ?? [], annotations: annotations[id] ?? [])
    }
    let registered = snapshot.registered.map { record in
      let id = record.id
      return RegisteredRunView(
        record: record, id: id, reruns: reruns[id] ?? [], annotations: annotations[id] ?? [])
    }
    runPaths = Dictionary(
      views.map { ($0.id, $0.path) } + registered.map { ($0.id, $0.path) },
      uniquingKeysWith: { first, _ in first })
    let registeredBySlug = Dictionary(grouping: registered, by: \.record.slug)
    let bySlug = Dictionary(grouping: views, by: \.record.slug)
    let slugs = Set(bySlug.keys)
      .union(registeredBySlug.keys)
      .union(snapshot.studies.values.map(\.slug)).union(snapshot.assessments.map(\.slug))
    studies = slugs.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { slug in
      let runs = bySlug[slug] ?? []
      let digest = SiteIndex.currentStudy(slug, snapshot)
      let document = digest.flatMap { snapshot.studies[$0]?.study } ?? .object(JSON.Object())
      return StudyView(
        slug: slug, digest: digest, document: document, runs: runs,
        registered: registeredBySlug[slug] ?? [],
        freezes: snapshot.freezes.filter { $0.slug.utf8.elementsEqual(slug.utf8) },
        assessments: SiteIndex.newest(
          snapshot.assessments.filter { $0.slug.utf8.elementsEqual(slug.utf8) },
          order: (document["predictions"]?.array ?? []).compactMap { $0["id"]?.string }),
        narrative: narratives[slug])
    }
  }

  /// The page of a run, if it has one.
  func path(of run: Digest) -> String? { runPaths[run] }

  var runs: [RunView] { studies.flatMap(\.runs) }
  var registered: [RegisteredRunView] { studies.flatMap(\.registered) }

  /// The study file recorded last in a chain of the study; of several chains the last in their order.
  private static func currentStudy(_ slug: String, _ snapshot: Snapshot) -> Digest? {
    let byDocument = Dictionary(
      snapshot.studies.map { (Digest(of: $0.value.document), $0.key) },
      uniquingKeysWith: { first, _ in first })
    let recorded = snapshot.chains.filter { $0.slug.utf8.elementsEqual(slug.utf8) }
      .flatMap(\.entries).filter { $0.kind == "study" }.compactMap { byDocument[$0.record] }
    if let last = recorded.last { return last }
    if let frozen = snapshot.freezes.last(where: { $0.slug.utf8.elementsEqual(slug.utf8) }) {
      return frozen.studyDigest
    }
    return snapshot.studies.filter { $0.value.slug.utf8.elementsEqual(slug.utf8) }.keys.min()
  }

  /// The last assessment of each prediction as it is worded; another wording is another row.
  private static func newest(_ all: [AssessmentRecord], order: [String]) -> [AssessmentRecord] {
    var last: [String: Int] = [:]
    for (index, assessment) in all.enumerated() {
      last[assessment.predictionID + "|" + Digest(of: assessment.prediction).hex] = index
    }
    let place = Dictionary(
      order.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    return last.values.sorted {
      let left = (place[all[$0].predictionID] ?? .max, $0)
      let right = (place[all[$1].predictionID] ?? .max, $1)
      return left < right
    }.map { all[$0] }
  }
}
