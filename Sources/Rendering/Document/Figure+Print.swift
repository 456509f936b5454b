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
  /// - Parameters:
  ///   - width: in points; at least `leastPrintedWidth`.
  ///   - height: of a drawing at the most, in points: rows of panels that go beyond it are in a further one.
  /// - Returns: none for a figure with something in it that is no chart.
  package func printed(
    width: Double, height: Double, _ templates: TemplateSet
  ) -> [PrintedFigure] {
    precondition(width >= Self.leastPrintedWidth)
    let charts = panels.compactMap(\.chart)
    guard !charts.isEmpty, charts.count == panels.count else { return [] }
    let layout = PrintLayout(width: width / Self.printedUnit)
    let columns = layout.columns(for: charts.map { $0(Panel.width).leastWidth })
    let room = layout.room(columns: columns)
    let cells = zip(panels, charts).enumerated().map { index, pair in
      PrintLayout.Cell(
        heading: TextWidth.wrapped(heading(pair.0, index), to: room),
        description: pair.0.description, canvas: pair.1(room).canvas())
    }
    let rows = stride(from: 0, to: cells.count, by: columns).map { start in
      PrintLayout.Row(cells: Array(cells[start..<min(start + columns, cells.count)]))
    }
    let key = layout.legend(legend)
    var parts: [[PrintLayout.Row]] = [[]]
    for row in rows {
      let taken = PrintLayout.height(of: parts[parts.count - 1] + [row]) + key.height
      if taken * Self.printedUnit > height, !parts[parts.count - 1].isEmpty { parts.append([]) }
      parts[parts.count - 1].append(row)
    }
    return parts.map { printed($0, layout, key, templates) }
  }

  private func printed(
    _ rows: [PrintLayout.Row], _ layout: PrintLayout, _ key: (html: HTML, height: Double),
    _ templates: TemplateSet
  ) -> PrintedFigure {
    var body = HTML()
    var top = 0.0
    for row in rows {
      body += row.html(top: top)
      top += row.height + PrintLayout.gap
    }
    top = PrintLayout.height(of: rows)
    body += PrintLayout.moved(key.html, 0, top)
    top += key.height
    func c(_ value: Double) -> String { NumberText.fixed(value, 2) }
    let size = (width: layout.width * Self.printedUnit, height: top * Self.printedUnit)
    let said = [subtitle] + rows.flatMap(\.cells).map(\.description).filter { !$0.isEmpty }
    let markup =
      HTML.element("title", [:], HTML(title)).markup
      + HTML.element("desc", [:], HTML(said.joined(separator: ". "))).markup + body.markup
    let head: Attributes = [
      "viewBox": "0 0 \(c(layout.width)) \(c(top))", "role": "img",
      "width": "\(c(size.width))pt", "height": "\(c(size.height))pt",
    ]
    return PrintedFigure(
      svg: Drawing.standalone(
        String(head.markup.dropFirst()), templates.drawingStyle.text(for: markup, on: .print),
        markup + "</svg>"),
      width: size.width, height: size.height)
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

  static func moved(_ html: HTML, _ x: Double, _ y: Double) -> HTML {
    let place = "translate(\(NumberText.coordinate(x)) \(NumberText.coordinate(y)))"
    return .element("g", ["transform": place], html)
  }

  static func height(of rows: [Row]) -> Double {
    rows.map(\.height).reduce(0, +) + Double(max(rows.count - 1, 0)) * gap
  }

  struct Cell {
    let heading: [String]
    let description: String
    let canvas: Canvas
  }

  /// Charts of a row begin at the same height.
  struct Row {
    let cells: [Cell]

    private var above: Double {
      let lines = cells.map(\.heading.count).max() ?? 0
      return lines > 0 ? Double(lines) * PrintLayout.line + 4 : 0
    }

    var height: Double { above + (cells.map(\.canvas.height).max() ?? 0) }

    func html(top: Double) -> HTML {
      .joined(
        cells.enumerated().map { column, cell in
          var heading = Canvas(width: cell.canvas.width, height: above)
          for (line, text) in cell.heading.enumerated() {
            heading.text(2, Double(line + 1) * PrintLayout.line - 3, text, "group")
          }
          return PrintLayout.moved(
            .joined(
              heading.content + [PrintLayout.moved(.joined(cell.canvas.content), 0, above)]),
            Double(column) * (cell.canvas.width + PrintLayout.gap), top)
        })
    }
  }

  /// Entries beside each other, in as many lines as they need.
  func legend(_ entries: [(style: Style, label: String)]) -> (html: HTML, height: Double) {
    guard !entries.isEmpty else { return (HTML(), 0) }
    var html = HTML()
    var left = 2.0
    var top = 6.0
    for entry in entries {
      let taken = 32 + TextWidth.plain(entry.label)
      if left > 2, left + taken > width {
        left = 2
        top += 18
      }
      var key = Swatch.canvas(entry.style)
      key.text(32, 10, entry.label, "value")
      html += Self.moved(.joined(key.content), left, top)
      left += taken + 18
    }
    return (html, top + 16)
  }
}
