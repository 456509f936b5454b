import Determinism
import Glibc

/// Values made by `Tests/Golden/make/statistics.py`.
enum Golden {
  static func document(_ name: String, of testFile: String = #filePath) throws -> JSON {
    let folder = testFile.utf8.lastIndex(of: UInt8(ascii: "/")).map { testFile[..<$0] } ?? "."
    let path = "\(folder)/Golden/\(name).json"
    guard let file = fopen(path, "rb") else { throw GoldenError(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { break }
      bytes.append(contentsOf: piece[..<count])
    }
    return try JSON(parsing: bytes)
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
