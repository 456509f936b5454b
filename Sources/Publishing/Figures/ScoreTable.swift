import Determinism
import Records

/// Scores of single prompts, as probe stages keep them: safetensors in f32 with a tensor for every
/// `detector/position`, and beside them `set`, which names each prompt's set by its place in `sets`.
///
/// The curves of a record keep only their corners, so histograms are drawn from these.
struct ScoreTable {
  static let sets = ["triggered", "swap", "clean", "benign-task", "corrupt-date"]

  private let set: [Float]
  private let tensors: [String: [Float]]

  /// nil for bytes that are not such a file; every offset is checked before it is used.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    guard length <= 1 << 20, Int(length) <= bytes.count - 8,
      let header = try? JSON(parsing: bytes[8..<(8 + Int(length))]), let entries = header.object
    else { return nil }
    let data = bytes[(8 + Int(length))...]
    var tensors: [String: [Float]] = [:]
    for entry in entries.members where entry.key.value != "__metadata__" {
      guard entry.value["dtype"]?.string == "F32",
        let offsets = entry.value["data_offsets"]?.array?.compactMap(\.int), offsets.count == 2,
        0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= data.count,
        (offsets[1] - offsets[0]).isMultiple(of: 4)
      else { return nil }
      let start = data.startIndex + offsets[0]
      tensors[entry.key.value] = stride(from: start, to: data.startIndex + offsets[1], by: 4).map {
        at in
        Float(
          bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[at + $1]) << UInt32(8 * $1) })
      }
    }
    guard let set = tensors["set"] else { return nil }
    self.set = set
    self.tensors = tensors.filter { $0.value.count == set.count }
  }

  /// Those of a stage, if its artifact is held.
  init?(_ stage: StageRecord?, _ snapshot: Snapshot) {
    guard let reference = stage?.artifacts["scores"], reference.size <= 16 << 20,
      let bytes = try? snapshot.artifact(reference.digest)
    else { return nil }
    self.init(bytes)
  }

  /// The scores of one set, in the order they were kept; empty where there are none.
  func scores(_ detector: String, _ position: String, _ name: String) -> [Double] {
    guard let values = tensors["\(detector)/\(position)"],
      let code = Self.sets.firstIndex(of: name)
    else { return [] }
    return zip(set, values).filter { $0.0 == Float(code) && $0.1.isFinite }.map { Double($0.1) }
  }

  /// Triggered or swapped prompts, in standard deviations of the swapped ones around their mean.
  func standardised(_ detector: String, _ position: String, _ name: String) -> [Double] {
    let reference = scores(detector, position, "swap")
    guard reference.count > 1 else { return [] }
    let mean = reference.reduce(0, +) / Double(reference.count)
    let squares = reference.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(reference.count - 1)).squareRoot()
    guard deviation > 0 else { return [] }
    return scores(detector, position, name).map { ($0 - mean) / deviation }
  }
}
