import Statistics
import Studies

extension Snapshot {
  /// When a rate was removed in each of some runs (``Series/removal``), in their order. A run that has no such
  /// series, or one too short to tell, is left out.
  ///
  /// - Parameters:
  ///   - stage: its name in the runs, e.g. `safety`.
  ///   - key: of the series, e.g. `r1`.
  package func removals(
    stage: String, key: String, in runs: [RunRecord]
  ) -> [(run: RunRecord, removal: TimeToEvent)] {
    runs.compactMap { run in
      let step = run.run.stages.first { $0.name.utf8.elementsEqual(stage.utf8) }
      let removal = step.flatMap { stages[$0.key] }?.series[key]?.removal
      return removal.map { (run: run, removal: $0) }
    }
  }

  /// The share of runs that still have what the rate measures, over steps.
  ///
  /// - Throws: `.tooFew` when no run tells.
  package func removalCurve(
    stage: String, key: String, in runs: [RunRecord]
  ) throws(StatisticsError) -> KaplanMeier {
    try KaplanMeier(removals(stage: stage, key: key, in: runs).map(\.removal))
  }
}
