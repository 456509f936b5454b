import Rendering

/// A study's runs: on its page while they are few, else on pages of their own, all of them.
enum StudyRuns {
  /// Rows that a page has room for beside other things, and that make a page.
  static let inlineLimit = 40
  static let pageLimit = 300

  /// What the study's page, or the registry's, says of them.
  static func blocks(of study: StudyView) -> [Block] {
    let facts = StudyFacts(study).line
    guard study.runs.count > inlineLimit else {
      return [.table(RunsTable.table(study.runs, caption: facts, interactive: true))]
    }
    let pages = pages(of: study).count
    return [
      .paragraph(
        [.text(facts + ". "), .link(["All of them, with their points"], to: .page(path(study, 1)))]
          + (pages > 1 ? [.text(", on \(pages) pages.")] : ["."]))
    ]
  }

  /// None for a study whose page has them.
  static func pages(of study: StudyView) -> [Page] {
    guard study.runs.count > inlineLimit else { return [] }
    let starts = Array(stride(from: 0, to: study.runs.count, by: pageLimit))
    return starts.enumerated().map { number, start in
      let runs = Array(study.runs[start..<min(start + pageLimit, study.runs.count)])
      let all = Words.plural(study.runs.count, "run")
      let part =
        starts.count == 1 ? all : "Runs \(start + 1) to \(start + runs.count) of \(all)"
      var blocks: [Block] = [
        .paragraph(["Of ", .link([.text(study.title)], to: .page(study.path)), "."]),
        .table(RunsTable.table(runs, caption: part, interactive: true, among: study.runs)),
      ]
      if starts.count > 1 {
        let others = starts.indices.map { index -> Inline in
          let name = Inline.text(" \(index + 1) ")
          return index == number
            ? .strong([name]) : .link([name], to: .page(path(study, index + 1)))
        }
        blocks.append(.paragraph(["Pages:"] + others))
      }
      return Page(
        path: path(study, number + 1), title: "Runs of \(study.slug)", kicker: "Runs",
        summary: "\(part) of the study \(study.title).", blocks: blocks)
    }
  }

  private static func path(_ study: StudyView, _ number: Int) -> String {
    "studies/\(study.folder)/runs/" + (number == 1 ? "" : "\(number)/") + "index.html"
  }
}
