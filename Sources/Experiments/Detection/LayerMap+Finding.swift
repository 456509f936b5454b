import Determinism
import Studies
import Transformers

extension LayerMap {
  /// A tensor that was found, with the layer that it says it is; nil for one with several.
  private struct Found {
    let file: SafetensorsFile
    let tensor: Safetensors.Tensor
    let layer: Int?
  }

  /// Finds out which tensors of a source are which layers of how many examples.
  ///
  /// - Parameters:
  ///   - files: of the source, in its order.
  ///   - count: of examples.
  init(
    _ source: DetectionPlan.Source, files: [SafetensorsFile], examples count: Int, table: String
  ) throws(DetectionProblem) {
    var single: [Int: [Found]] = [:]
    var stacked: [Found] = []
    for file in files {
      var inThisFile: Set<Int> = []
      for found in try Self.tensors(of: file, source) {
        try Self.checkType(found)
        switch (found.layer, found.tensor.shape.count) {
        case (let layer?, 2):
          guard inThisFile.insert(layer).inserted else {
            throw DetectionProblem(
              "\(file.name): two tensors are layer L\(layer)",
              hint: "say which: tensor: 'blocks.{layer}.hook_resid_post'")
          }
          single[layer, default: []].append(found)
        case (nil, 3): stacked.append(found)
        case (nil, 2):
          throw DetectionProblem(
            "\(Self.named(found)) does not say which layer it is",
            hint: "give its number: layer: 6, or write {layer} into files: or tensor:")
        default:
          throw DetectionProblem(
            "\(Self.named(found)) has the shape \(found.tensor.shape)",
            hint: found.tensor.shape.count == 3
              ? "of a layer, [examples, width]: choose one position of each example when dumping"
              : "[examples, width], or [examples, layers, width] or [layers, examples, width]")
        }
      }
    }
    var parts: [Int: [Part]] = single.mapValues { found in
      found.map {
        Part(
          file: $0.file, tensor: $0.tensor, count: $0.tensor.shape[0], first: 0,
          step: $0.tensor.shape[1])
      }
    }
    for (layer, own) in try Self.parts(ofStacked: stacked, source, count, table) {
      guard parts[layer] == nil else {
        throw DetectionProblem(
          "\(source.pattern): layer L\(layer) is there on its own and in a tensor of several",
          hint: "say which tensors: tensor: 'hidden_states'")
      }
      parts[layer] = own
    }
    guard !parts.isEmpty else {
      throw DetectionProblem(
        "\(source.pattern): no tensor is known to hold a residual stream"
          + (files.first.map { "; \($0.name) has \(Self.names(of: $0))" } ?? ""),
        hint: "name them: tensor: 'my.{layer}.name' (known: \(KnownTensors.listed))")
    }
    var layers: [Int: Layer] = [:]
    for layer in parts.keys.sorted() {
      let own = parts[layer]!
      let width = own[0].tensor.shape.last!
      if let other = own.first(where: { $0.tensor.shape.last != width }) {
        throw DetectionProblem(
          "\(other.file.name): L\(layer) is \(other.tensor.shape.last!) wide here and \(width) in "
            + "\(own[0].file.name)", hint: "one source is one model")
      }
      guard width > 0 else {
        throw DetectionProblem(
          "\(own[0].file.name): L\(layer) has no features", hint: "dump it again")
      }
      let rows = own.reduce(0) { $0 + $1.count }
      guard rows == count else {
        throw DetectionProblem(
          "\(source.pattern): L\(layer) has \(rows) examples in \(own.count) "
            + "\(own.count == 1 ? "tensor" : "tensors"), \(table) has \(count) rows",
          hint: "a row of the table for each row of activations, in the same order")
      }
      layers[layer] = Layer(width: width, parts: own)
    }
    self.layers = layers
  }

