import Determinism

/// A table from a CSV or JSONL file: columns by name, cells with their places.
struct DataTable {
  enum Cell: Equatable {
    case missing
    case text(String)
    case json(JSON)
  }

  /// In the order of the file.
  private(set) var columns: [String] = []
  /// The line that each row begins on, and its cells in the order of the columns; a row of JSONL may be
  /// shorter than the columns that come later.
  private(set) var rows: [(line: Int, cells: [Cell])] = []
  /// What was left out, to be told.
  private(set) var remark: String?
  let file: String

  /// By the file's ending: `.jsonl` and `.ndjson` are lines of JSON, everything else CSV.
  init(_ bytes: [UInt8], file: String) throws(RunDocumentProblems) {
    self.file = file
    guard !bytes.starts(with: [0x1F, 0x8B]) else {
      throw Self.refusal(file, 0, 0, "is compressed with gzip", "gunzip it first")
    }
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let content = bytes.dropFirst(hasMark ? 3 : 0)
    if file.utf8.suffix(6).elementsEqual(".jsonl".utf8)
      || file.utf8.suffix(7).elementsEqual(".ndjson".utf8)
    {
      try readLines(Array(content))
    } else {
      try readCSV(Array(content))
    }
  }

  func column(_ name: String) -> Int? {
    columns.firstIndex { $0.utf8.elementsEqual(name.utf8) }
  }

  func cell(_ row: Int, _ column: Int) -> Cell {
    let cells = rows[row].cells
    return column < cells.count ? cells[column] : .missing
  }

  func problem(_ row: Int, _ column: Int, _ message: String, hint: String? = nil)
    -> RunDocumentProblem
  {
    RunDocumentProblem(
      file: file, line: rows[row].line, column: 1,
      path: RunProblemCollector.text([columns[column]]),
      message, hint: hint)
  }

  private static func refusal(
    _ file: String, _ line: Int, _ column: Int, _ message: String, _ hint: String? = nil
  ) -> RunDocumentProblems {
    RunDocumentProblems([
      RunDocumentProblem(file: file, line: line, column: column, message, hint: hint)
    ])
  }

  // MARK: JSONL

  private mutating func readLines(_ bytes: [UInt8]) throws(RunDocumentProblems) {
    var places: [JSON.Text: Int] = [:]
    var number = 0
    var start = 0
    while start < bytes.count {
      number += 1
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let line = bytes[start..<end]
      start = end + 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let value: JSON
      do { value = try JSON(parsing: line, nonFinite: true) } catch {
        // Who was killed while writing leaves half a line; every whole one before it counts.
        if end == bytes.count, !rows.isEmpty {
          remark = "\(file):\(number): the last line is cut off and was left out"
          break
        }
        throw Self.refusal(
          file, number, error.column, error.message,
          error.message == "text after the value" ? "one object a line" : nil)
      }
      guard let object = value.object else {
        throw Self.refusal(
          file, number, 1, "a line is an object", #"{"step": 10, "loss": 0.5}"#)
      }
      var cells = [Cell](repeating: .missing, count: columns.count)
      for member in object.members {
        if let place = places[member.key] {
          cells[place] = .json(member.value)
        } else {
          places[member.key] = columns.count
          columns.append(member.key.value)
          cells.append(.json(member.value))
        }
      }
      rows.append((line: number, cells: cells))
    }
  }

  // MARK: CSV

  /// RFC 4180: commas, quotes doubled inside quotes, a first row of names.
  private mutating func readCSV(_ bytes: [UInt8]) throws(RunDocumentProblems) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Self.refusal(file, 0, 0, "is not valid UTF-8", "save the file as UTF-8")
    }
    if bytes.contains(0) { throw Self.refusal(file, 0, 0, "holds a NUL byte: is it a table?") }
    var position = 0
    var line = 1
    while position < bytes.count {
      let first = line
      let fields = try record(bytes, &position, &line)
      if fields.count == 1, fields[0].isEmpty { continue }
      if columns.isEmpty {
        try name(fields, line: first)
        continue
      }
      guard fields.count == columns.count else {
        throw Self.refusal(
          file, first, 1, "\(fields.count) cells in a row of \(columns.count) columns")
      }
      rows.append((line: first, cells: fields.map { $0.isEmpty ? .missing : .text($0) }))
    }
    if columns.isEmpty {
      throw Self.refusal(file, 1, 1, "is empty", "a first line names the columns: step,loss")
    }
  }

  private mutating func name(_ fields: [String], line: Int) throws(RunDocumentProblems) {
    if fields.count == 1, let other = fields[0].utf8.first(where: { $0 == 0x3B || $0 == 0x09 }) {
      throw Self.refusal(
        file, line, 1, "columns are separated by \(other == 0x09 ? "tabs" : "semicolons")",
        "write them with commas, and decimals with points")
    }
    var seen: Set<JSON.Text> = []
    for field in fields {
      guard !field.isEmpty else { throw Self.refusal(file, line, 1, "a column without a name") }
      guard seen.insert(JSON.Text(field)).inserted else {
        throw Self.refusal(file, line, 1, "two columns have the name '\(field)'")
      }
    }
    columns = fields
  }

  private func record(_ bytes: [UInt8], _ position: inout Int, _ line: inout Int)
    throws(RunDocumentProblems) -> [String]
  {
    var fields: [String] = []
    var field: [UInt8] = []
    let start = line
    var isQuoted = false
    var wasQuoted = false
    func close() {
      fields.append(String(decoding: field, as: UTF8.self))
      field = []
      wasQuoted = false
    }
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if isQuoted {
        if byte == 0x0A { line += 1 }
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
          field.append(byte)
          position += 1
        } else {
          isQuoted = false
          wasQuoted = true
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: isQuoted = true
      case UInt8(ascii: ","): close()
      case 0x0D where position < bytes.count && bytes[position] == 0x0A: continue
      case 0x0A:
        line += 1
        close()
        return fields
      default:
        guard !wasQuoted else {
          throw Self.refusal(file, line, 1, "text after a closing quote")
        }
        field.append(byte)
      }
    }
    guard !isQuoted else { throw Self.refusal(file, start, 1, "a quote is not closed") }
    close()
    return fields
  }
}

extension DataTable.Cell {
  /// The number that a cell writes: decimal, or `nan`, `inf`, `infinity` in any case.
  var number: Double? {
    switch self {
    case .missing: nil
    case .json(let value): value.double
    case .text(let text): Self.number(Array(text.utf8), text)
    }
  }

  private static func number(_ bytes: [UInt8], _ text: String) -> Double? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    let isSigned = isNegative || bytes.first == UInt8(ascii: "+")
    let rest = bytes.dropFirst(isSigned ? 1 : 0)
    switch String(decoding: rest.map { $0 | 0x20 }, as: UTF8.self) {
    case "nan": return isSigned ? nil : .nan
    case "inf", "infinity": return isNegative ? -.infinity : .infinity
    default: break
    }
    // Swift also reads 0x1p3; a table does not hold such.
    guard rest.first.map({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) ?? false,
      rest.allSatisfy({
        (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e")
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
      })
    else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  var isMissing: Bool {
    switch self {
    case .missing, .json(.null): true
    case .text, .json: false
    }
  }

  var described: String {
    switch self {
    case .missing: "nothing"
    case .text(let text): "'\(String(text.unicodeScalars.prefix(40)))'"
    case .json(let value): String(value.canonicalText.unicodeScalars.prefix(40))
    }
  }
}
