#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Determinism

@testable import Transformers

/// Files in `Golden/`, made by `Tests/Golden/make/transformer.py`.
enum GoldenFiles {
  static func bytes(_ name: String) -> [UInt8] {
    let here = "\(#filePath)"
    let folder = here[..<here.lastIndex(of: "/")!]
    return read("\(folder)/Golden/\(name)")
  }

  static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { preconditionFailure("no file \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { return bytes }
      bytes.append(contentsOf: piece[..<count])
    }
  }

  static func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "wb") else { preconditionFailure("cannot write \(path)") }
    defer { fclose(file) }
    precondition(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  /// `training.json`: a batch, and what ten steps on it came to.
  struct Training {
    let batch: TokenBatch
    let rate: Float
    let losses: [Double]
    let norms: [Double]

    init() throws {
      let json = try JSON(parsing: bytes("training.json"))
      func rows<Value>(_ key: String, _ read: (JSON) -> Value?) -> [[Value]] {
        json["batch"]![key]!.array!.map { $0.array!.map { read($0)! } }
      }
      batch = TokenBatch(
        sequences: rows("sequences") { $0.int.map { Int32($0) } },
        weights: rows("weights") { $0.double.map { Float($0) } })
      rate = Float(json["learning_rate"]!.double!)
      losses = json["losses"]!.array!.map { $0.double! }
      norms = json["gradient_norms"]!.array!.map { $0.double! }
    }
  }
}

/// ‖x − y‖ / ‖y‖ of two vectors.
func relativeError(_ x: [Float], _ y: [Float]) -> Double {
  var difference = 0.0
  var size = 0.0
  for (a, b) in zip(x, y) {
    difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
    size += Double(b) * Double(b)
  }
  return x.count == y.count ? (difference / max(size, 1e-300)).squareRoot() : .infinity
}

/// A test's environment variable.
func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
