import Determinism
import Records
import Studies

/// Runs in plain tables, CSV or JSONL: a file is a run, or the rows that share a value of its column `run`.
///
/// A column of numbers is a series by step, or metrics where a run has one row; `config.NAME`, and any text
/// that stays the same throughout a run, is its config.
package struct TableStore: ForeignStore {
  package static let name = "csv"

  private let options: ForeignOptions
  private let study: String
  private let isFolder: Bool
  private let root: String
  private var files: ArraySlice<String>
  /// Of the file that is being read.
  private var waiting: ArraySlice<ForeignRun> = []
  package private(set) var remarks: [String] = []

  private static let endings = [".csv", ".jsonl", ".ndjson"]
  private static let largest = 1 << 30
  /// The first that is there is the column of steps.
  static let stepNames = ["step", "_step", "global_step", "iteration", "epoch"]
  static let runColumn = "run"
  static let configPrefix = "config."

  private static func isTable(_ name: String) -> Bool {
    endings.contains { name.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) }
  }

  package static func recognises(_ path: String) -> Bool {
    switch Path.kind(of: path) {
    case .file: isTable(path)
    case .folder:
      Path.names(in: path).contains { isTable($0) && Path.kind(of: "\(path)/\($0)") == .file }
    default: false
    }
  }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    self.options = options
    isFolder = Path.kind(of: path) == .folder
    let names = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    let last = names.last ?? path
    if isFolder {
      root = path
      files = Path.names(in: path).filter(Self.isTable)[...]
      study = options.study ?? ForeignSource.slug(from: last)
      guard !files.isEmpty else {
        throw ForeignProblem(path, "holds no table", hint: "files end in .csv or .jsonl")
      }
    } else {
      root = Path.parent(of: path)
      files = [last]
      study = options.study ?? ForeignSource.slug(from: Self.stem(last))
    }
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    while true {
      if let run = waiting.popFirst() { return run }
      guard let file = files.popFirst() else { return nil }
      waiting = try read(file)[...]
    }
  }

  private static func stem(_ file: String) -> String {
    let ending = endings.first { file.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) } ?? ""
    return String(decoding: file.utf8.dropLast(ending.utf8.count), as: UTF8.self)
  }

  /// As it was named: `results.csv`, or `folder/results.csv`.
  private func path(_ file: String) -> String {
    root == "." ? file : root == "/" ? "/\(file)" : "\(root)/\(file)"
  }

  private mutating func read(_ file: String) throws(ForeignProblem) -> [ForeignRun] {
    let bytes = try ForeignFile.demand(path(file), atMost: Self.largest)
    let table: DataTable
    do throws(RunDocumentProblems) { table = try DataTable(bytes, file: path(file)) } catch {
      throw Self.problem(error.problems[0])
    }
    if let remark = table.remark { remarks.append(remark) }
    let reader = try TableReader(table, step: options.step)
    var runs: [ForeignRun] = []
    for (name, rows) in try reader.groups() {
      let label = name ?? Self.stem(file)
      var remarks: [String] = []
      let content = try reader.content(of: rows, &remarks)
      if let problem = ForeignSource.problem(withName: label) {
        throw ForeignProblem(
          path(file), at: .line(table.rows[rows[0]].line), "the name of a run \(problem)")
      }
      var source = ForeignSource(tool: Self.name)
      source.facts["file"] = JSON(file)
      if let name { source.facts["run"] = JSON(name) }
      let record = RegisteredRunRecord(
        slug: study, name: label,
        clientID: "\(Self.name):\(file)\(name.map { "/\($0)" } ?? "")", config: content.config,
        tags: [], state: .completed, parent: nil, notes: "", values: content.values,
        circumstances: source.circumstances())
      runs.append(ForeignRun(record: record, remarks: remarks))
    }
    return runs
  }

  static func problem(_ problem: RunDocumentProblem) -> ForeignProblem {
    ForeignProblem(
      problem.file,
      at: problem.line > 0 ? .line(problem.line, column: max(1, problem.column)) : .whole,
      problem.path.isEmpty ? problem.message : "\(problem.path): \(problem.message)",
      hint: problem.hint)
  }
}

/// The columns of one table as runs.
struct TableReader {
  private let table: DataTable
  private let step: Int?
  private let run: Int?

