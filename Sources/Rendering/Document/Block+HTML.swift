extension Block {
  func html(base: String, templates: TemplateSet) throws(TemplateError) -> HTML {
    switch self {
    case .heading(let level, let text, let anchor):
      let id = anchor ?? Link.anchorName(text)
      return level <= 2
        ? .element("h2", ["id": id], HTML(text)) : .element("h3", ["id": id], HTML(text))
    case .paragraph(let content): return .element("p", [:], content.html(base: base))
    case .lead(let content):
      return .element("p", ["class": "lead"], content.html(base: base))
    case .list(let items, let ordered):
      let items = items.map { HTML.element("li", [:], $0.html(base: base)) }
      return ordered ? .element("ol", [:], all: items) : .element("ul", [:], all: items)
    case .definitions(let pairs):
      return .element(
        "dl", [:],
        all: pairs.flatMap { pair in
          [
            HTML.element("dt", [:], pair.term.html(base: base)),
            HTML.element("dd", [:], pair.meaning.html(base: base)),
          ]
        })
    case .table(let table): return table.html(base: base)
    case .figure(let figure): return try figure.html(base: base, templates: templates)
    case .code(let text):
      return .element("pre", ["tabindex": "0"], .element("code", [:], HTML(text)))
    case .details(let summary, let blocks):
      return .element(
        "details", [:], .element("summary", [:], summary.html(base: base)),
        try blocks.html(base: base, templates: templates))
    case .notice(let content):
      return .element("p", ["class": "notice", "role": "note"], content.html(base: base))
    case .prose(let piece): return .element("div", ["class": "prose"], piece.html)
    case .facts(let facts):
      return .element(
        "ul", ["class": "facts"],
        all: facts.map { fact in
          .element(
            "li", [:], .element("span", ["class": "label"], fact.label.html(base: base)),
            .element("span", ["class": "value"], fact.value.html(base: base)))
        })
    case .lineage(let steps):
      return .element(
        "ol", ["class": "lineage"],
        all: steps.map { step in
          .element(
            "li", [:], .element("strong", [:], step.name.html(base: base)),
            .joined(step.facts.map { .element("span", [:], $0.html(base: base)) }))
        })
    case .finder(let shards, let columns, _, let chooser):
      return .element(
        "div",
        [
          "class": "finder", "data-base": base,
          "data-shards": shards.map { $0.reference(from: base) }.joined(separator: " "),
          "data-columns": columns.joined(separator: "|"), "data-compare": base + chooser,
        ], HTML())
    case .comparer(let id, let folder):
      return .element(
        "div", ["class": "comparer", "id": id, "data-base": base, "data-compare": base + folder],
        HTML())
    case .transcript(let lines):
      return .element(
        "ol", ["class": "transcript"],
        all: lines.map { line in
          .element(
            "li", [:], .element("p", ["class": "tags"], line.tags.html(base: base)),
            .element("p", ["class": "prompt"], line.prompt.html(base: base)),
            .element("p", ["class": "response"], line.response.html(base: base)))
        })
    }
  }
}
