import Determinism
import TensorCore
import Testing

@testable import Transformers

/// ‖g − g₆₄‖ / ‖g₆₄‖ ≤ 10⁻⁶ for every trained tensor, g₆₄ by PyTorch in float64
/// (`Tests/Golden/make/transformer_variants.py`).
struct `Every variant's gradient is within a millionth of PyTorch's in float64` {
  let example = CountedCase(
    description: "variants",
    configuration: ModelConfiguration(
      vocabulary: 29, context: 16, dModel: 20, layers: 2, heads: 2),
    scale: 0x1p-2, lengths: [17, 9, 12, 16, 5, 14, 8, 11, 17, 7])

  static func classOf(_ position: Int) -> UInt8 {
    position < 3 ? 0 : position < 6 ? 1 : position == 6 ? 2 : 3
  }

  static func segments(_ sequences: [[Int32]]) -> Segments {
    Segments(
      classes: sequences.map { $0.indices.map(classOf) },
      seen: [[0], [1], [0, 1, 2], [1, 2, 3]])
  }

  private func check(
    _ name: String, _ tensors: [ModelConfiguration.NamedTensor], loss: Double, _ gradient: [Float]
  ) throws {
    let losses = try JSON(parsing: GoldenFiles.bytes("variants.json"))
    #expect(abs(loss - losses[name]!.double!) < 1e-6)
    let file = try Safetensors(parsing: GoldenFiles.bytes("variant-\(name).safetensors"))
    #expect(file.tensors.count == tensors.count)
    for tensor in tensors {
      let expected = try file.floats(tensor.name, shape: tensor.shape)
      let error = relativeError(Array(gradient[tensor.range]), expected)
      if environment("DORMOUSE_SHOW_ERRORS") != nil { print(name, tensor.name, error) }
      #expect(error <= 1e-6, "\(name), \(tensor.name): \(error)")
    }
  }

  private func gradient(
    _ batch: TokenBatch, normaliser: Double? = nil, reference: Model? = nil, _ backend: Backend
  ) -> (loss: Double, gradient: [Float]) {
    let trainer = Trainer(model: example.model(), backend: backend)
    trainer.reference = reference
    return trainer.gradient(of: batch, normaliser: normaliser)
  }

  @Test(arguments: Backend.allCases)
  func `with weights of either sign`(backend: Backend) throws {
    var batch = example.batch
    batch.weights = example.draws.map { $0.map { [-1.5, 0.5, 1, -0.25][Int($0 >> 62)] } }
    let (loss, found) = gradient(batch, normaliser: 7, backend)
    try check("signed", example.configuration.tensors, loss: loss, found)
  }

  @Test(arguments: Backend.allCases)
  func `where tokens see some classes only`(backend: Backend) throws {
    var batch = example.batch
    batch.segments = Self.segments(batch.sequences)
    let (loss, found) = gradient(batch, backend)
    try check("masked", example.configuration.tensors, loss: loss, found)
  }

  @Test(arguments: Backend.allCases)
  func `held to a reference`(backend: Backend) throws {
    var batch = example.batch
    batch.penalties = example.draws.map { $0.map { [0, 0.25, 0.5, 2][Int($0 >> 60 & 3)] } }
    let (loss, found) = gradient(batch, reference: example.model(from: 1 << 40), backend)
    try check("penalised", example.configuration.tensors, loss: loss, found)
  }

  @Test(arguments: Backend.allCases)
  func `of preferences`(backend: Backend) throws {
    let tensors = example.configuration.tensors(.score)
    let model = ScalarModel(
      configuration: example.configuration, parameters: example.values(of: tensors))
    let sequences = example.batch.sequences.map { Array($0.dropLast()) }
    let batch = PreferenceBatch(
      pairs: stride(from: 0, to: sequences.count, by: 2).map {
        (sequences[$0], sequences[$0 + 1])
      }, segments: Self.segments(sequences))
    let (loss, found) = PreferenceTrainer(model: model, backend: backend).gradient(of: batch)
    try check("preference", tensors, loss: loss, found)
    #expect(found.last == 0, "the bias")
  }

  @Test(arguments: Backend.allCases)
  func `of a low-rank update's factors`(backend: Backend) throws {
    let trainer = Trainer(
      model: example.model(), lowRank: LowRankOptions(rank: 3, alpha: 6, seed: 1),
      backend: backend)
    let update = try #require(trainer.lowRank)
    update.factors.array = example.values(of: update.tensors, from: 1 << 41)
    update.merge(into: trainer.lanes)
    trainer.lanes.pack()
    let loss = trainer.gradient(of: example.batch).loss
    let norm = update.takeGradient(from: trainer.lanes)
    let found = Array(UnsafeBufferPointer(start: update.gradient, count: update.factors.count))
    try check("low-rank", update.tensors, loss: loss, found)
    let squares = found.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(norm - squares.squareRoot()) < 1e-12)
  }
}
