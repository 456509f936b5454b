/// A table of a page.
package struct Table: Equatable, Sendable {
  package struct Column: Equatable, Sendable {
    package let title: [Inline]
    /// Numbers stand right, in tabular figures.
    package let isNumeric: Bool
    package init(_ title: String, numeric: Bool = false) {
      self.title = title.isEmpty ? [] : [.text(title)]
      isNumeric = numeric
    }
  }

  package struct Row: Equatable, Sendable {
    package let cells: [[Inline]]
    /// For filters: one word, e.g. a result.
    package let tag: String?
    /// What sorting compares, per column; the text of the cell where nil.
    package let keys: [Double?]
    package init(_ cells: [[Inline]], tag: String? = nil, keys: [Double?] = []) {
      self.cells = cells
      self.tag = tag
      self.keys = keys
    }
  }

  package let caption: String
  package let columns: [Column]
  package private(set) var rows: [Row]
  /// Sorting and filtering by the site's script, where there is one.
  package let isInteractive: Bool
  /// A further class: `board` and `stack`, whose rows a narrow screen sets as blocks; `points`.
  package let style: String

  package init(
    caption: String, columns: [Column], rows: [Row] = [], interactive: Bool = false,
    style: String = "plain"
  ) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
    isInteractive = interactive
    self.style = style
  }

  package mutating func append(_ row: Row) {
    precondition(row.cells.count == columns.count, "a row has a cell for every column")
    rows.append(row)
  }
}

extension Table {
  package func html(base: String) -> HTML {
    let head = columns.map { column in
      HTML.element(
        "th", column.isNumeric ? ["scope": "col", "class": "num"] : ["scope": "col"],
        column.title.html(base: base))
    }
    // Numbers that follow the words need no class each: the table says how many columns are words.
    let words = columns.prefix { !$0.isNumeric }.count
    let leading =
      (1...4).contains(words) && columns.dropFirst(words).allSatisfy(\.isNumeric) ? words : nil
    let isStacked = ["board", "stack"].contains(style)
    let body = rows.map { row -> HTML in
      let cells = zip(columns, row.cells).enumerated().map { index, pair -> HTML in
        let (column, content) = pair
        var attributes: Attributes = column.isNumeric && leading == nil ? ["class": "num"] : [:]
        // Where a narrow screen sets the rows as blocks, each cell needs its name.
        if isStacked { attributes.append("data-label", column.title.plain) }
        if index < row.keys.count, let key = row.keys[index] {
          attributes.append("data-key", NumberText.sortKey(key))
        }
        return .element("td", attributes, content.html(base: base))
      }
      return .element("tr", row.tag.map { ["data-tag": $0] } ?? [:], all: cells)
    }
    let kind =
      style + (isInteractive ? " interactive" : "") + (leading.map { " words\($0)" } ?? "")
    return .element(
      "div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": caption],
      .element(
        "table", ["class": kind],
        .element("caption", [:], HTML(caption)),
        .element("thead", [:], .element("tr", [:], all: head)),
        .element("tbody", [:], all: body)))
  }

  package var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    var lines = [line(columns.map { $0.title.isEmpty ? " " : $0.title.markdown })]
    lines.append(line(columns.map { $0.isNumeric ? "---:" : "---" }))
    lines += rows.map { line($0.cells.map { $0.isEmpty ? " " : $0.markdown }) }
    return lines.joined(separator: "\n")
  }
}

extension [Inline] {
  /// The words alone.
  package var plain: String {
    map { inline -> String in
      switch inline {
      case .text(let text), .code(let text), .badge(_, let text), .token(_, let text),
        .tinted(let text, _, _, _):
        text
      case .strong(let content), .emphasis(let content), .muted(let content): content.plain
      case .link(let content, _): content.plain
      case .abbreviated(let short, _): short
      case .graphic(_, let alternative): alternative
      case .swatch: ""
      }
    }.joined()
  }
}
