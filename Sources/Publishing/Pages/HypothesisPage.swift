import Records
import Rendering
import Studies

/// Every question that the project asks, with where it is answered or why it is not.
struct HypothesisPage {
  static let path = "hypotheses/index.html"

  let map: HypothesisMap
  let index: SiteIndex

  func page() -> Page {
    let answers = map.hypotheses.map(\.answer)
    let planned = answers.count { if case .planned = $0 { true } else { false } }
    let left = answers.count { if case .notTested = $0 { true } else { false } }
    let count = Words.plural(answers.count, "hypothesis", "hypotheses")
    var table = Table(
      caption: "Where each hypothesis is answered",
      columns: [.init(""), .init("Hypothesis"), .init("Study"), .init("Result")],
      interactive: true, style: "stack")
    for hypothesis in map.hypotheses { table.append(row(hypothesis)) }
    return Page(
      path: Self.path, title: "Hypotheses", kicker: "Guide",
      summary: "What was asked, where it is answered, and what was not tested.",
      blocks: [
        .paragraph([
          .text(
            "\(count): \(answers.count - planned - left) answered by a study here, \(planned) planned, \(left) not tested. None is left out because of how it came out; the list was written before the studies."
          )
        ]), .table(table),
      ] + figures)
  }

  private var figures: [Block] {
    guard !map.figures.isEmpty else { return [] }
    let left = map.figures.count { if case .notDrawn = $0.answer { true } else { false } }
    var table = Table(
      caption: "Where each figure is drawn",
      columns: [.init(""), .init("Figure"), .init("Where")], interactive: true,
      style: "stack")
    for figure in map.figures {
      let place: [Inline]
      switch figure.answer {
      case .drawn(let slug, let names):
        let study = index.studies.first { $0.slug.utf8.elementsEqual(slug.utf8) }
        place = names.flatMap { name -> [Inline] in
          let words: [Inline] = [.text("\(slug): \(name)")]
          return [
            study.map {
              .link(words, to: .page($0.path, anchor: $0.anchor(ofFigure: name)))
            } ?? .text(words.plain), .text(" "),
          ]
        }
      case .page(let path):
        place =
          path.utf8.elementsEqual("index.html".utf8) || index.detectorPaths.contains(path)
          ? [.link([.text(path)], to: .page(path))] : [.text(path)]
      case .notDrawn(let reason):
        place = [.strong(["not drawn"]), .text(": " + reason)]
      }
      table.append(Table.Row([[.text(figure.name)], [.text(figure.shows)], place]))
    }
    return [
      .heading(2, "Figures", anchor: "figures"),
      .paragraph([
        .text(
          "What was to be drawn: \(Words.plural(map.figures.count, "figure")), \(left) of them not drawn, with the record that is missing."
        )
      ]), .table(table),
    ]
  }

  private func row(_ hypothesis: Hypothesis) -> Table.Row {
    let place: [Inline]
    var result: [Inline] = []
    switch hypothesis.answer {
    case .planned(let slug):
      place = [.muted([.text("planned: "), .code(slug)])]
      result = [.muted(["planned"])]
    case .notTested(let reason):
      place = [.text(NumberText.missing)]
      result = [Words.badge(ClaimResult.notTested), .text(" " + reason)]
    case .tested(let slug, let predictions, let figure):
      let study = index.studies.first { $0.slug.utf8.elementsEqual(slug.utf8) }
      place = [study.map { .link([.text(slug)], to: .page($0.path)) } ?? .code(slug)]
      let rows = study.map(PredictionRow.rows) ?? []
      for id in predictions {
        let found = rows.last { $0.id.utf8.elementsEqual(id.utf8) }
        result += [Words.badge(found?.result ?? .notTested), .text(" ")]
        result.append(
          study.flatMap { study in
            found.map { .link([.text(id)], to: .page(study.path, anchor: $0.anchor)) }
          } ?? .text(id))
        if let found, found.estimate != nil { result.append(.text(" " + found.estimateText)) }
        result.append(.text(" "))
      }
      if let figure {
        result.append(
          study.map {
            .link(
              [.text("figure \(figure)")], to: .page($0.path, anchor: $0.anchor(ofFigure: figure)))
          }
            ?? .text("figure \(figure)"))
      }
    }
    return Table.Row([[.text(hypothesis.name)], [.text(hypothesis.statement)], place, result])
  }
}
