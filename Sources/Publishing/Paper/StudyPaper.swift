import Determinism
import Records
import Rendering
import Studies

/// What an author of a paper takes from a study: its figures, tables and numbers as the site has them, ready for
/// LaTeX, and what to cite.
///
/// Nothing is computed here: the drawings come from `StudyFigures`, the numbers from assessments.
package struct StudyPaper: Sendable {
  package struct File: Equatable, Sendable {
    package let path: String
    package let text: String
  }

  /// A drawing of the study's page, laid out for paper.
  struct PaperFigure {
    let name: String
    let figure: Figure
    /// More than one where no page could hold it.
    let parts: [PrintedFigure]
    /// For `figure*`, over both columns.
    let isWide: Bool

    /// Of a part, below `figures/`, without an ending.
    func file(_ part: Int) -> String { part == 0 ? name : "\(name)-part\(part + 1)" }
  }

  let index: SiteIndex
  let study: StudyView
  let width: PaperWidth
  private let base: String?
  private let version: String

  /// nil when nothing of the study was performed here.
  ///
  /// - Parameters:
  ///   - narrative: the study's README, which places automatic figures.
  ///   - file: the study file beside it, for the figures that it declares.
  ///   - base: where the site of these records is, with a slash at its end.
  ///   - version: of the program, to be cited.
  package init?(
    _ snapshot: Snapshot, slug: String, narrative: String?, file: Study?, width: PaperWidth,
    base: String? = nil, version: String
  ) {
    index = SiteIndex(
      snapshot, narratives: narrative.map { [slug: $0] } ?? [:],
      files: file.map { [slug: $0] } ?? [:])
    guard let study = index.studies.first(where: { $0.slug.utf8.elementsEqual(slug.utf8) }),
      !study.isRegisteredOnly
    else { return nil }
    self.study = study
    self.width = width
    self.base = base
    self.version = version
  }

  /// Below `figures/`, those that other formats are made of.
  package static func isDrawing(_ path: String) -> Bool {
    path.utf8.starts(with: "figures/".utf8) && path.utf8.suffix(4).elementsEqual(".svg".utf8)
  }

  /// Every file, drawings as SVG.
  ///
  /// - Throws: `PublishingError.template`.
  package func files() throws(PublishingError) -> [File] {
    let templates: TemplateSet
    do { templates = try .embedded() } catch { throw .template(error) }
    let drawn = StudyPage(index: index, study: study).figures
    let figures = drawn.compactMap { paperFigure($0, templates) }
    let tables = PaperTables(study: study, width: width).files(of: drawn)
    let numbers = PaperNumbers(study: study)
    let bibliography = Bibliography(
      study, head: index.snapshot.head.hex, base: base, version: version)
    let guide = PaperGuide(paper: self, figures: figures, tables: tables, numbers: numbers)
    return figures.flatMap { figure in
      figure.parts.enumerated().map { part, printed in
        File(path: "figures/\(figure.file(part)).svg", text: printed.svg)
      } + [File(path: "figures/\(figure.name).tex", text: guide.environment(figure))]
    } + tables.map { File(path: "tables/\($0.name).tex", text: $0.text) } + [
      File(path: "numbers.tex", text: numbers.latex),
      File(path: "refs.bib", text: bibliography.bibtex),
      File(path: "example.tex", text: guide.example),
      File(path: "example.bbl", text: bibliography.items),
      File(path: "README.md", text: guide.readme),
    ]
  }

  /// In a column; over the page where it does not fit that.
  private func paperFigure(_ drawn: DrawnFigure, _ templates: TemplateSet) -> PaperFigure? {
    let highest = PaperWidth.highest * PaperWidth.pointsPerInch
    func parts(_ inches: Double) -> [PrintedFigure] {
      drawn.figure.printed(
        width: inches * PaperWidth.pointsPerInch, height: highest, templates)
    }
    let narrow = parts(width.column)
    guard !narrow.isEmpty else { return nil }
    let fits = narrow.count == 1 && narrow[0].height <= highest
    let isWide = width.hasColumns && !fits
    return PaperFigure(
      name: drawn.name, figure: drawn.figure, parts: isWide ? parts(width.page) : narrow,
      isWide: isWide)
  }
}
