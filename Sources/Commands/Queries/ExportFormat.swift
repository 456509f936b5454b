import ArgumentParser

/// What `export` writes: a case here, and its line in `ExportCommand.perform`.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  /// The study's records byte for byte, and every kept artifact.
  case archive
  /// The study's runs as a store that MLflow opens.
  case mlflow

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
