/// The guides for users, embedded so that one file is enough to use the tool; published as pages.
enum Guides {
  /// Markdown by name.
  static let all: [String: String] = [
    "determinism": text(PackageResources.determinism_md),
    "export": text(PackageResources.export_md),
    "import": text(PackageResources.import_md),
    "import-eventlogs": text(PackageResources.import_eventlogs_md),
    "language": text(PackageResources.language_md),
    "probe": text(PackageResources.probe_md),
    "promises": text(PackageResources.promises_md),
    "queries": text(PackageResources.queries_md),
    "registry": text(PackageResources.registry_md),
    "run-documents": text(PackageResources.run_documents_md),
    "site": text(PackageResources.site_md),
    "statistics": text(PackageResources.statistics_md),
    "study-files": text(PackageResources.study_files_md),
    "templates": text(PackageResources.templates_md),
    "traps": text(PackageResources.traps_md),
    "verdicts": text(PackageResources.verdicts_md),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
