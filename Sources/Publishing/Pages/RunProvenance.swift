import Determinism
import Records
import Rendering
import Studies

/// Where a run was made, what it left behind, how to make it again.
struct RunProvenance {
  let index: SiteIndex
  let run: RunView

  func blocks() -> [Block] { reruns + environment + downloads + again }

  private var reruns: [Block] {
    guard !run.reruns.isEmpty else {
      return [
        .heading(2, "Reruns"),
        .paragraph([Words.badge(nil as Verdict?), " Nobody has performed this run again yet."]),
      ]
    }
    return [.heading(2, "Reruns"), .table(Self.table(of: run.reruns))]
  }

  static func table(of reruns: [RerunRecord]) -> Table {
    var table = Table(
      caption: "Every rerun of this run, oldest first",
      columns: [
        .init("Verdict"), .init("Values compared", numeric: true), .init("Circumstances"),
        .init("Not checked"),
      ])
    for rerun in reruns {
      let circumstances = Circumstances(object: rerun.circumstances).facts
        .filter {
          $0.key.utf8.starts(with: "same_".utf8) || $0.key == "finished" || $0.key == "threads"
        }
        .map { "\($0.key): \($0.value)" }.joined(separator: ", ")
      table.append(
        Table.Row([
          [Words.badge(rerun.verdict)], [.text(NumberText.count(rerun.compared))],
          [.text(circumstances.isEmpty ? NumberText.missing : circumstances)],
          [.text(rerun.notChecked.isEmpty ? "nothing" : rerun.notChecked.joined(separator: "; "))],
        ]))
    }
    return table
  }

  /// Circumstances that all stages share, then those that differ.
  private var environment: [Block] {
    let all = run.stages.compactMap { stage in
      stage.record.map { (stage.name, Circumstances(object: $0.circumstances).facts) }
    }
    guard let first = all.first else { return [] }
    let shared = first.1.filter { fact in
      all.allSatisfy { stage in stage.1.contains { $0 == fact } }
    }
    var table = Table(
      caption: "Shown, never compared: no recorded value depends on them",
      columns: [.init("Stage"), .init("Circumstance"), .init("Value")])
    for fact in shared {
      table.append(Table.Row([["all"], [.code(fact.key)], [.text(fact.value)]]))
    }
    for (name, facts) in all {
      for fact in facts where !shared.contains(where: { $0 == fact }) {
        table.append(Table.Row([[.text(name)], [.code(fact.key)], [.text(fact.value)]]))
      }
    }
    return [
      .heading(2, "Environment"),
      .details(summary: ["Circumstances of each stage"], [.table(table)]),
    ]
  }

  private var downloads: [Block] {
    var table = Table(
      caption:
        "Artifacts by digest; kept ones travel in the study's archive, remade ones come out of a rerun",
      columns: [
        .init("Stage"), .init("Artifact"), .init("Type"), .init("Role"),
        .init("Size", numeric: true),
        .init("SHA-256"),
      ])
    for stage in run.stages {
      for (name, artifact) in (stage.record?.artifacts ?? [:]).sorted(by: { $0.key < $1.key }) {
        table.append(
          Table.Row([
            [.text(stage.name)], [.text(name)], [.text(artifact.mediaType)],
            [.text(artifact.role.rawValue)], [.text(NumberText.size(artifact.size))],
            [.digest(artifact.digest.hex)],
          ]))
      }
    }
    return [
      .heading(2, "Downloads"),
      .paragraph([
        .link(["run.json"], to: .page("\(run.folder)/run.json")),
        ": the run's record. Its SHA-256 is the record hash. Exact data of each figure is linked below it.",
      ]),
      .details(summary: ["Artifacts"], [.table(table)]),
    ]
  }

  private var again: [Block] {
    [
      .heading(2, "Rerun it", anchor: "rerun"),
      .code("\(index.rerunCommand) \(String(decoding: run.id.hex.utf8.prefix(16), as: UTF8.self))"),
    ]
  }
}
