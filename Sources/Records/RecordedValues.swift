import Determinism
import Statistics
import Studies

/// The values of a record: what is compared and digested; artifacts by digest and size.
package struct RecordedValues: Sendable {
  package var scalars: [String: Double]
  package var series: [String: Series]
  package var curves: [String: ROCCurve]
  package var artifacts: [String: ArtifactReference]

  package init(
    scalars: [String: Double] = [:], series: [String: Series] = [:],
    curves: [String: ROCCurve] = [:], artifacts: [String: ArtifactReference] = [:]
  ) {
    self.scalars = scalars
    self.series = series
    self.curves = curves
    self.artifacts = artifacts
  }

  package var document: JSON {
    [
      "scalars": .object(JSON.Object(scalars.map { ($0.key, JSON($0.value)) })),
      "series": .object(JSON.Object(series.map { ($0.key, $0.value.document) })),
      "curves": .object(JSON.Object(curves.map { ($0.key, $0.value.document) })),
      "artifacts": .object(JSON.Object(artifacts.map { ($0.key, $0.value.document) })),
    ]
  }
}
