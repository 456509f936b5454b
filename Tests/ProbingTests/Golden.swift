import Determinism
import Glibc

@testable import Probing

/// Values made by `Tests/Golden/make/probing.py` and `detectors.py`.
enum Golden {
  static func cases(_ name: String, in file: String = "probing") throws -> [JSON] {
    let here = "\(#filePath)"
    let path = "\(here[..<here.lastIndex(of: "/")!])/Golden/\(file).json"
    guard let file = fopen(path, "rb") else { throw GoldenError(path: path) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    guard count < bytes.count else { throw GoldenError(path: path) }
    return try JSON(parsing: bytes[..<count])[name]!.array!
  }
}

struct GoldenError: Error { let path: String }

extension JSON {
  /// The numbers of a row of patterns, 16 digits for a double.
  var doubles: [Double] { patterns(digits: 16).map { Double(bitPattern: $0) } }
  /// 8 digits for a float.
  var floats: [Float] { patterns(digits: 8).map { Float(bitPattern: UInt32($0)) } }

  private func patterns(digits: Int) -> [UInt64] {
    let bytes = Hexadecimal.bytes(of: string!)!
    return stride(from: 0, to: bytes.count, by: digits / 2).map { start in
      bytes[start..<start + digits / 2].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  func activations(_ name: String) -> Activations {
    Activations(width: self["width"]!.int!, floats: self[name]!.floats)
  }
}

/// The largest difference, relative to the largest number expected.
func distance(_ found: [Double], _ expected: [Double]) -> Double {
  guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
  let scale = expected.map(\.magnitude).max() ?? 0
  return (zip(found, expected).map { ($0 - $1).magnitude }.max() ?? 0)
    / max(scale, .leastNormalMagnitude)
}
