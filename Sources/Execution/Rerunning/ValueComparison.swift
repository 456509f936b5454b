import Determinism
import Records
import Statistics
import Studies

/// One value that came out otherwise.
package struct Difference: Equatable, Sendable {
  package enum Kind: Int, Sendable, CaseIterable {
    // In the order in which the first divergence is looked for.
    case series, scalar, curve, artifact
  }
  package let kind: Kind
  /// Without the kind, e.g. `loss`.
  package let key: String
  package let step: Int?
  /// 16 hexadecimal digits, a digest, or `absent`.
  package let recorded: String
  package let recomputed: String
  /// Of scalars and series points that both sides have.
  package let numbers: Numbers?

  package struct Numbers: Equatable, Sendable {
    package let recorded: Double
    package let recomputed: Double
  }

  /// The key as a `Divergence` has it: `series/loss`.
  package var path: String {
    switch kind {
    case .series: "series/\(key)"
    case .scalar: "scalars/\(key)"
    case .curve: "curves/\(key)"
    case .artifact: "artifacts/\(key)"
    }
  }

  /// Representable doubles between the two; nil when either is NaN or there are no numbers.
  package var ulps: UInt64? { numbers.flatMap { $0.recorded.ulps(to: $0.recomputed) } }
}

/// A stage result compared bit for bit with the same stage performed again.
package struct ValueComparison: Equatable, Sendable {
  /// Scalars, series points, curve counts and thresholds, artifacts.
  package let compared: Int
  /// The first divergence first: by kind; series by step, then key; the others by key.
  package let differences: [Difference]

  package init(recorded: StageRecord, recomputed: StageValues) {
    self.init(
      recorded: recorded.recordedValues,
      recomputed: RecordedValues(
        scalars: recomputed.scalars, series: recomputed.series, curves: recomputed.curves,
        artifacts: recomputed.artifacts.mapValues(\.reference)))
  }

  package init(recorded: RecordedValues, recomputed: RecordedValues) {
    var compared = 0
    var differences: [Difference] = []
    func union<Left, Right>(_ left: [String: Left], _ right: [String: Right]) -> [String] {
      Set(left.keys).union(right.keys).sorted()
    }
    func compare(
      _ kind: Difference.Kind, _ key: String, _ step: Int?, _ left: Double?, _ right: Double?
    ) {
      compared += 1
      guard left?.bitPattern != right?.bitPattern else { return }
      func text(_ value: Double?) -> String {
        value.map { Hexadecimal.text(of: $0.bitPattern) } ?? Self.absent
      }
      var numbers: Difference.Numbers?
      if let left, let right { numbers = Difference.Numbers(recorded: left, recomputed: right) }
      differences.append(
        Difference(
          kind: kind, key: key, step: step, recorded: text(left), recomputed: text(right),
          numbers: numbers))
    }
    for key in union(recorded.series, recomputed.series) {
      let left = Self.points(recorded.series[key])
      let right = Self.points(recomputed.series[key])
      for step in Set(left.keys).union(right.keys).sorted() {
        compare(.series, key, step, left[step], right[step])
      }
      // A series without points is a value too.
      if left.isEmpty, right.isEmpty { compared += 1 }
      if (recorded.series[key] == nil) != (recomputed.series[key] == nil), left.isEmpty,
        right.isEmpty
      {
        differences.append(
          Difference(
            kind: .series, key: key, step: nil,
            recorded: recorded.series[key] == nil ? Self.absent : "empty",
            recomputed: recomputed.series[key] == nil ? Self.absent : "empty", numbers: nil))
      }
    }
    for key in union(recorded.scalars, recomputed.scalars) {
      compare(.scalar, key, nil, recorded.scalars[key], recomputed.scalars[key])
    }
    for key in union(recorded.curves, recomputed.curves) {
      let left = recorded.curves[key]
      let right = recomputed.curves[key]
      compared += 2 + 3 * (left?.thresholds.count ?? 0)
      let digests = (left.map { Digest(of: $0.document) }, right.map { Digest(of: $0.document) })
      if digests.0 != digests.1 { differences.append(Self.difference(.curve, key, digests)) }
    }
    for key in union(recorded.artifacts, recomputed.artifacts) {
      compared += 1
      let left = recorded.artifacts[key]
      let right = recomputed.artifacts[key]
      guard left != right else { continue }
      differences.append(Self.difference(.artifact, key, (left?.digest, right?.digest)))
    }
    self.compared = compared
    self.differences = differences.enumerated().sorted { left, right in
      (left.element.kind.rawValue, left.element.step ?? 0, left.offset)
        < (right.element.kind.rawValue, right.element.step ?? 0, right.offset)
    }.map(\.element)
  }

  private static let absent = "absent"

  private static func difference(
    _ kind: Difference.Kind, _ key: String, _ digests: (Digest?, Digest?)
  ) -> Difference {
    Difference(
      kind: kind, key: key, step: nil, recorded: digests.0?.hex ?? absent,
      recomputed: digests.1?.hex ?? absent, numbers: nil)
  }

  private static func points(_ series: Series?) -> [Int: Double] {
    guard let series else { return [:] }
    return Dictionary(zip(series.steps, series.values), uniquingKeysWith: { first, _ in first })
  }
}
