import Determinism
import Records
import Studies

/// A deliberate change of a recorded plan before it is rerun, to see that reruns notice.
///
/// Text form `stage:path=value`: `implant:seed=7`, `implant:steps=900`, `implant:organism.onset="delayed"`,
/// `pretrain:artifact.weights=1000` (flips all bits of byte 1000 of what the stage hands on).
package struct PlanChange: Equatable, Sendable {
  package enum Target: Equatable, Sendable {
    case seed(UInt64)
    case option(path: [String], value: JSON)
    case artifactByte(name: String, offset: Int)
  }
  /// The stage's name in the run.
  package let stage: String
  package let target: Target

  package init(stage: String, target: Target) {
    self.stage = stage
    self.target = target
  }

  /// nil when the text is not of the form.
  package init?(parsing text: String) {
    let parts = text.utf8.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2,
      let colon = parts[0].firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    let stage = String(decoding: Array(parts[0][..<colon]), as: UTF8.self)
    let path = parts[0][parts[0].index(after: colon)...].split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false
    ).map { String(decoding: Array($0), as: UTF8.self) }
    let value = Array(parts[1])
    guard !stage.isEmpty, path.allSatisfy({ !$0.isEmpty }), path.first != nil else { return nil }
    let json = (try? JSON(parsing: value)) ?? JSON(String(decoding: value, as: UTF8.self))
    switch path[0] {
    case "seed" where path.count == 1:
      guard let seed = json.uint64 else { return nil }
      self.init(stage: stage, target: .seed(seed))
    case "artifact":
      guard path.count >= 2, let offset = json.int, offset >= 0 else { return nil }
      let name = path.dropFirst().joined(separator: ".")
      self.init(stage: stage, target: .artifactByte(name: name, offset: offset))
    default: self.init(stage: stage, target: .option(path: path, value: json))
    }
  }

  /// Whether the stage has what is to be changed: a change of nothing would look like a rerun that notices
  /// nothing.
  func isPossible(in run: RunRecord, stages: [Digest: StageRecord]) -> Bool {
    guard let key = run.run.stages.first(where: { $0.name == stage })?.key, let record = stages[key]
    else { return false }
    switch target {
    case .seed(let seed): return record.step.seed != seed
    case .option(let path, let value):
      return record.step.options.value(at: path).map { $0 != value } ?? false
    case .artifactByte(let name, let offset): return offset < record.artifacts[name]?.size ?? 0
    }
  }

  /// The step with the change.
  func applied(to step: PlannedStep) -> PlannedStep {
    var seed = step.seed
    var options = step.options
    switch target {
    case .seed(let other): seed = other
    case .option(let path, let value): options = options.setting(path, to: value)
    case .artifactByte: break
    }
    return PlannedStep(
      kind: step.kind, version: step.version, options: options, seed: seed, backend: step.backend,
      inputs: step.inputs)
  }

  /// The values with the change; unchanged when the stage made no such byte.
  func applied(to values: StageValues) -> StageValues {
    guard case .artifactByte(let name, let offset) = target, let artifact = values.artifacts[name],
      artifact.bytes.indices.contains(offset)
    else { return values }
    var values = values
    var bytes = artifact.bytes
    bytes[offset] ^= 0xFF
    values.artifacts[name] = Artifact(
      role: artifact.role, mediaType: artifact.mediaType, bytes: bytes)
    return values
  }
}
