/// A whole figure as one drawing for paper: its panels, lettered, and its legend.
package struct PrintedFigure: Sendable {
  /// Light, and without anything that programs other than browsers do not know.
  package let svg: String
  /// In points.
  package let width: Double
  package let height: Double
}

extension Figure {
  /// A unit of a drawing on paper, in points: the smallest letters have 11 units, which are 7.15 pt.
  package static let printedUnit = 0.65
  /// In points: what a chart needs at the least.
  package static let leastPrintedWidth = 220.0

  /// The panels laid out side by side as far as their texts have room, under (a), (b), …
  ///
  /// - Parameter width: in points; at least `leastPrintedWidth`.
  /// - Returns: nil for a figure with something in it that is no chart.
  package func printed(width: Double, _ templates: TemplateSet) -> PrintedFigure? {
    precondition(width >= Self.leastPrintedWidth)
    let charts = panels.compactMap(\.chart)
    guard !charts.isEmpty, charts.count == panels.count else { return nil }
    let layout = PrintLayout(width: width / Self.printedUnit)
    let columns = layout.columns(for: charts.map { $0(Panel.width).leastWidth })
    let room = layout.room(columns: columns)
    let placed = zip(panels, charts).enumerated().map { index, pair in
      PrintLayout.Cell(
        heading: TextWidth.wrapped(heading(pair.0, index), to: room), canvas: pair.1(room).canvas())
    }
    var body = HTML()
    var top = 0.0
    for start in stride(from: 0, to: placed.count, by: columns) {
      let row = placed[start..<min(start + columns, placed.count)]
      if start > 0 { top += PrintLayout.gap }
      let lines = row.map(\.heading.count).max() ?? 0
      for (column, cell) in row.enumerated() {
        body += cell.html(left: Double(column) * (room + PrintLayout.gap), top: top, lines: lines)
      }
      top += (row.map { $0.height(lines: lines) }.max() ?? 0)
    }
    let key = layout.legend(legend, top: top + 6)
    body += key.html
    top = max(top, key.bottom)
    func c(_ value: Double) -> String { NumberText.fixed(value, 2) }
    let height = top * Self.printedUnit
    let said = [subtitle] + panels.map(\.description).filter { !$0.isEmpty }
    let markup =
      HTML.element("title", [:], HTML(title)).markup
      + HTML.element("desc", [:], HTML(said.joined(separator: ". "))).markup + body.markup
    let head = Attributes(
      dictionaryLiteral: (
        "viewBox", "0 0 \(c(layout.width)) \(c(top))"
      ), ("role", "img"), ("width", "\(c(width))pt"), ("height", "\(c(height))pt")
    ).markup
    return PrintedFigure(
      svg: Drawing.standalone(
        String(head.dropFirst()), templates.drawingStyle.text(for: markup, on: .print),
        markup + "</svg>"),
      width: width, height: height)
  }

  /// `(b) Delayed`: the letter only where there are several.
  private func heading(_ panel: Panel, _ index: Int) -> String {
    guard panels.count > 1 else { return panel.title }
    // Beyond z, as no figure has: aa, ab, …
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let more = index / letters.count
    let letter =
      (more > 0 ? String(letters[(more - 1) % letters.count]) : "")
      + String(letters[index % letters.count])
    return "(\(letter))" + (panel.title.isEmpty ? "" : " " + panel.title)
  }
}

/// Where the parts of a printed figure are, in units.
private struct PrintLayout {
  static let gap = 16.0
  /// Of a column beside others: a chart narrower than that is hard to read, even where its texts fit.
  static let leastColumn = 236.0
  static let line = 15.0

  let width: Double

  func room(columns: Int) -> Double { (width - Double(columns - 1) * Self.gap) / Double(columns) }

  /// As many as have room; of those as few as give the same number of rows.
  func columns(for least: [Double]) -> Int {
    let needed = max(least.max() ?? 0, Self.leastColumn)
    let most = (1...least.count).last { room(columns: $0) >= needed } ?? 1
    let rows = (least.count + most - 1) / most
    return (least.count + rows - 1) / rows
  }

  struct Cell {
    let heading: [String]
    let canvas: Canvas

    func height(lines: Int) -> Double {
      canvas.height + (lines > 0 ? Double(lines) * PrintLayout.line + 4 : 0)
    }

    /// Charts of a row begin at the same height.
    func html(left: Double, top: Double, lines: Int) -> HTML {
      var drawn = Canvas(width: canvas.width, height: 0)
      for (index, text) in heading.enumerated() {
        drawn.text(2, Double(index + 1) * PrintLayout.line - 3, text, "group")
      }
      let below = height(lines: lines) - canvas.height
      return .element(
        "g",
        ["transform": "translate(\(NumberText.coordinate(left)) \(NumberText.coordinate(top)))"],
        .joined(drawn.content),
        .element(
          "g", ["transform": "translate(0 \(NumberText.coordinate(below)))"],
          .joined(canvas.content)))
    }
  }

  /// Entries beside each other, in as many lines as they need.
  func legend(
    _ entries: [(style: Style, label: String)], top: Double
  ) -> (html: HTML, bottom: Double) {
    guard !entries.isEmpty else { return (HTML(), top) }
    var html = HTML()
    var left = 2.0
    var top = top
    for entry in entries {
      let taken = 32 + TextWidth.plain(entry.label)
      if left > 2, left + taken > width {
        left = 2
        top += 18
      }
      var label = Canvas(width: 0, height: 0)
      label.text(32, 10, entry.label, "value")
      html += .element(
        "g",
        ["transform": "translate(\(NumberText.coordinate(left)) \(NumberText.coordinate(top)))"],
        .joined(Swatch.canvas(entry.style).content), .joined(label.content))
      left += taken + 18
    }
    return (html, top + 16)
  }
}
