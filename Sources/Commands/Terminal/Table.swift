/// Rows under headings, padded with spaces; numbers to the right.
struct Table {
  enum Alignment { case left, right }

  let headings: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  init(_ headings: [(String, Alignment)]) { self.headings = headings }

  var isEmpty: Bool { rows.isEmpty }

  mutating func add(_ cells: [String]) {
    precondition(cells.count == headings.count, "a row has a cell under each heading")
    rows.append(cells.map(\.forTerminal))
  }

  /// The same as a pipe table.
  var markdown: [String] {
    func line(_ cells: [String]) -> String {
      "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
    let rule = headings.map { $0.alignment == .right ? "---:" : "---" }
    return [line(headings.map(\.title)), line(rule)] + rows.map(line)
  }

  /// One line a row, headings first; two spaces between columns, none at the end.
  var lines: [String] {
    var widths = headings.map(\.title.width)
    for row in rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.width) }
    }
    return ([headings.map(\.title)] + rows).map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.width)
        let isLast = column == cells.count - 1
        switch headings[column].alignment {
        case .left: line += cell + (isLast ? "" : padding + "  ")
        case .right: line += padding + cell + (isLast ? "" : "  ")
        }
      }
      return line
    }
  }
}

extension String {
  /// Unicode scalars: the bytes that continue none.
  fileprivate var width: Int { utf8.count { $0 & 0xC0 != 0x80 } }
}
