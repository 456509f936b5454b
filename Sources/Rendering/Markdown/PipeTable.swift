/// A table as code hosts write it: rows of cells between bars, the second row of dashes.
///
/// CommonMark has no tables and libcmark reads none, but narratives and guides want them. Only tables at the
/// left margin and outside fenced code are seen; their cells are CommonMark.
struct PipeTable: Equatable {
  let header: [String]
  /// Each as long as the header.
  let rows: [[String]]

  /// Prose and tables in turn.
  enum Part: Equatable {
    case prose(String)
    case table(PipeTable)
  }

  /// The widest and longest that is read as a table; what is larger stays prose.
  static let maximumColumns = 32
  static let maximumRows = 1000

  static func parts(of source: String) -> [Part] {
    let lines = source.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    guard lines.contains(where: { $0.first == bar }) else { return [.prose(source)] }
    var parts: [Part] = []
    var prose: [Substring.UTF8View.SubSequence] = []
    var fence: UInt8?
    var index = 0
    func text(_ lines: [Substring.UTF8View.SubSequence]) -> String {
      String(decoding: Array(lines.joined(separator: [UInt8(ascii: "\n")])), as: UTF8.self)
    }
    while index < lines.count {
      let line = lines[index]
      let mark = line.drop { $0 == UInt8(ascii: " ") }.prefix(3)
      if let first = mark.first, mark.count == 3, mark.allSatisfy({ $0 == first }),
        first == UInt8(ascii: "`") || first == UInt8(ascii: "~")
      {
        if fence == nil { fence = first } else if fence == first { fence = nil }
      }
      if fence == nil, line.first == bar, index + 1 < lines.count,
        let table = table(lines[index...])
      {
        if !prose.isEmpty { parts.append(.prose(text(prose))) }
        prose = []
        parts.append(.table(table))
        index += 2 + table.rows.count
      } else {
        prose.append(line)
        index += 1
      }
    }
    if !prose.isEmpty { parts.append(.prose(text(prose))) }
    return parts
  }

  private static let bar = UInt8(ascii: "|")

  /// The table that begins with the first of these lines, if one does.
  private static func table(_ lines: ArraySlice<Substring.UTF8View.SubSequence>) -> PipeTable? {
    let header = cells(of: lines[lines.startIndex])
    let rule = cells(of: lines[lines.startIndex + 1])
    let isRule = rule.allSatisfy { cell in
      !cell.isEmpty && cell.utf8.contains(UInt8(ascii: "-"))
        && cell.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":") }
    }
    guard lines[lines.startIndex + 1].first == bar, isRule, rule.count == header.count,
      header.count <= maximumColumns
    else { return nil }
    var rows: [[String]] = []
    for line in lines.dropFirst(2) {
      guard line.first == bar, rows.count < maximumRows else { break }
      let cells = Array(cells(of: line).prefix(header.count))
      rows.append(cells + Array(repeating: "", count: header.count - cells.count))
    }
    return PipeTable(header: header, rows: rows)
  }

  /// What stands between the bars; `\|` is a bar in a cell.
  private static func cells(of line: Substring.UTF8View.SubSequence) -> [String] {
    var cells: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in line.dropFirst() {
      if byte == bar, !isEscaped {
        cells.append([])
        continue
      }
      if byte == bar { cells[cells.count - 1].removeLast() }
      cells[cells.count - 1].append(byte)
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    let space: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    // What follows the closing bar is no cell.
    if cells.count > 1, cells[cells.count - 1].allSatisfy(space) { cells.removeLast() }
    return cells.map { cell in
      let trimmed = cell.drop(while: space).reversed().drop(while: space).reversed()
      return String(decoding: Array(trimmed), as: UTF8.self)
    }
  }
}

extension CommonMarkWalker {
  /// The table with its cells rendered, and its twin.
  mutating func piece(of table: PipeTable) -> Markdown.Piece {
    let header = table.header.map { inline($0) }
    let rows = table.rows.map { row in row.map { inline($0) } }
    let head = HTML.element(
      "tr", [:], all: header.map { .element("th", ["scope": "col"], $0.html) })
    let body = rows.map { row in
      HTML.element("tr", [:], all: row.map { .element("td", [:], $0.html) })
    }
    let html = HTML.element(
      "div", ["class": "scroll", "tabindex": "0"],
      .element(
        "table", ["class": "prose"], .element("thead", [:], head),
        .element("tbody", [:], all: body)))
    let lines =
      [header.map(\.markdown), header.map { _ in "---" }] + rows.map { $0.map(\.markdown) }
    let markdown = lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    return Markdown.Piece(html: html, markdown: markdown)
  }
}
