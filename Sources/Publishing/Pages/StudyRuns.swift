import Rendering

/// A study's runs: on its page while they are few, else on pages of their own, all of them.
enum StudyRuns {
  /// Rows that a page has room for beside other things, and that make a page.
  static let inlineLimit = 40
  static let pageLimit = 300

  /// What the study's page, or the registry's, says of the runs that were performed here.
  static func blocks(of study: StudyView) -> [Block] {
    let facts = StudyFacts(study).line
    return performed(study).blocks(facts: facts) {
      RunsTable.table($0, caption: facts, interactive: true)
    }
  }

  /// The same of those that were registered.
  static func registered(of study: StudyView) -> [Block] {
    let facts = RegisteredRuns.count(study.registered)
    return elsewhere(study).blocks(facts: facts) { RegisteredRuns.table($0, caption: facts) }
  }

  /// None for a study whose page has them.
  static func pages(of study: StudyView) -> [Page] {
    let headings = RegisteredRuns.headings(study.registered)
    return performed(study).pages { runs, part in
      RunsTable.table(runs, caption: part, interactive: true, among: study.runs)
    }
      + elsewhere(study).pages { runs, part in
        RegisteredRuns.table(runs, caption: part, metrics: headings)
      }
  }

  private static func performed(_ study: StudyView) -> PagedRuns<RunView> {
    PagedRuns(study: study, folder: "runs", runs: study.runs)
  }

  private static func elsewhere(_ study: StudyView) -> PagedRuns<RegisteredRunView> {
    PagedRuns(study: study, folder: "registered", runs: study.registered)
  }
}

/// A long table of a study's runs, cut into pages that lead to each other.
private struct PagedRuns<Run> {
  let study: StudyView
  /// Below the study's.
  let folder: String
  let runs: [Run]

  private var isPaged: Bool { runs.count > StudyRuns.inlineLimit }
  private var starts: [Int] {
    Array(stride(from: 0, to: runs.count, by: StudyRuns.pageLimit))
  }

  func blocks(facts: String, _ table: ([Run]) -> Table) -> [Block] {
    guard isPaged else { return [.table(table(runs))] }
    return [
      .paragraph(
        [.text(facts + ". "), .link(["All of them in a table"], to: .page(path(0)))]
          + (starts.count > 1 ? [.text(", on \(starts.count) pages.")] : ["."]))
    ]
  }

  func pages(_ table: ([Run], _ part: String) -> Table) -> [Page] {
    guard isPaged else { return [] }
    let all = Words.plural(runs.count, "run")
    return starts.enumerated().map { number, start in
      let shown = Array(runs[start..<min(start + StudyRuns.pageLimit, runs.count)])
      let part =
        starts.count == 1
        ? all
        : "Runs \(NumberText.count(start + 1)) to \(NumberText.count(start + shown.count)) of \(all)"
      var blocks: [Block] = [
        .paragraph(["Of ", .link([.text(study.title)], to: .page(study.path)), "."]),
        .table(table(shown, part)),
      ]
      if starts.count > 1 {
        let others = starts.indices.map { index -> Inline in
          let name = Inline.text(" \(index + 1) ")
          return index == number ? .strong([name]) : .link([name], to: .page(path(index)))
        }
        blocks.append(.paragraph(["Pages:"] + others))
      }
      return Page(
        path: path(number), title: "Runs of \(study.slug)", kicker: "Runs",
        summary: "\(part) of the study \(study.title).", blocks: blocks)
    }
  }

  private func path(_ index: Int) -> String {
    "studies/\(study.folder)/\(folder)/" + (index == 0 ? "" : "\(index + 1)/") + "index.html"
  }
}
