import Determinism
import Records
import Statistics
import Studies
import Testing

@testable import Execution

@Suite struct `Comparing values` {
  private func compare(_ left: StageValues, _ right: StageValues) -> ValueComparison {
    let step = PlannedStep(
      kind: "toy", version: 1, options: JSON.Object(), seed: 1, backend: "own", inputs: [:])
    return ValueComparison(
      recorded: StageRecord(step: step, values: left, circumstances: JSON.Object()),
      recomputed: right)
  }

  private func series(_ points: [(Int, Double)]) -> Series {
    var series = Series()
    for (step, value) in points { series.append(value, at: step) }
    return series
  }

  @Test(
    arguments: [
      (0.0, -0.0, 1), (1.0, 1.0.nextUp, 1), (-1.0, 1.0.nextUp, 2 * 0x3FF0_0000_0000_0000 + 2),
      (0.0, .leastNonzeroMagnitude, 1), (-.leastNonzeroMagnitude, .leastNonzeroMagnitude, 3),
      (.infinity, .greatestFiniteMagnitude, 1),
    ] as [(Double, Double, UInt64)]) func `bits decide, and ulps count doubles between`(
      left: Double, right: Double, ulps: UInt64
    ) throws
  {
    let comparison = compare(StageValues(scalars: ["x": left]), StageValues(scalars: ["x": right]))
    #expect(comparison.differences.map(\.ulps) == [ulps])
    #expect(
      compare(StageValues(scalars: ["x": left]), StageValues(scalars: ["x": left])).differences
        .isEmpty)
  }

  @Test func `NaNs of other patterns differ and have no distance`() {
    let other = Double(bitPattern: Double.nan.bitPattern | 1)
    let comparison = compare(StageValues(scalars: ["x": .nan]), StageValues(scalars: ["x": other]))
    #expect(comparison.differences.count == 1)
    #expect(comparison.differences[0].ulps == nil)
    #expect(
      compare(StageValues(scalars: ["x": other]), StageValues(scalars: ["x": other])).differences
        .isEmpty)
  }

  @Test
  func `the first divergence is the earliest step of any series, then scalars, curves, artifacts`()
  {
    let curve = ROCCurve(
      thresholds: [1], truePositives: [1], falsePositives: [1], positives: 1, negatives: 1)
    let changed = ROCCurve(
      thresholds: [1.5], truePositives: [1], falsePositives: [1], positives: 1, negatives: 1)
    let artifact = Artifact(role: .kept, mediaType: "text/plain", bytes: [1])
    let left = StageValues(
      scalars: ["a": 1, "b": 1],
      series: ["late": series([(0, 1), (1, 1)]), "zz": series([(0, 1)])],
      curves: ["c": curve], artifacts: ["f": artifact])
    let right = StageValues(
      scalars: ["b": 2, "n": 1],
      series: ["late": series([(0, 1), (1, 2)]), "zz": series([(0, 9)])],
      curves: ["c": changed], artifacts: [:])
    let comparison = compare(left, right)
    #expect(
      comparison.differences.map(\.path)
        == [
          "series/zz", "series/late", "scalars/a", "scalars/b", "scalars/n", "curves/c",
          "artifacts/f",
        ])
    #expect(comparison.differences[2].recomputed == "absent")
    #expect(comparison.differences[4].recorded == "absent")
    #expect(comparison.compared == 3 + 3 + 5 + 1)
  }

  @Test func `series of other lengths differ at the step that one lacks`() {
    let comparison = compare(
      StageValues(series: ["s": series([(0, 1), (10, 2)])]),
      StageValues(series: ["s": series([(0, 1), (10, 2), (20, 3)])]))
    #expect(comparison.differences.map(\.step) == [20])
    #expect(comparison.differences[0].recorded == "absent")
    let empty = compare(StageValues(series: ["s": Series()]), StageValues())
    #expect(empty.differences.map(\.recorded) == ["empty"])
  }

  /// Whatever a single change is, it is found, and nothing else is.
  @Test(arguments: 0..<50 as Range<UInt64>) func `every single change is found at its place`(
    seed: UInt64
  ) {
    var stream = RandomStream(seed: seed, "comparison")
    var left = StageValues()
    for index in 0..<6 {
      left.scalars["k\(index)"] = stream.normal()
      left.series["k\(index)"] = series((0..<4).map { ($0, stream.normal()) })
      left.artifacts["k\(index)"] = Artifact(
        role: .kept, mediaType: "x/y", bytes: (0..<8).map { _ in UInt8(stream.below(256)) })
    }
    var right = left
    let key = "k\(stream.below(6))"
    let expected: String
    switch stream.below(3) {
    case 0:
      let value = right.scalars[key]!
      right.scalars[key] = Double(bitPattern: value.bitPattern ^ 1 << UInt64(stream.below(64)))
      expected = "scalars/\(key)"
    case 1:
      let at = stream.below(4)
      let old = right.series[key]!
      right.series[key] = series(
        (0..<4).map { step in
          let value = old.values[step]
          return (
            step,
            step == at
              ? Double(bitPattern: value.bitPattern ^ 1 << UInt64(stream.below(64))) : value
          )
        })
      expected = "series/\(key)"
    default:
      var bytes = right.artifacts[key]!.bytes
      bytes[stream.below(8)] ^= 1 << UInt8(stream.below(8))
      right.artifacts[key] = Artifact(role: .kept, mediaType: "x/y", bytes: bytes)
      expected = "artifacts/\(key)"
    }
    #expect(compare(left, left).differences.isEmpty, "seed \(seed)")
    #expect(compare(left, right).differences.map(\.path) == [expected], "seed \(seed)")
  }
}
