import Determinism
import Records
import Rendering
import Statistics
import Studies

/// Runs as rows: what, with which seed, how it came out, whether it reproduced.
enum RunsTable {
  /// What is the same in every run is no column: the caption says how many of them completed, in which phase, and
  /// of which arm.
  ///
  /// - Parameter all: those that tables of other parts show: what is the same in all of them is left out.
  static func table(
    _ runs: [RunView], caption: String, interactive: Bool, among all: [RunView]? = nil
  ) -> Table {
    let all = all ?? runs
    let arms = Set(all.map(\.arm))
    let showsPhase = Set(all.map(\.phase)).count > 1
    let showsState = !all.allSatisfy(\.isCompleted)
    let telling = tellingPaths(all.map(\.record.run.point))
    let columns: [(column: Table.Column, isShown: Bool)] = [
      (.init("Run"), true), (.init("Arm"), arms.count > 1), (.init("Point"), !telling.isEmpty),
      (.init("Seed", numeric: true), true), (.init("Phase"), showsPhase),
      (.init("R1 before", numeric: true), true), (.init("R1 after", numeric: true), true),
      (.init("State"), showsState), (.init("Rerun"), true),
    ]
    func shown<Value>(_ values: [Value]) -> [Value] {
      zip(columns, values).filter(\.0.isShown).map(\.1)
    }
    var table = Table(
      caption: caption + (arms.count == 1 ? " · arm \(arms.first!)" : ""),
      columns: shown(columns.map(\.column)), interactive: interactive)
    for run in runs {
      let (before, after) = rates(of: run)
      let digits = Inline.code(String(run.id.hex.prefix(10)))
      func rate(_ value: Double?) -> [Inline] {
        [.text(value.map { NumberText.decimal($0, 3) } ?? NumberText.missing)]
      }
      table.append(
        Table.Row(
          shown([
            // The whole digest is on the run's page; a hundred of them would weigh on this one.
            [run.hasPage ? .link([digits], to: .page(run.path)) : digits],
            [.swatch(Words.style(arm: run.arm)), .text(" " + run.arm)],
            [.text(Words.point(run.record.run.point, only: telling))],
            [.text(String(run.seed))], [.text(run.phase.rawValue)], rate(before), rate(after),
            [Words.badge(run.state)], [Words.badge(run.lastVerdict)],
          ]), tag: run.arm,
          keys: shown([nil, nil, nil, Double(run.seed), nil, before, after, nil, nil])))
    }
    return table
  }

  /// R1 by the run's first evaluation, and by its last where there are several.
  static func rates(of run: RunView) -> (before: Double?, after: Double?) {
    let evaluations = run.stageNames(ofKind: "evaluate")
    return (
      evaluations.first.flatMap { run.scalar($0, "r1") },
      evaluations.count > 1 ? run.scalar(evaluations[evaluations.count - 1], "r1") : nil
    )
  }

  /// Paths that tell points apart: without those whose value follows from the ones before them.
  static func tellingPaths(_ points: [JSON.Object]) -> Set<JSON.Text> {
    var telling: [JSON.Text] = []
    for path in Set(points.flatMap { $0.members.map(\.key) }).sorted() {
      var known: [[JSON.Text]: JSON.Text] = [:]
      func text(_ point: JSON.Object, _ path: JSON.Text) -> JSON.Text {
        JSON.Text(point[path.value]?.canonicalText ?? "")
      }
      let follows = points.allSatisfy { point in
        let value = text(point, path)
        let before = telling.map { text(point, $0) }
        defer { known[before] = value }
        return known[before].map { $0 == value } ?? true
      }
      if !follows { telling.append(path) }
    }
    return Set(telling)
  }

  static func page(_ index: SiteIndex) -> Page {
    var blocks: [Block] = [
      .lead([
        .text(
          Words.plural(index.runs.count + index.registered.count, "run") + " in "
            + Words.plural(index.studies.count, "study", "studies")
            + ". A run is one point, arm and seed of a study"
            + (index.registered.isEmpty ? "" : ", or one registered from elsewhere")
            + (index.runs.allSatisfy(\.hasPage)
              ? "; each has a page that never moves."
              : ". Of each point and arm the first confirmatory seed has a page; the records of all are in the archives.")
        )
      ])
    ]
    if !index.runs.isEmpty || !index.registered.isEmpty {
      blocks.append(RunsFinder(index: index).block)
    }
    for study in index.studies where !study.runs.isEmpty {
      blocks.append(.heading(2, study.title, anchor: "runs-\(study.folder)"))
      blocks += StudyRuns.blocks(of: study)
    }
    for study in index.studies where !study.registered.isEmpty {
      blocks.append(
        .heading(2, "\(study.title): registered", anchor: "registered-\(study.folder)"))
      blocks.append(
        .table(
          RegisteredRuns.table(study.registered, caption: RegisteredRuns.count(study.registered))))
    }
    return Page(
      path: "runs/index.html", title: "All runs", kicker: "Registry",
      summary: "Every run of the registry with its state and its rerun verdict.", blocks: blocks)
  }
}
