import Testing

@testable import Transformers

struct TrainingMemoryTests {
  let configuration = ModelConfiguration(
    vocabulary: 137, context: 48, dModel: 64, layers: 3, heads: 4)
  let sequences = Fixture.sequences(8, lengths: 49...49, vocabulary: 137)

  private var memory: TrainingMemory { TrainingMemory(configuration, batch: 8, longest: 49) }

  private func batch(_ memory: TrainingMemory) -> TokenBatch {
    var batch = TokenBatch(sequences: sequences)
    if memory.hasSegments { batch.segments = SegmentsTests.segments(sequences) }
    if memory.hasReference { batch.penalties = batch.weights }
    return batch
  }

  @Test(arguments: [false, true], [false, true])
  func `an arena holds no more than was said, and not much less`(
    hasReference: Bool, hasSegments: Bool
  ) {
    var memory = memory
    memory.hasReference = hasReference
    memory.hasSegments = hasSegments
    let model = Model(configuration, seed: 1)
    let trainer = Trainer(model: model)
    if hasReference { trainer.reference = model }
    _ = trainer.step(batch(memory), learningRate: 1e-3)
    var plain = memory
    plain.hasSegments = false
    let held = trainer.lanes.arenas[0].bytes
    #expect(held <= plain.arena && plain.arena <= held * 5 / 4, "\(held) of \(plain.arena) bytes")
    // What is seen lies outside of the arena.
    let marks = hasSegments ? 4 * 8 * 49 * 64 : 0
    #expect(memory.arena == plain.arena + marks)
  }

  @Test func `preferences need less, for they have no logits`() {
    var memory = memory
    memory.head = .score
    let trainer = PreferenceTrainer(
      model: ScalarModel(trunk: Model(configuration, seed: 1), seed: 1))
    let inputs = sequences.map { Array($0.dropLast()) }
    _ = trainer.step(
      PreferenceBatch(pairs: (0..<4).map { (inputs[$0], inputs[$0 + 4]) }), learningRate: 1e-3)
    let held = trainer.lanes.arenas[0].bytes
    #expect(held <= memory.arena && memory.arena <= held * 5 / 4, "\(held) of \(memory.arena)")
    #expect(memory.state < self.memory.state)
  }

  @Test func `a low-rank update has few moments, and its resume point is small`() {
    var memory = memory
    let options = LowRankOptions(rank: 4, alpha: 4, seed: 1)
    memory.lowRank = options
    #expect(memory.state < self.memory.state && memory.resuming < self.memory.resuming / 2)
    let model = Model(configuration, seed: 1)
    let update = LowRankUpdate(of: model, options: options)
    #expect(LowRankUpdate.count(configuration, options) == update.factors.count)
    // A resume point: as arrays and twice as a file.
    let bytes = Trainer(model: model, lowRank: options).resumeBytes().count
    #expect(3 * bytes <= memory.resuming + 3 * 16384 && memory.resuming <= 5 * bytes)
    var held = memory
    held.hasReference = true
    #expect(held.state == memory.state + 12 * configuration.parameterCount)
  }
}
