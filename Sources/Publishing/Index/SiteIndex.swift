import Determinism
import Records
import Studies

/// The snapshot, arranged for pages. Everything is in a fixed order.
struct SiteIndex: Sendable {
  let snapshot: Snapshot
  let studies: [StudyView]
  let archives: SiteArchives
  private let runPaths: [Digest: String]

  init(
    _ snapshot: Snapshot, narratives: [String: String], files: [String: Study] = [:],
    runPages: RunPages = .all, archives: SiteArchives = .absent
  ) {
    self.snapshot = snapshot
    self.archives = archives
    let reruns = Dictionary(grouping: snapshot.reruns, by: \.run)
    let annotations = Dictionary(grouping: snapshot.annotations, by: \.run)
    var views = snapshot.runs.map { record -> RunView in
      let id = record.id
      return RunView(
        record: record, id: id, state: snapshot.states[id] ?? .planned,
        note: snapshot.notes[id] ?? "",
        stages: record.run.stages.map {
          RunView.Stage(name: $0.name, key: $0.key, record: snapshot.stages[$0.key])
        },
        reruns: reruns[id] ?? [], annotations: annotations[id] ?? [])
    }
    runPages.choose(among: &views)
    let registered = snapshot.registered.map { outline in
      RegisteredRunView(
        outline: outline, reruns: reruns[outline.id] ?? [],
        annotations: annotations[outline.id] ?? [])
    }
    runPaths = Dictionary(
      views.filter(\.hasPage).map { ($0.id, $0.path) } + registered.map { ($0.id, $0.path) },
      uniquingKeysWith: { first, _ in first })
    let registeredBySlug = Dictionary(grouping: registered, by: \.outline.slug)
    let bySlug = Dictionary(grouping: views, by: \.record.slug)
    let slugs = Set(bySlug.keys)
      .union(registeredBySlug.keys)
      .union(snapshot.studies.values.map(\.slug)).union(snapshot.assessments.map(\.slug))
    studies = slugs.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { slug in
      let runs = bySlug[slug] ?? []
      let digest = snapshot.currentStudy(slug)
      let document = digest.flatMap { snapshot.studies[$0]?.study } ?? .object(JSON.Object())
      return StudyView(
        slug: slug, digest: digest, document: document, runs: runs,
        registered: registeredBySlug[slug] ?? [],
        freezes: snapshot.freezes.filter { $0.slug.utf8.elementsEqual(slug.utf8) },
        assessments: snapshot.currentAssessments(slug),
        narrative: narratives[slug], file: files[slug])
    }
  }

  /// Of a study's assessments, corrected together with the primary ones of the other studies. Empty where they
  /// cannot be judged again from what is here.
  func significance(
    of assessments: [AssessmentRecord], in study: StudyView
  ) -> [Assessor.Significance] {
    let others = snapshot.primaryAssessments(besides: study.slug)
    return (try? Assessor(snapshot).significance(of: assessments, among: others)) ?? []
  }

  /// Performs runs again, given which: from the archives that the site has, or from the reader's registry.
  var rerunCommand: String { "dormouse rerun" + (archives.root == nil ? "" : " .") }

  func rerunCommand(of row: PredictionRow) -> String {
    rerunCommand + " --prediction \(row.study.slug)/\(row.id) --jobs \(Self.jobs)"
  }

  /// Processes that a rerun's command asks for.
  static let jobs = 2

  /// About how long that command takes, as the durations in the records tell; nil where some are not told.
  func rerunSeconds(of row: PredictionRow) -> Double? {
    RecordedWork(behind: runs(of: row), in: snapshot.stages).seconds(workers: Self.jobs)
  }

  /// About how long it takes with `--sample 2`, on average over the draws: each process has a run, and a stage that
  /// both rest on is performed by one of them, so that the longer one counts. nil where some durations are not told.
  func sampleSeconds(of row: PredictionRow) -> Double? {
    let told = runs(of: row).map {
      RecordedWork(behind: [$0], in: snapshot.stages).seconds(workers: 1)
    }
    let each = told.compactMap(\.self).sorted()
    guard each.count == told.count, let last = each.last else { return nil }
    let pairs = each.count * (each.count - 1) / 2
    guard pairs > 0 else { return last }
    return each.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } / Double(pairs)
  }

  private func runs(of row: PredictionRow) -> [RunRecord] {
    let judged = Set(row.assessment?.runs ?? [])
    return row.study.runs.filter { judged.contains($0.id) }.map(\.record)
  }

  /// The page of a run, if it has one.
  func path(of run: Digest) -> String? { runPaths[run] }

  var runs: [RunView] { studies.flatMap(\.runs) }
  var registered: [RegisteredRunView] { studies.flatMap(\.registered) }
}
