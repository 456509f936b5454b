import Determinism

/// The naive operations, in Double, as one would write them on a board: what the fast ones are held to.
/// Row-major flat arrays.
package enum Reference {
  /// [m,k] · [k,n]
  package static func product(_ a: [Double], _ b: [Double], m: Int, n: Int, k: Int) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for p in 0..<k {
        let x = a[i * k + p]
        for j in 0..<n { c[i * n + j] += x * b[p * n + j] }
      }
    }
    return c
  }

  package static func transposed(_ a: [Double], rows: Int, columns: Int) -> [Double] {
    (0..<columns).flatMap { column in (0..<rows).map { a[$0 * columns + column] } }
  }

  package static func layerNorm(_ x: [Double], _ gain: [Double], _ shift: [Double]) -> [Double] {
    let d = gain.count
    return stride(from: 0, to: x.count, by: d).flatMap { start -> [Double] in
      let row = x[start..<start + d]
      let mean = row.reduce(0, +) / Double(d)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(d)
      return row.enumerated().map {
        ($1 - mean) / (variance + 1e-5).squareRoot() * gain[$0] + shift[$0]
      }
    }
  }

  package static func hyperbolicTangent(_ x: Double) -> Double {
    1 - 2 / (Elementary.exp(2 * x) + 1)
  }

  package static func gelu(_ x: Double) -> Double {
    0.5 * x * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  package static func softmax(_ x: [Double]) -> [Double] {
    let top = x.max()!
    let powers = x.map { Elementary.exp($0 - top) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  /// Causal attention of each sequence; qkv[rows, 3 d].
  ///
  /// - Parameter sees: whether a position of a sequence sees an earlier one.
  package static func attention(
    _ qkv: [Double], lengths: [Int], heads: Int, d: Int,
    sees: (_ sequence: Int, _ query: Int, _ key: Int) -> Bool = { _, _, _ in true }
  ) -> [Double] {
    var y: [Double] = []
    var start = 0
    let headWidth = d / heads
    for (sequence, length) in lengths.enumerated() {
      for i in 0..<length {
        var row = [Double](repeating: 0, count: d)
        for head in 0..<heads {
          func at(_ position: Int, _ part: Int, _ c: Int) -> Double {
            qkv[(start + position) * 3 * d + part * d + head * headWidth + c]
          }
          let keys = (0...i).filter { $0 == i || sees(sequence, i, $0) }
          let scores = keys.map { j in
            (0..<headWidth).reduce(0.0) { $0 + at(i, 0, $1) * at(j, 1, $1) }
              / Double(headWidth).squareRoot()
          }
          for (j, p) in zip(keys, softmax(scores)) {
            for c in 0..<headWidth { row[head * headWidth + c] += p * at(j, 2, c) }
          }
        }
        y += row
      }
      start += length
    }
    return y
  }

  package static func crossEntropy(
    _ logits: [Double], classes: Int, targets: [Int32], weights: [Float]
  ) -> Double {
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      let p = softmax(Array(logits[row * classes..<(row + 1) * classes]))
      loss -= Double(weights[row]) * Elementary.log(p[Int(target)])
    }
    return loss
  }
}

/// Floats N(0, 1) · scale, as they will be computed with, and the same numbers in Double.
package func randomFloats(_ count: Int, scale: Double = 1, _ stream: inout RandomStream) -> [Float]
{
  (0..<count).map { _ in Float(scale * stream.normal()) }
}
