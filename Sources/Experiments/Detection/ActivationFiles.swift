import Determinism
import Studies
import Transformers

/// What stops a detection run that was asked for.
package struct DetectionProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// With the file, and the place in it, where there is one.
  package let description: String
  package let hint: String

  init(_ description: String, hint: String) {
    self.description = description
    self.hint = hint
  }

  init(_ failure: SafetensorsFile.Failure) {
    self.init(failure.description, hint: failure.hint)
  }
}

/// The layers of one position, found in files.
struct LayerMap {
  /// Rows of a layer that one tensor has: `count` rows of `width` elements, the first at `first`, each `step`
  /// after the one before.
  struct Part {
    let file: SafetensorsFile
    let tensor: Safetensors.Tensor
    let count: Int
    let first: Int
    let step: Int
  }

  struct Layer {
    let width: Int
    /// In the order of the examples.
    let parts: [Part]
  }

  /// By number: L0 enters the first block, Lk leaves block k − 1.
  let layers: [Int: Layer]

  /// Some examples' activations, in the order in which they are named.
  ///
  /// - Parameter examples: rising.
  func floats(_ layer: Int, examples: [Int]) throws(DetectionProblem) -> [Float] {
    let map = layers[layer]!
    precondition(zip(examples, examples.dropFirst()).allSatisfy { $0 < $1 }, "rising rows")
    var floats = [Float](repeating: 0, count: examples.count * map.width)
    var problem: DetectionProblem?
    floats.withUnsafeMutableBufferPointer { floats in
      guard let start = floats.baseAddress else { return }
      do throws(DetectionProblem) {
        var (done, before) = (0, 0)
        for part in map.parts {
          let rows = examples[done...].prefix { $0 < before + part.count }.map { $0 - before }
          if !rows.isEmpty {
            try Self.read(rows, of: part, width: map.width, into: start + done * map.width)
          }
          for (index, row) in rows.enumerated() {
            let own = start + (done + index) * map.width
            if let column = (0..<map.width).first(where: { !own[$0].isFinite }) {
              throw DetectionProblem(
                "\(part.file.name): tensor '\(Wording.shown(part.tensor.name))': feature \(column) of "
                  + "example \(before + row) (layer L\(layer)) is \(own[column].isNaN ? "NaN" : "infinite")",
                hint:
                  "leave the example out of table and activations, or dump in bfloat16 or float32")
            }
          }
          done += rows.count
          before += part.count
        }
      } catch { problem = error }
    }
    if let problem { throw problem }
    return floats
  }

  private static func read(
    _ rows: [Int], of part: Part, width: Int, into floats: UnsafeMutablePointer<Float>
  ) throws(DetectionProblem) {
    // Neighbouring rows without a gap are one read.
    var runs: [Range<Int>] = []
    for row in rows {
      let start = part.first + row * part.step
      if let last = runs.last, last.upperBound == start {
        runs[runs.count - 1] = last.lowerBound..<start + width
      } else {
        runs.append(start..<start + width)
      }
    }
    do throws(SafetensorsFile.Failure) {
      try part.file.read(runs, of: part.tensor, into: floats)
    } catch { throw DetectionProblem(error) }
  }
}

/// Names that tools give the tensors of a residual stream.
enum KnownTensors {
  /// A pattern, and what to add to its number for a layer of ours.
  static let perLayer: [(pattern: NamePattern, add: Int)] = [
    ("blocks.{layer}.hook_resid_post", 1), ("hidden_states.{layer}", 0), ("L{layer}", 0),
    ("model.layers.{layer}.output", 1), ("transformer.h.{layer}.output", 1),
    ("gpt_neox.layers.{layer}.output", 1),
  ].map { (NamePattern($0.0), $0.1) }
  /// What enters the first block; of later blocks it is what left the one before.
  static let first = "blocks.0.hook_resid_pre"
  static let stacked = ["hidden_states", "activations", "residual_stream"]

  static func layer(of name: String) -> Int? {
    if name.utf8.elementsEqual(first.utf8) { return 0 }
    for (pattern, add) in perLayer {
      if let layer = pattern.match(name)?.layer { return layer + add }
    }
    return nil
  }

  static var listed: String {
    (perLayer.map(\.pattern.text) + stacked).joined(separator: ", ")
  }
}
