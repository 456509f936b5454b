import Determinism
import Records
import Studies

// Tables beside a document: CSV or JSONL.
extension RunDocumentReader {
  /// Each a path, or `{file: …, step: …, columns: […], prefix: …}`. Without `columns` every column but the
  /// step is a series, so that nothing is dropped unsaid; an empty cell is a step without a value.
  mutating func seriesFiles(_ value: JSON?) {
    guard let value, value != .null else { return }
    guard let files = value.array else {
      wrongType(["series_files"], "a list of files", value)
      return
    }
    for (index, entry) in files.enumerated() {
      let path = ["series_files", "\(index)"]
      var object = JSON.Object()
      var filePath = path
      if entry.string != nil {
        object["file"] = entry
      } else {
        guard let given = mapping(entry, at: path) else {
          if entry == .null { wrongType(path, "a file", entry) }
          continue
        }
        checkKeys(of: given, at: path, known: Keys.seriesFile)
        object = given
        filePath = path + ["file"]
      }
      guard let file = text(object["file"], at: filePath) else {
        if object["file"] == nil { problems.value(path, "missing key 'file'") }
        continue
      }
      guard let (table, _) = table(file, at: filePath) else { continue }
      let step = text(object["step"], at: path + ["step"]) ?? "step"
      let prefix = text(object["prefix"], at: path + ["prefix"]) ?? ""
      let wanted = object["columns"].map { texts($0, at: path + ["columns"]) }
      addSeries(of: table, step: step, columns: wanted ?? nil, prefix: prefix, at: path)
    }
  }

  private mutating func texts(_ value: JSON, at path: DocumentPath) -> [String]? {
    let texts = value.array?.compactMap(\.string)
    guard let texts, texts.count == value.array?.count else {
      wrongType(path, "a list of texts", value)
      return nil
    }
    return texts
  }

  private mutating func table(_ file: String, at path: DocumentPath) -> (DataTable, [UInt8])? {
    do throws(BesideFolder.Refusal) {
      let bytes = try folder.read(file, atMost: Self.largestFile)
      do throws(RunDocumentProblems) {
        let table = try DataTable(bytes, file: file)
        if let remark = table.remark { remarks.append(remark) }
        return (table, bytes)
      } catch {
        for problem in error.problems { problems.add(problem) }
      }
    } catch { refuse(path, file, error) }
    return nil
  }

  private mutating func addSeries(
    of table: DataTable, step: String, columns: [String]?, prefix: String, at path: DocumentPath
  ) {
    guard let stepColumn = column(step, of: table, at: path + ["step"]) else { return }
    var chosen: [(index: Int, name: String)] = []
    for name in columns ?? table.columns.filter({ !$0.utf8.elementsEqual(step.utf8) }) {
      guard let index = column(name, of: table, at: path + ["columns"]) else { continue }
      if let problem = Self.problem(withName: prefix + name) {
        problems.value(path, "the name of a column \(problem)")
        continue
      }
      chosen.append((index: index, name: prefix + name))
    }
    var steps: [Int] = []
    steps.reserveCapacity(table.rows.count)
    for row in table.rows.indices {
      let cell = table.cell(row, stepColumn)
      guard let step = cell.number.flatMap({ Int(exactly: $0) }) else {
        problems.add(
          table.problem(row, stepColumn, "expected a whole number, found \(cell.described)"))
        return
      }
      steps.append(step)
    }
    for (index, name) in chosen {
      if let series = series(table, index, steps) {
        keep(series, as: name, in: \.series, at: path)
      }
    }
  }

  private mutating func series(_ table: DataTable, _ column: Int, _ steps: [Int]) -> Series? {
    var series = Series()
    for row in table.rows.indices {
      let cell = table.cell(row, column)
      if cell == .missing { continue }
      guard let number = cell.number else {
        problems.add(
          table.problem(
            row, column, "expected a number, found \(cell.described)",
            hint: cell.isMissing
              ? "write NaN, or leave it out"
              : "choose the columns that are numbers: columns: [loss]"
          ))
        return nil
      }
      if let last = series.steps.last, last >= steps[row] {
        problems.add(
          table.problem(
            row, column, Self.notRising(steps[row], after: last), hint: Self.risingHint))
        return nil
      }
      series.append(number, at: steps[row])
    }
    return series
  }

  private mutating func column(_ name: String, of table: DataTable, at path: DocumentPath) -> Int? {
    if let index = table.column(name) { return index }
    problems.value(
      path,
      "'\(Wording.shown(table.file))' has no column '\(Wording.shown(name))'",
      hint: Wording.known("its columns", Array(table.columns.prefix(20))))
    return nil
  }

  /// `{file: scores.csv, score: …, label: …, group: …}`; the file itself is what is kept.
  mutating func scoresFile(_ object: JSON.Object, at path: DocumentPath) -> Scored? {
    guard let file = text(object["file"], at: path + ["file"]) else { return nil }
    guard let (table, bytes) = table(file, at: path + ["file"]) else { return nil }
    let score = column(
      text(object["score"], at: path + ["score"]) ?? "score", of: table, at: path + ["score"])
    let label = column(
      text(object["label"], at: path + ["label"]) ?? "label", of: table, at: path + ["label"])
    let named = text(object["group"], at: path + ["group"])
    let group =
      named == nil
      ? table.column("group") : column(named ?? "", of: table, at: path + ["group"])
    guard let score, let label, named == nil || group != nil else { return nil }
    var scored = Scored()
    for row in table.rows.indices {
      guard let number = table.cell(row, score).number, !number.isNaN else {
        problems.add(
          table.problem(
            row, score, "expected a score, found \(table.cell(row, score).described)"))
        return nil
      }
      guard let flag = Self.label(table.cell(row, label)) else {
        problems.add(
          table.problem(
            row, label, "expected a label, found \(table.cell(row, label).described)",
            hint: "true or 1 for a positive example, false or 0 for a negative one"))
        return nil
      }
      scored.scores.append(number)
      scored.labels.append(flag)
      if let group { scored.groups.append(Self.text(table.cell(row, group))) }
    }
    scored.table = bytes
    scored.mediaType =
      file.utf8.suffix(1).elementsEqual("l".utf8) ? "application/jsonl" : "text/csv"
    return scored
  }

  private static func text(_ cell: DataTable.Cell) -> String {
    switch cell {
    case .missing: ""
    case .text(let text): text
    case .json(let value): value.string ?? value.canonicalText
    }
  }

  private static func label(_ cell: DataTable.Cell) -> Bool? {
    switch cell {
    case .missing: nil
    case .json(.bool(let flag)): flag
    case .text("true"), .text("True"): true
    case .text("false"), .text("False"): false
    case .text, .json: cell.number.flatMap { $0 == 1 ? true : $0 == 0 ? false : nil }
    }
  }
}
