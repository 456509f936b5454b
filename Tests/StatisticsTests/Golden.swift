import Determinism
import Glibc

/// Values made by `Tests/Golden/make/statistics.py`, and the coverage table.
enum Golden {
  private static func path(_ name: String, _ testFile: String = #filePath) -> String {
    let folder = testFile.utf8.lastIndex(of: UInt8(ascii: "/")).map { testFile[..<$0] } ?? "."
    return "\(folder)/Golden/\(name)"
  }

  static func document(_ name: String) throws -> JSON {
    try JSON(parsing: try bytes("\(name).json"))
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  private static func bytes(_ name: String) throws -> [UInt8] {
    guard let file = fopen(path(name), "rb") else { throw GoldenError(path: path(name)) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { break }
      bytes.append(contentsOf: piece[..<count])
    }
    return bytes
  }

  static func write(_ text: String, _ name: String) throws {
    guard let file = fopen(path(name), "wb") else { throw GoldenError(path: path(name)) }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0 else { throw GoldenError(path: path(name)) }
  }
}

struct GoldenError: Error { let path: String }

extension JSON {
  /// The doubles of a row of 16-digit patterns.
  var doubles: [Double] {
    let bytes = Hexadecimal.bytes(of: string!)!
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      Double(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}

/// How many doubles lie between two; NaN is next to NaN alone.
func ulps(_ left: Double, _ right: Double) -> UInt64 {
  if left.isNaN || right.isNaN { return left.isNaN && right.isNaN ? 0 : .max }
  func ordered(_ value: Double) -> Int64 {
    let bits = Int64(bitPattern: value.bitPattern)
    return bits < 0 ? Int64.min - bits : bits
  }
  return (ordered(left) - ordered(right)).magnitude
}
