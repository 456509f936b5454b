import Determinism
import Studies

/// Options that stages which put prompts to a model have in common.
extension OptionSpecification {
  /// - Parameter cells: "of each cell".
  static func prompts(
    _ count: Int, _ cells: String, name: String = "prompts"
  ) -> OptionSpecification {
    OptionSpecification(name, .integer(10...100_000), default: JSON(count), cells)
  }

  static func transcripts(_ count: Int) -> OptionSpecification {
    OptionSpecification(
      "transcripts", .integer(0...5), default: JSON(count), "kept as examples, of each cell")
  }
}
