import Determinism
import TensorCore

/// A trainer's state as a safetensors file: weights, both moments, step, options; of a low-rank update the
/// weights that it is added to, its factors and their moments.
extension Trainer {
  /// Everything that a later trainer needs to go on with the same bits, but for the reference.
  package func resumeBytes() -> [UInt8] {
    adam.resumeBytes(
      heads: configuration.heads,
      tensors: lowRank.map { lanes.tensors.stored($0.base) } ?? [],
      metadata: lowRank?.metadata ?? [])
  }

  /// Goes on where `resumeBytes` was taken.
  package convenience init(
    resuming bytes: [UInt8], backend: Backend = .own, threads: Int = 1
  ) throws(SafetensorsError) {
    try self.init(resuming: bytes, engine: Engine(backend: backend), threads: threads)
  }

  package convenience init(
    resuming bytes: [UInt8], engine: Engine, threads: Int
  ) throws(SafetensorsError) {
    let file = try Safetensors(parsing: bytes)
    let model = try Model(reading: file)
    self.init(
      model: model, optimiser: try AdamW.options(of: file),
      lowRank: try LowRankUpdate(of: model, in: file), engine: engine, threads: threads)
    try adam.resume(from: file)
  }
}
