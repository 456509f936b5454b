import ArgumentParser
import Determinism
import Interchange
import Publishing
import Records

struct ExportPaperCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "paper",
    abstract: "A study's figures, tables, numbers and references, for LaTeX.",
    discussion: """
      Drawings are those of the study's page, laid out anew for the column of a paper, with letters of 7 pt and more; \
      numbers are the page's, by the ids of predictions: \\dormouse{study/prediction}. example.tex shows all of it and \
      compiles as it stands. PDF and PNG are made by rsvg-convert, which has to be installed.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The study's slug.", valueName: "study"))
  var slug: String

  @Option(
    help: ArgumentHelp(
      "What drawings have to fit: neurips (5.5 in), icml (one of two columns, 3.25 in), or CSS pixels "
        + "(\(PaperWidth.pixels.lowerBound) to \(PaperWidth.pixels.upperBound), 96 to the inch).",
      valueName: "width"))
  var width = PaperWidth.neurips

  @Option(
    help: ArgumentHelp(
      "Where it goes: a new or an empty folder, or such an export in which nothing was changed.",
      valueName: "folder"))
  var out = "paper"

  @Option(
    help: ArgumentHelp(
      "What drawings are written as: svg, pdf, png, with commas in between.", valueName: "formats"))
  var formats = DrawingFormats.all

  @Option(
    help: ArgumentHelp(
      "The folder of studies, for the figures that study files declare and narratives place.",
      valueName: "folder"))
  var studies = "studies"

  @Option(
    help: ArgumentHelp(
      "Where the site of these records is, https://…: references lead to its pages.",
      valueName: "address"))
  var baseURL: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !out.isEmpty else { throw ValidationError("--out names no place") }
    if let baseURL { try SiteAddress.check(baseURL) }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let converter = formats.isConverted ? try DrawingConverter() : nil
    let snapshot = try common.openRegistry(.readOnly).snapshot()
    try snapshot.require(study: slug)
    let folder = StudyFolder(path: studies)
    guard
      let paper = StudyPaper(
        snapshot, slug: slug, narrative: try folder.narrative(of: slug),
        file: try folder.declaring(slug), width: width, base: baseURL.map(SiteAddress.base),
        version: Version.text)
    else {
      throw Failure(
        .couldNotFinish, "nothing of the study '\(slug)' was performed here",
        hint: "dormouse export \(slug) --format csv --to tables")
    }
    var files: [(name: String, bytes: [UInt8])] = []
    var drawings = 0
    for file in try paper.files() {
      guard StudyPaper.isDrawing(file.path) else {
        files.append((file.path, Array(file.text.utf8)))
        continue
      }
      drawings += 1
      for format in formats.all {
        files.append(
          (
            String(file.path.dropLast(3)) + format.rawValue,
            format == .svg
              ? Array(file.text.utf8) : try converter?.convert(file.text, to: format) ?? []
          ))
      }
    }
    // Authors write into such folders.
    try DocumentExport.write(files, to: out, keepsChanges: true)
    try say(files, drawings: drawings, on: terminal)
    return .done
  }

  private func say(
    _ files: [(name: String, bytes: [UInt8])], drawings: Int, on terminal: Terminal
  ) throws {
    let bytes = files.reduce(0) { $0 + $1.bytes.count }
    if common.json {
      try terminal.say(
        [
          "folder": JSON(out), "figures": JSON(drawings), "bytes": JSON(bytes),
          "files": .array(files.map { JSON($0.name) }),
        ])
    } else {
      try terminal.say(
        "\(out): \(counted(drawings, "figure")), \(counted(files.count, "file")), "
          + "\(Decimal.text(Double(bytes) / 1e6, places: 2)) MB · pdflatex example.tex, twice, shows them"
          .forTerminal)
    }
  }
}

extension PaperWidth: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// What drawings are written as.
struct DrawingFormats: ExpressibleByArgument {
  /// Each once, in the order of this program.
  let all: [DrawingFormat]

  static let all = DrawingFormats(all: DrawingFormat.allCases)

  private init(all: [DrawingFormat]) { self.all = all }

  init?(argument: String) {
    let named = argument.utf8.split(
      separator: UInt8(ascii: ","), omittingEmptySubsequences: false
    ).map { DrawingFormat(rawValue: String(Substring($0))) }
    guard !named.contains(nil) else { return nil }
    all = DrawingFormat.allCases.filter { named.contains($0) }
  }

  var isConverted: Bool { all.contains { $0 != .svg } }
  var defaultValueDescription: String { all.map(\.rawValue).joined(separator: ",") }
}
