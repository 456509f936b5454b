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
    let printed: PrintedFigure
    /// For `figure*`, over both columns.
    let isWide: Bool
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
      [
        File(path: "figures/\(figure.name).svg", text: figure.printed.svg),
        File(path: "figures/\(figure.name).tex", text: guide.environment(figure)),
      ]
    } + tables.map { File(path: "tables/\($0.name).tex", text: $0.text) } + [
      File(path: "numbers.tex", text: numbers.latex),
      File(path: "refs.bib", text: bibliography.bibtex),
      File(path: "example.tex", text: guide.example),
      File(path: "example.bbl", text: bibliography.items),
      File(path: "README.md", text: guide.readme),
    ]
  }

  /// In a column; over the page where that would be higher than a page.
  private func paperFigure(_ drawn: DrawnFigure, _ templates: TemplateSet) -> PaperFigure? {
    func printed(_ inches: Double) -> PrintedFigure? {
      drawn.figure.printed(width: inches * PaperWidth.pointsPerInch, templates)
    }
    guard let narrow = printed(width.column) else { return nil }
    let isHigh = narrow.height > PaperWidth.highest * PaperWidth.pointsPerInch
    guard isHigh, width.hasColumns, let wide = printed(width.page) else {
      return PaperFigure(name: drawn.name, figure: drawn.figure, printed: narrow, isWide: false)
    }
    return PaperFigure(name: drawn.name, figure: drawn.figure, printed: wide, isWide: true)
  }
}
