import Determinism
import Rendering
import Studies

/// The numbers behind a figure: one source for its CSV, its JSON and the table in the page.
struct DrawnData: Sendable {
  struct Column: Sendable {
    let name: String
    /// nil leaves the column out of the page's table.
    let title: String?
    init(_ name: String, _ title: String? = nil) {
      self.name = name
      self.title = title
    }
  }

  let columns: [Column]
  /// Those that are shown or wanted again; `csv` has all.
  private(set) var rows: [(cells: [CSV.Cell], isShown: Bool)] = []
  private var bytes: [UInt8]
  private let keepsRows: Bool
  /// Columns that have a number somewhere.
  private var numeric: Set<Int> = []

  /// - Parameter keepsRows: false where there may be very many, and no JSON is wanted of them.
  init(_ columns: [Column], keepsRows: Bool = true) {
    self.columns = columns
    self.keepsRows = keepsRows
    bytes = CSV.line(columns.map { .text($0.name) })
  }

  /// - Parameter shown: whether the page's table has the row; the files have every row.
  mutating func append(_ cells: [CSV.Cell], shown: Bool = true) {
    precondition(cells.count == columns.count)
    CSV.append(cells, to: &bytes)
    if numeric.count < cells.count {
      for (index, cell) in cells.enumerated() {
        switch cell {
        case .number, .integer: numeric.insert(index)
        case .text, .missing: break
        }
      }
    }
    if shown || keepsRows { rows.append((cells: cells, isShown: shown)) }
  }

  /// A row for each point of a series, under the columns of its name, step and value. Of very many only those at
  /// the ends are shown.
  mutating func append(series name: String, _ series: Series, endsShown: Bool) {
    precondition(columns.count == 3 && !keepsRows)
    CSV.append(series: name, steps: series.steps, values: series.values, to: &bytes)
    guard let last = series.steps.indices.last else { return }
    numeric.formUnion([1, 2])
    guard endsShown else { return }
    for index in Set([0, last]).sorted() {
      rows.append(
        (
          cells: [.text(name), .integer(series.steps[index]), .number(series.values[index])],
          isShown: true
        ))
    }
  }

  var csv: String { String(decoding: bytes, as: UTF8.self) }

  /// One object with a list for every column, which loads as a data frame.
  var json: String {
    precondition(keepsRows)
    let pairs = columns.enumerated().map { index, column in
      let values = rows.map { row -> JSON in
        switch row.cells[index] {
        case .text(let text): JSON(text)
        case .integer(let value): JSON(value)
        case .number(let value): JSON(value)
        case .missing: .null
        }
      }
      return (column.name, JSON.array(values))
    }
    return JSON.object(JSON.Object(pairs)).canonicalText + "\n"
  }

  /// The table keeps its first and last rows, as many as a page has room for; the files have every row.
  ///
  /// - Returns: what the table says of itself.
  mutating func abridge(to limit: Int = 40) -> String {
    let shown = rows.indices.filter { rows[$0].isShown }
    guard shown.count > limit else { return "The points drawn" }
    for index in shown.dropFirst(limit / 2).dropLast(limit / 2) { rows[index].isShown = false }
    return "The first and last \(limit / 2) of \(NumberText.count(shown.count)) points drawn; "
      + "all of them in the files"
  }

  func table(caption: String) -> Table {
    let shown = columns.indices.filter { columns[$0].title != nil }
    let isNumeric = shown.map(numeric.contains)
    var table = Table(
      caption: caption,
      columns: zip(shown, isNumeric).map {
        Table.Column(columns[$0].title ?? "", numeric: $1)
      }, style: "points")
    for row in rows where row.isShown {
      table.append(
        Table.Row(
          shown.map { index in
            switch row.cells[index] {
            case .text(let text): [.text(text)]
            case .integer(let value): [.text(NumberText.count(value))]
            case .number(let value): [.text(NumberText.plain(value))]
            case .missing: [.text(NumberText.missing)]
            }
          }))
    }
    return table
  }

  /// Where the files of a figure are.
  static func downloads(folder: String, _ id: String) -> [Figure.Download] {
    [
      Figure.Download(label: "CSV", path: "\(folder)/data/\(id).csv"),
      Figure.Download(label: "JSON", path: "\(folder)/data/\(id).json"),
    ]
  }
}

/// A figure and the data it links.
struct DrawnFigure: Sendable {
  let figure: Figure
  /// That narratives place it by.
  let name: String
  /// By path from the root.
  let files: [String: String]
  /// The number that it shows, in a sentence; used in answers.
  let summary: String

  /// - Parameter name: its id unless given.
  init(figure: Figure, name: String? = nil, files: [String: String], summary: String = "") {
    self.figure = figure
    self.name = name ?? figure.id
    self.files = files
    self.summary = summary
  }

  /// A figure of a run, whose folder gets its data.
  init(
    _ id: String, _ title: String, _ subtitle: String, _ panels: [Figure.Panel], _ data: DrawnData,
    folder: String, legend: [(style: Style, label: String)] = [], how: String,
    caption: String = "The points drawn", hasJSON: Bool = false
  ) {
    let all = DrawnData.downloads(folder: folder, id)
    let downloads = hasJSON ? all : [all[0]]
    var files = [all[0].path: data.csv]
    if hasJSON { files[all[1].path] = data.json }
    self.init(
      figure: Figure(
        id: id, title: title, subtitle: subtitle, panels: panels, legend: legend,
        table: data.table(caption: caption), downloads: downloads, howComputed: how), files: files)
  }
}
