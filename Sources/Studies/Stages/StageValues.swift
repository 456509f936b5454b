import Determinism
import Statistics

/// What a stage found: the part of a record that is compared and digested.
package struct StageValues: Equatable, Sendable {
  /// Single numbers by name, e.g. `"r1"` or `"danger/prompt-end/L3/swap/auroc"`.
  package var scalars: [String: Double]
  /// Numbers by step, e.g. `"loss"`.
  package var series: [String: Series]
  /// ROC curves as counts.
  package var curves: [String: ROCCurve]
  package var artifacts: [String: Artifact]

  package init(
    scalars: [String: Double] = [:], series: [String: Series] = [:],
    curves: [String: ROCCurve] = [:], artifacts: [String: Artifact] = [:]
  ) {
    self.scalars = scalars
    self.series = series
    self.curves = curves
    self.artifacts = artifacts
  }

  package static func == (left: StageValues, right: StageValues) -> Bool {
    left.digest == right.digest
  }

  /// The canonical document that the record hash covers; artifacts enter by digest and size.
  package var document: JSON {
    var document = JSON.Object()
    document["scalars"] = .object(JSON.Object(scalars.map { ($0.key, JSON($0.value)) }))
    document["series"] = .object(JSON.Object(series.map { ($0.key, $0.value.document) }))
    document["curves"] = .object(JSON.Object(curves.map { ($0.key, $0.value.document) }))
    document["artifacts"] = .object(
      JSON.Object(artifacts.map { ($0.key, $0.value.reference.document) }))
    return .object(document)
  }

  package var digest: Digest { Digest(of: document) }
}

/// Values by step, in the order they were recorded; steps strictly increase.
package struct Series: Sendable {
  package private(set) var steps: [Int] = []
  package private(set) var values: [Double] = []
  package init() {}

  package mutating func reserveCapacity(_ count: Int) {
    steps.reserveCapacity(count)
    values.reserveCapacity(count)
  }

  package mutating func append(_ value: Double, at step: Int) {
    precondition(steps.last.map { $0 < step } ?? true, "steps of a series increase")
    steps.append(step)
    values.append(value)
  }

  /// The value at a step, if there is one; in logarithmic time.
  package func value(at step: Int) -> Double? {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle] < step { low = middle + 1 } else { high = middle }
    }
    return low < steps.count && steps[low] == step ? values[low] : nil
  }

  package var document: JSON {
    [
      "steps": .array(steps.map { JSON($0) }),
      "values": JSON(Hexadecimal.text(of: values.flatMap(\.bigEndianBytes))),
    ]
  }
}

/// Bytes that a stage produced.
package struct Artifact: Sendable {
  /// Whether an archive carries the bytes.
  package enum Role: String, Sendable {
    /// Scores, curves, transcripts, configs: part of every archive.
    case kept
    /// Checkpoints, activations: a rerun makes them again; archived by digest and size.
    case remade
  }
  package let role: Role
  package let mediaType: String
  package let bytes: [UInt8]

  package init(role: Role, mediaType: String, bytes: [UInt8]) {
    self.role = role
    self.mediaType = mediaType
    self.bytes = bytes
  }

  package var reference: ArtifactReference {
    ArtifactReference(
      role: role, mediaType: mediaType, digest: Digest(of: bytes), size: bytes.count)
  }
}

/// An artifact by name of its content.
package struct ArtifactReference: Hashable, Sendable {
  package let role: Artifact.Role
  package let mediaType: String
  package let digest: Digest
  /// Bytes.
  package let size: Int

  package init(role: Artifact.Role, mediaType: String, digest: Digest, size: Int) {
    self.role = role
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
  }

  package var document: JSON {
    [
      "role": JSON(role.rawValue), "media_type": JSON(mediaType), "sha256": JSON(digest),
      "size": JSON(size),
    ]
  }
}
