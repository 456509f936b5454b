import Rendering
import Statistics
import Studies

/// Every judged or open prediction by its id, for `\dormouse{study/prediction}`: the texts that the site has.
struct PaperNumbers {
  struct Entry: Equatable {
    /// `study/prediction-id`.
    let key: String
    /// By field, in the order of `fields`.
    let texts: [String]

    /// The texts for LaTeX; no line ends within the brackets of an interval.
    var latex: [String] {
      texts.map { LaTeXText.escaped($0).replacing(", ", with: ",~") }
    }
  }

  /// What the optional argument of the macro may be; the first is what it is without one.
  static let fields = ["estimate", "value", "lower", "upper", "n", "seeds", "result"]

  let study: StudyView

  /// Predictions as they are worded now: an id names one text.
  var rows: [PredictionRow] {
    PredictionRow.rows(of: study).filter { !$0.isEarlierVersion && Names.isValid($0.id) }
  }

  static func key(of row: PredictionRow) -> String { "\(row.study.folder)/\(row.id)" }

  var entries: [Entry] {
    rows.map { row in
      let estimates = row.assessment?.estimates ?? []
      func joined(_ text: (Estimate) -> String) -> String {
        estimates.isEmpty ? NumberText.missing : estimates.map(text).joined(separator: " and ")
      }
      func parts(_ estimate: Estimate) -> (value: String, bounds: (lower: String, upper: String)?) {
        NumberText.intervalParts(estimate.value, estimate.lower, estimate.upper)
      }
      return Entry(
        key: Self.key(of: row),
        texts: [
          row.estimateText, joined { parts($0).value },
          joined { parts($0).bounds?.lower ?? NumberText.missing },
          joined { parts($0).bounds?.upper ?? NumberText.missing },
          NumberText.count(row.assessment?.runs.count ?? 0),
          NumberText.count(Set(row.assessment?.seeds ?? []).count), row.result.rawValue,
        ])
    }
  }

  /// Plain LaTeX2e, so that no class lacks what it needs.
  var latex: String {
    let definitions = entries.flatMap { entry in
      zip(Self.fields, entry.latex).map { field, text in
        "\\dormouse@number{\(entry.key)}{\(field)}{\(text)}"
      }
    }
    return """
      % Numbers of the study '\(study.folder)', as its page has them. Made by dormouse export paper.
      %   \\dormouse{study/prediction}         0.93 [0.88, 0.97]: the estimate with its 95% interval
      %   \\dormouse[field]{study/prediction}  a field alone: \(Self.fields.dropFirst().joined(separator: ", "))
      % n counts runs. Several papers' files of this kind can be read one after the other.
      \\makeatletter
      \\DeclareRobustCommand*{\\dormouse}[2][\(Self.fields[0])]{%
        \\@ifundefined{dormouse@\\detokenize{#2}@\\detokenize{#1}}{%
          \\PackageError{dormouse}{There is no '\\detokenize{#1}' of '\\detokenize{#2}'}{%
            The id is study/prediction, as the study file has it; numbers.tex lists all of them.}%
          \\textbf{??}}{%
          \\csname dormouse@\\detokenize{#2}@\\detokenize{#1}\\endcsname}}
      \\long\\def\\dormouse@number#1#2#3{\\@namedef{dormouse@\\detokenize{#1}@\\detokenize{#2}}{#3}}
      \(definitions.joined(separator: "\n"))
      \\makeatother

      """
  }
}
