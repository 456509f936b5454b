extension Table {
  /// A table for paper, in as many parts as pages are needed.
  package struct Printed: Sendable {
    /// Each a `tabular` with the rules of booktabs.
    package let parts: [String]
  }

  /// Sizes of letters to set a table in, the largest first, with what they take: in points, of Computer Modern.
  private static let sizes: [(command: String, letter: Double, line: Double)] = [
    ("footnotesize", 4.3, 9.5), ("scriptsize", 3.8, 8.2),
  ]
  /// Left and right of a cell, in points.
  private static let margin = 4.0
  /// Between rows, some of which have several lines.
  private static let rowGap = 2.0

  /// Columns keep their width; where the line has no room for all, the longest share what is left of it, and break.
  ///
  /// - Parameters:
  ///   - width: of a line, in points.
  ///   - height: of a part at the most, in points, roughly: a longer table is set in smaller letters, then in parts.
  package func printed(width: Double, height: Double) -> Printed {
    let layouts = Self.sizes.map { size in
      TableLayout(self, width: width, letter: size.letter, margin: Self.margin)
    }
    func heights(_ index: Int) -> [Double] {
      layouts[index].lines.map { Double($0) * Self.sizes[index].line + Self.rowGap }
    }
    let most = height - 4 * Self.sizes[0].line
    let chosen =
      layouts.indices.first { heights($0).reduce(0, +) <= most && !layouts[$0].isTight }
      ?? layouts.count - 1
    // Parts of about one height.
    let all = heights(chosen).reduce(0, +)
    let target = all / (all / most).rounded(.up)
    var parts: [[Row]] = [[]]
    var taken = 0.0
    for (row, height) in zip(rows, heights(chosen)) {
      if taken + height / 2 > target, !parts[parts.count - 1].isEmpty {
        parts.append([])
        taken = 0
      }
      parts[parts.count - 1].append(row)
      taken += height
    }
    return Printed(
      parts: parts.map { tabular($0, layouts[chosen], size: Self.sizes[chosen].command) })
  }

  private func tabular(_ rows: [Row], _ layout: TableLayout, size: String) -> String {
    // The group ends what is set for this table.
    var lines = [
      "\\begingroup\\\(size)\\setlength{\\tabcolsep}{\(NumberText.coordinate(Self.margin))pt}%",
      "\\begin{tabular}{@{}\(layout.specification)@{}}", "\\toprule",
    ]
    lines.append(layout.line(columns.map(\.title.latex)))
    lines.append("\\midrule")
    let gap =
      layout.lines.contains { $0 > 1 }
      ? "\n\\addlinespace[\(NumberText.coordinate(Self.rowGap))pt]" : ""
    lines.append(rows.map { layout.line($0.cells.map(\.latex)) }.joined(separator: "\(gap)\n"))
    lines += ["\\bottomrule", "\\end{tabular}%", "\\endgroup", ""]
    return lines.joined(separator: "\n")
  }
}

/// How wide the columns of a printed table are.
private struct TableLayout {
  private enum Column {
    case left, right
    /// Broken into lines of so many points.
    case paragraph(Double)
  }

  private let columns: [Column]
  /// Of each row.
  let lines: [Int]
  /// Whether more than one column had to be broken.
  let isTight: Bool

  /// Of a broken column, in points.
  private static let leastBroken = 70.0

  init(_ table: Table, width: Double, letter: Double, margin: Double) {
    func length(_ cell: [Inline]) -> Double {
      // Signs of mathematics are wider than letters.
      let scalars = cell.plain.unicodeScalars
      return letter * (Double(scalars.count) + 0.5 * Double(scalars.count { $0.value > 0x2000 }))
    }
    let natural = table.columns.indices.map { index in
      max(
        length(table.columns[index].title), table.rows.map { length($0.cells[index]) }.max() ?? 0)
    }
    let room = width - 2 * margin * Double(max(table.columns.count - 1, 0))
    // The longest columns are broken, as few as it takes; short ones are never.
    var rest: [Int] = []
    func left() -> Double {
      room - natural.indices.filter { !rest.contains($0) }.map { natural[$0] }.reduce(0, +)
    }
    for index in natural.indices.sorted(by: { (natural[$1], $0) < (natural[$0], $1) })
    where left() < Self.leastBroken * Double(rest.count) && natural[index] > Self.leastBroken {
      rest.append(index)
    }
    isTight = rest.count > 1
    let shared = max(left() - Self.leastBroken * Double(rest.count), 0)
    let all = rest.map { natural[$0] }.reduce(0, +)
    let broken = Dictionary(
      uniqueKeysWithValues: rest.map { index in
        (index, (Self.leastBroken + shared * natural[index] / all).rounded(.down))
      })
    columns = natural.indices.map { index in
      broken[index].map { .paragraph($0) } ?? (table.columns[index].isNumeric ? .right : .left)
    }
    lines = table.rows.map { row in
      row.cells.indices.map { index in
        // Lines are not filled to their ends.
        broken[index].map { Int((length(row.cells[index]) / ($0 * 0.92)).rounded(.up)) } ?? 1
      }.max().map { max($0, 1) } ?? 1
    }
  }

  var specification: String {
    columns.map { column in
      switch column {
      case .left: "l"
      case .right: "r"
      case .paragraph(let width): "p{\(NumberText.coordinate(width))pt}"
      }
    }.joined()
  }

  func line(_ cells: [String]) -> String {
    zip(cells, columns).map { cell, column in
      if case .paragraph = column { "\\raggedright " + cell } else { cell }
    }.joined(separator: " & ") + " \\tabularnewline"
  }
}
