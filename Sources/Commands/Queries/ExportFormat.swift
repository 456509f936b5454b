import ArgumentParser

/// What `export` writes: a case here, and its line in `ExportCommand.perform`.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  /// The study's records byte for byte, and every kept artifact.
  case archive
  /// The archive, described as an RO-Crate after Process Run Crate.
  case roCrate = "ro-crate"
  /// Tables of any selection of runs: a folder of CSV files.
  case csv
  /// The same as one JSON document.
  case json
  /// A checklist's questions, answered from the records: Markdown.
  case evidence
  /// A card for each organism of the study: a folder of Markdown files.
  case modelCard = "model-card"
  /// The study's runs as a store that MLflow opens.
  case mlflow

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Whether it takes a selection of runs, of any study; the others take a study whole.
  var takesSelection: Bool { self == .csv || self == .json }
}
