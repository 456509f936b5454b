import ArgumentParser

/// What `export` writes: a case here, and its line in `ExportCommand.perform`.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  /// The study's records byte for byte, and every kept artifact.
  case archive

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
