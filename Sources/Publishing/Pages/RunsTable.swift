import Determinism
import Records
import Rendering
import Statistics
import Studies

/// Runs as rows: what, with which seed, how it came out, whether it reproduced.
enum RunsTable {
  static func table(_ runs: [RunView], caption: String, interactive: Bool) -> Table {
    var table = Table(
      caption: caption,
      columns: [
        .init("Run"), .init("Arm"), .init("Point"), .init("Seed", numeric: true), .init("Phase"),
        .init("R1 before", numeric: true), .init("R1 after", numeric: true), .init("State"),
        .init("Rerun"),
      ], interactive: interactive)
    for run in runs {
      let evaluations = run.stageNames(ofKind: "evaluate")
      let before = evaluations.first.flatMap { run.scalar($0, "r1") }
      let after = evaluations.count > 1 ? run.scalar(evaluations[evaluations.count - 1], "r1") : nil
      let digits = Inline.code(String(run.id.hex.prefix(10)))
      func rate(_ value: Double?) -> [Inline] {
        [.text(value.map { NumberText.decimal($0, 3) } ?? NumberText.missing)]
      }
      table.append(
        Table.Row(
          [
            // The whole digest is on the run's page; a hundred of them would weigh on this one.
            [run.hasPage ? .link([digits], to: .page(run.path)) : digits],
            [.swatch(Words.style(arm: run.arm)), .text(" " + run.arm)],
            [.text(Words.point(run.record.run.point))], [.text(String(run.seed))],
            [.text(run.phase.rawValue)], rate(before), rate(after), [Words.badge(run.state)],
            [Words.badge(run.lastVerdict)],
          ], tag: run.arm,
          keys: [nil, nil, nil, Double(run.seed), nil, before, after]))
    }
    return table
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
    for study in index.studies where !study.runs.isEmpty {
      blocks.append(.heading(2, study.title, anchor: "runs-\(study.folder)"))
      blocks.append(.table(table(study.runs, caption: StudyFacts(study).line, interactive: true)))
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
