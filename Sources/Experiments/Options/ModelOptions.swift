import Determinism
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
}

extension OptionReader {
  func modelConfiguration(vocabulary: Int) -> ModelConfiguration {
    ModelConfiguration(
      vocabulary: vocabulary, context: int("model.context"), dModel: int("model.d_model"),
      layers: int("model.layers"), heads: int("model.heads"))
  }
}
