/// Comma-separated values after RFC 4180, with line ends of one byte: exact data beside a figure, and every
/// table that a command exports.
package struct CSV: Sendable {
  package enum Cell: Sendable, Equatable {
    case text(String)
    case integer(Int)
    /// Shortest text that reads back to the same double; `NaN`, `inf`, `-inf`.
    case number(Double)
    case missing
  }

  package let columns: [String]
  package private(set) var rows: [[Cell]] = []

  package init(columns: [String]) { self.columns = columns }

  package mutating func append(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row has a cell for every column")
    rows.append(row)
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package var bytes: [UInt8] {
    var bytes = CSV.line(columns.map { .text($0) })
    for row in rows { CSV.append(row, to: &bytes) }
    return bytes
  }

  /// One line with its end, for tables that are too long to be held.
  package static func line(_ cells: [Cell]) -> [UInt8] {
    var bytes: [UInt8] = []
    append(cells, to: &bytes)
    return bytes
  }

  /// The same behind what is there.
  package static func append(_ cells: [Cell], to bytes: inout [UInt8]) {
    var isFirst = true
    for cell in cells {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      switch cell {
      case .text(let text): bytes.append(contentsOf: quoted(text).utf8)
      case .integer(let value): append(value, to: &bytes)
      case .number(let value): append(value, to: &bytes)
      case .missing: break
      }
    }
    bytes.append(0x0A)
  }

  /// A line for each point, behind what is there: the name, the step and the value. Of millions, an array
  /// of cells for each would be most of the work.
  package static func append(
    series name: String, steps: [Int], values: [Double], to bytes: inout [UInt8]
  ) {
    let name = Array(quoted(name).utf8) + [UInt8(ascii: ",")]
    bytes.reserveCapacity(bytes.count + steps.count * (name.count + 28))
    for (step, value) in zip(steps, values) {
      bytes.append(contentsOf: name)
      append(step, to: &bytes)
      bytes.append(UInt8(ascii: ","))
      append(value, to: &bytes)
      bytes.append(0x0A)
    }
  }

  private static func append(_ value: Int, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private static func append(_ value: Double, to bytes: inout [UInt8]) {
    var text =
      value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : value.description
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  private static let dangerous: [UInt8] = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D]

  /// Spreadsheets run text that begins like a formula (CWE-1236): such text gets an apostrophe in front,
  /// unless it is a number and nothing else.
  package static func quoted(_ text: String) -> String {
    let bytes = text.utf8
    let needsGuard = bytes.first.map { dangerous.contains($0) && !isNumber(text) } ?? false
    let needsQuotes = bytes.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard needsGuard || needsQuotes else { return text }
    var quoted: [UInt8] = needsGuard ? [0x27] : []
    for byte in bytes {
      if byte == 0x22 { quoted.append(0x22) }
      quoted.append(byte)
    }
    if needsQuotes { quoted = [0x22] + quoted + [0x22] }
    return String(decoding: quoted, as: UTF8.self)
  }

  /// `-1.5`, `+3e-7`: no spaces, no hexadecimal, no words.
  private static func isNumber(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
    }
      && Double(text) != nil
  }
}
