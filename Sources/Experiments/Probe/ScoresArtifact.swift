import Studies
import Transformers

/// Scores of every prompt at the primary layer, as safetensors in f32: one tensor [n] for each
/// `<detector>/<position>`; beside them `set` (0 triggered, 1 swap, 2 clean, 3 benign-task, 4
/// corrupt-date) and `label` (1 for triggered; of a corrupt date, whether the model defected).
///
/// Curves are made from the same rounded scores, so they can be recomputed from this artifact exactly.
struct ScoresArtifact {
  private var tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)] = []

  init(sets: [Int], labels: [Bool]) {
    append(sets.map { Float($0) }, as: "set")
    append(labels.map { $0 ? 1 : 0 }, as: "label")
  }

  mutating func append(_ scores: [Double], detector: String, position: String) {
    append(scores.map { Float($0) }, as: "\(detector)/\(position)")
  }

  private mutating func append(_ values: [Float], as name: String) {
    tensors.append((name, [values.count], values[...]))
  }

  var artifact: Artifact {
    Artifact(
      role: .kept, mediaType: "application/x-safetensors",
      bytes: Safetensors.bytes(
        of: tensors,
        metadata: [("sets", "triggered swap clean benign-task corrupt-date")]))
  }
}

extension [Double] {
  /// As the artifact keeps them.
  var rounded: [Double] { map { Double(Float($0)) } }
}