  /// Those that the source means, in the order of their names.
  private static func tensors(
    of file: SafetensorsFile, _ source: DetectionPlan.Source
  ) throws(DetectionProblem) -> [Found] {
    let ofFile = NamePattern(source.pattern).match(file.name)?.layer ?? source.layer
    let all = file.tensors.sorted { JSON.Text($0.name) < JSON.Text($1.name) }
    if let pattern = source.tensor.map({ NamePattern($0) }) {
      let found = all.compactMap { tensor in
        pattern.match(tensor.name).map {
          Found(file: file, tensor: tensor, layer: $0.layer ?? ofFile)
        }
      }
      guard !found.isEmpty else {
        throw DetectionProblem(
          "\(file.name): no tensor is named '\(Wording.shown(pattern.text))'; it has \(names(of: file))",
          hint: "tensor: is a pattern with * and {layer}")
      }
      return found
    }
    if let ofFile {
      guard all.count == 1 else {
        throw DetectionProblem(
          "\(file.name): \(all.count) tensors where one is expected: \(names(of: file))",
          hint: "say which: tensor: 'name'")
      }
      return [Found(file: file, tensor: all[0], layer: ofFile)]
    }
    return all.compactMap { tensor in
      if let layer = KnownTensors.layer(of: tensor.name) {
        return Found(file: file, tensor: tensor, layer: layer)
      }
      let isStack =
        tensor.shape.count == 3
        && (all.count == 1
          || KnownTensors.stacked.contains { $0.utf8.elementsEqual(tensor.name.utf8) })
      return isStack ? Found(file: file, tensor: tensor, layer: nil) : nil
    }
  }

  private static func checkType(_ found: Found) throws(DetectionProblem) {
    guard [.float32, .float16, .bfloat16].contains(found.tensor.type) else {
      throw DetectionProblem(
        "\(named(found)) is \(found.tensor.type.rawValue)",
        hint: "F32, F16 and BF16 are read: save it with .float()")
    }
  }

  private static func parts(
    ofStacked found: [Found], _ source: DetectionPlan.Source, _ count: Int, _ table: String
  ) throws(DetectionProblem) -> [Int: [Part]] {
    guard let first = found.first else { return [:] }
    func fits(examples: Int, layers: Int) -> Bool {
      found.allSatisfy { $0.tensor.shape[layers] == first.tensor.shape[layers] }
        && found.reduce(0, { $0 + $1.tensor.shape[examples] }) == count
    }
    let (isExamplesFirst, isLayersFirst) = (
      fits(examples: 0, layers: 1), fits(examples: 1, layers: 0)
    )
    let layout: DetectionPlan.Layout
    if let given = source.layout {
      layout = given
    } else if isExamplesFirst != isLayersFirst {
      layout = isExamplesFirst ? .examplesByLayers : .layersByExamples
    } else {
      throw DetectionProblem(
        "\(named(first)) has the shape \(first.tensor.shape)"
          + (isExamplesFirst
            ? ", in which examples and layers cannot be told apart"
            : ", of which no axis has the \(count) rows of \(table)"),
        hint: isExamplesFirst
          ? "layout: examples-layers, or layers-examples"
          : "a row of the table for each row of activations")
    }
    let isFirst = layout == .examplesByLayers
    var parts: [Int: [Part]] = [:]
    for one in found {
      let (rows, layers) = (one.tensor.shape[isFirst ? 0 : 1], one.tensor.shape[isFirst ? 1 : 0])
      let width = one.tensor.shape[2]
      // No layer that a shape promises costs anything before the examples were counted.
      guard layers == first.tensor.shape[isFirst ? 1 : 0], layers <= 10_000 else {
        throw DetectionProblem(
          "\(named(one)) has \(layers) layers", hint: "as many in every file, at most 10000")
      }
      for layer in 0..<layers {
        parts[source.firstLayer + layer, default: []].append(
          Part(
            file: one.file, tensor: one.tensor, count: rows,
            first: layer * (isFirst ? width : rows * width), step: isFirst ? layers * width : width)
        )
      }
    }
    return parts
  }

  private static func named(_ found: Found) -> String {
    "\(found.file.name): tensor '\(Wording.shown(found.tensor.name))'"
  }

  private static func names(of file: SafetensorsFile) -> String {
    let names = file.tensors.prefix(6).map { "'\(Wording.shown($0.name))'" }
    return names.isEmpty
      ? "none"
      : names.joined(separator: ", ") + (file.tensors.count > 6 ? ", …" : "")
  }
}
