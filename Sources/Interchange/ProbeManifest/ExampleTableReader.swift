import Determinism
import Studies

/// From the cells of a table to examples.
struct ExampleTableReader {
  static let columns = [
    "role", "label", "pair_id", "dataset", "trigger", "defected", "n_tokens", "group", "text",
  ]
  /// Problems that are told one by one; whoever has more has made one mistake many times.
  private static let mostProblems = 20

  private let table: DataTable
  private let places: [String: Int]

  init(_ table: DataTable) {
    self.table = table
    places = Dictionary(
      Self.columns.compactMap { name in table.column(name).map { (name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// nil when there is nothing to go on with; problems tell why.
  func read(_ problems: inout RunProblemCollector, _ remarks: inout [String]) -> ExampleTable? {
    guard places["role"] != nil else {
      problems.add(
        RunDocumentProblem(
          file: table.file, line: 1, column: 1, "no column 'role'",
          hint: "role: fit, calibrate or test; columns: \(Self.columns.joined(separator: ", "))"))
      return nil
    }
    for name in table.columns where !Self.columns.contains(name) {
      if let near = Spelling.nearest(to: name, among: Self.columns) {
        problems.add(
          RunDocumentProblem(
            file: table.file, line: 1, column: 1,
            "unknown column '\(Wording.shown(name))'; did you mean '\(near)'?",
            hint: "rename it: other columns are left out"))
      } else {
        remarks.append("\(table.file): column '\(Wording.shown(name))' is not read")
      }
    }
    var found: [RunDocumentProblem] = []
    let rows = table.rows.indices.compactMap { row(at: $0, &found) }
    if found.isEmpty { checkPairs(rows, &found) }
    for problem in found.prefix(Self.mostProblems) { problems.add(problem) }
    if found.count > Self.mostProblems {
      problems.add(
        RunDocumentProblem(
          file: table.file, "\(found.count - Self.mostProblems) more problems of this kind"))
    }
    return found.isEmpty ? ExampleTable(rows: rows) : nil
  }

  private func cell(_ row: Int, _ column: String) -> DataTable.Cell {
    places[column].map { table.cell(row, $0) } ?? .missing
  }

  private func row(at index: Int, _ found: inout [RunDocumentProblem]) -> ExampleTable.Row? {
    guard let role = text(index, "role", &found).flatMap(ExampleTable.Role.init(rawValue:)) else {
      let role = cell(index, "role")
      found.append(
        table.problem(
          index, places["role"]!, "expected a role, found \(role.described)",
          hint: "fit, calibrate or test"))
      return nil
    }
    var tokens: Double?
    if !cell(index, "n_tokens").isMissing {
      tokens = cell(index, "n_tokens").number
      if !(tokens.map { $0 >= 0 && $0.isFinite } ?? false) {
        found.append(
          table.problem(
            index, places["n_tokens"]!,
            "expected a count, found \(cell(index, "n_tokens").described)"))
      }
    }
    let row = ExampleTable.Row(
      role: role, label: flag(index, "label", &found), pair: text(index, "pair_id", &found),
      dataset: text(index, "dataset", &found), trigger: flag(index, "trigger", &found),
      defected: flag(index, "defected", &found), tokens: tokens,
      group: text(index, "group", &found), text: text(index, "text", &found, isName: false))
    if role == .fit, row.pair == nil, row.label == nil, row.defected == nil, row.trigger == nil {
      found.append(
        table.problem(
          index, places["role"]!, "a row to fit on says nothing about itself",
          hint: "pair_id and label for a contrast, defected or trigger for the skyline"))
    }
    return row
  }

  private func flag(
    _ row: Int, _ column: String, _ found: inout [RunDocumentProblem]
  ) -> Bool? {
    let cell = cell(row, column)
    if cell.isMissing { return nil }
    switch cell {
    case .json(.bool(let flag)): return flag
    case .text("true"), .text("True"), .text("TRUE"): return true
    case .text("false"), .text("False"), .text("FALSE"): return false
    default: break
    }
    if let number = cell.number, number == 0 || number == 1 { return number == 1 }
    found.append(
      table.problem(
        row, places[column]!, "expected 0 or 1, found \(cell.described)", hint: "or true, false"))
    return nil
  }

  private func text(
    _ row: Int, _ column: String, _ found: inout [RunDocumentProblem], isName: Bool = true
  ) -> String? {
    let cell = cell(row, column)
    if cell.isMissing { return nil }
    let text: String
    switch cell {
    case .text(let own): text = own
    case .json(.string(let own)): text = own.value
    case .json(.integer(let own)): text = "\(own.digits)"
    default:
      found.append(
        table.problem(row, places[column]!, "expected a text, found \(cell.described)"))
      return nil
    }
    guard isName, let problem = RunDocumentReader.problem(withName: text) else { return text }
    found.append(table.problem(row, places[column]!, "a name \(problem)"))
    return nil
  }

  /// Every pair to fit on has two rows, one of each side.
  private func checkPairs(_ rows: [ExampleTable.Row], _ found: inout [RunDocumentProblem]) {
    var pairs: [JSON.Text: [Int]] = [:]
    for (index, row) in rows.enumerated() where row.role == .fit {
      if let pair = row.pair { pairs[JSON.Text(pair), default: []].append(index) }
    }
    for (name, members) in pairs.sorted(by: { $0.value[0] < $1.value[0] }) {
      let labels = members.map { rows[$0].label }
      let isWhole =
        members.count == 2 && (labels.allSatisfy { $0 == nil } || Set(labels) == [true, false])
      if !isWhole {
        found.append(
          table.problem(
            members[0], places["pair_id"]!,
            "pair '\(Wording.shown(name.value))' has \(members.count) rows with labels "
              + labels.map { $0.map { $0 ? "1" : "0" } ?? "none" }.joined(separator: ", "),
            hint: "two rows, label 1 and 0; without labels the first is the positive side"))
      }
    }
  }
}