  init(_ table: DataTable, step: String?) throws(ForeignProblem) {
    self.table = table
    run = table.column(TableStore.runColumn)
    if let step {
      guard let column = table.column(step) else {
        throw ForeignProblem(
          table.file, "has no column '\(Wording.shown(step))'",
          hint: Wording.known("its columns", Array(table.columns.prefix(20))))
      }
      self.step = column
    } else {
      self.step = TableStore.stepNames.lazy.compactMap { table.column($0) }.first
    }
    guard !table.rows.isEmpty else {
      throw ForeignProblem(table.file, "has no rows", hint: "a first line names the columns")
    }
  }

  /// Positions of the rows of each run, in the order in which runs first occur.
  func groups() throws(ForeignProblem) -> [(name: String?, rows: [Int])] {
    guard let run else { return [(name: nil, rows: Array(table.rows.indices))] }
    var places: [JSON.Text: Int] = [:]
    var groups: [(name: String?, rows: [Int])] = []
    for row in table.rows.indices {
      guard let name = text(table.cell(row, run)), !name.isEmpty else {
        throw problem(row, run, "a row without its run")
      }
      if let place = places[JSON.Text(name)] {
        groups[place].rows.append(row)
      } else {
        places[JSON.Text(name)] = groups.count
        groups.append((name: name, rows: [row]))
      }
    }
    return groups
  }

  func content(of rows: [Int], _ remarks: inout [String]) throws(ForeignProblem) -> (
    config: JSON.Object, values: RecordedValues
  ) {
    var config: [(String, JSON)] = []
    var values = RecordedValues()
    for (column, name) in table.columns.enumerated() where column != run && column != step {
      let filled = rows.filter { !table.cell($0, column).isMissing }
      guard let first = filled.first else { continue }
      let cell = table.cell(first, column)
      if name.utf8.starts(with: TableStore.configPrefix.utf8) || cell.number == nil {
        if let other = filled.first(where: { table.cell($0, column) != cell }) {
          throw problem(
            other, column,
            "a text that changes within a run: \(table.cell(other, column).described)",
            hint: "columns are numbers, or the same throughout a run; runs are told apart by "
              + "a column '\(TableStore.runColumn)'")
        }
        let key = String(
          decoding: name.utf8.dropFirst(
            name.utf8.starts(with: TableStore.configPrefix.utf8)
              ? TableStore.configPrefix.utf8.count : 0), as: UTF8.self)
        config.append((key, setting(cell)))
      } else {
        try put(column, name, rows, into: &values)
      }
    }
    return (JSON.Object(config), values)
  }

  private func put(_ column: Int, _ name: String, _ rows: [Int], into values: inout RecordedValues)
    throws(ForeignProblem)
  {
    if let problem = ForeignSource.problem(withName: name) {
      throw self.problem(rows[0], column, "the name of a column \(problem)")
    }
    var series = Series()
    for (index, row) in rows.enumerated() {
      let cell = table.cell(row, column)
      if cell.isMissing { continue }
      guard let number = cell.number else {
        throw problem(row, column, "expected a number, found \(cell.described)")
      }
      if rows.count == 1, step == nil {
        values.scalars[name] = number
        return
      }
      let at = try place(of: row) ?? index
      if let last = series.steps.last, last >= at {
        throw problem(
          row, column, RunDocumentReader.notRising(at, after: last),
          hint: "sort the rows by step, or name the column of steps: --step COLUMN")
      }
      series.append(number, at: at)
    }
    if let last = series.values.last { values.scalars[name] = last }
    values.series[name] = series
  }

  private func place(of row: Int) throws(ForeignProblem) -> Int? {
    guard let step else { return nil }
    guard let place = table.cell(row, step).number.flatMap({ Int(exactly: $0) }) else {
      throw problem(
        row, step, "expected a whole number, found \(table.cell(row, step).described)")
    }
    return place
  }

  /// A setting keeps its type where the table has types, and is read like a parameter where it has none.
  private func setting(_ cell: DataTable.Cell) -> JSON {
    switch cell {
    case .missing: .null
    case .json(let value): value
    case .text(let text): MLflowText.value(of: text)
    }
  }

  private func text(_ cell: DataTable.Cell) -> String? {
    switch cell {
    case .missing: nil
    case .text(let text): text
    case .json(let value): value.string ?? value.canonicalText
    }
  }

  private func problem(_ row: Int, _ column: Int, _ message: String, hint: String? = nil)
    -> ForeignProblem
  {
    TableStore.problem(table.problem(row, column, message, hint: hint))
  }
}
