import Determinism

/// One kind of step of a plan: `pretrain`, `implant`, `evaluate`, `probe`, …
///
/// The runner knows stages only by this protocol. What a stage returns is a function of its options, its
/// seed, the gemm backend and its inputs, and of nothing else: see the determinism contract.
package protocol Stage: Sendable {
  /// The name that study files use.
  var kind: String { get }
  /// Raised whenever the values of some stage key would change. Archives name it.
  var version: Int { get }
  /// One sentence for people: tables, the site's method page.
  var summary: String { get }
  /// What may stand under the stage in a study file.
  var options: [OptionSpecification] { get }
  /// Which keys of the study's `organism:` and `model:` it depends on, as `"organism.onset"`, or a whole
  /// section as `"model"`. Only these enter its stage key.
  var reads: [String] { get }
  /// Whether its work depends on the arm.
  var readsArm: Bool { get }
  /// What it takes from earlier stages.
  var inputs: [StageInputSpecification] { get }
  /// What later stages can take from it, e.g. `["model"]`.
  var outputs: Set<String> { get }

  /// Whether runs of this arm perform the stage at all (`base` is never implanted).
  func applies(toArm arm: String) -> Bool
  /// Problems that single options cannot show, each with the path of the option at fault.
  func problems(in options: JSON.Object) -> [OptionProblem]
  /// Does the work. Throws `StageInterrupted` after saving a resume point when asked to stop.
  func perform(in context: StageContext) throws -> StageValues
}

extension Stage {
  package func applies(toArm arm: String) -> Bool { true }
  package func problems(in options: JSON.Object) -> [OptionProblem] { [] }
}

/// One input of a stage: the nearest earlier stage of the run whose `outputs` contain `takes`, unless the
/// study file names another with `from:`.
package struct StageInputSpecification: Equatable, Sendable {
  package let port: String
  package let takes: String
  package let taken: Taken

  package enum Taken: Equatable, Sendable {
    case always
    /// Where the study file names it with `from:`.
    case whereNamed
    /// Always, and the study file has to name it: the nearest one would be the wrong one.
    case asNamed
    /// Where an option of the stage has a value.
    case whereOption(String, JSON)
  }

  package init(_ port: String, takes: String, _ taken: Taken = .always) {
    self.port = port
    self.takes = takes
    self.taken = taken
  }

  /// Whether a stage with these options takes it.
  func isTaken(with options: Settings, isNamed: Bool) -> Bool {
    switch taken {
    case .always, .asNamed: true
    case .whereNamed: isNamed
    case .whereOption(let option, let value): options[option] == value
    }
  }
}

/// A problem with one option, found after each option was read by itself.
package struct OptionProblem: Equatable, Sendable {
  package let path: String
  package let message: String
  package let hint: String?
  package init(path: String, message: String, hint: String? = nil) {
    self.path = path
    self.message = message
    self.hint = hint
  }
}

/// Thrown by a stage that was asked to stop and has saved where it was.
package struct StageInterrupted: Error {
  package init() {}
}

/// Everything a stage may depend on, and the ways it speaks while it works.
package struct StageContext: Sendable {
  /// The stage's own options with defaults filled in; under `"organism"` and `"model"` what it `reads`;
  /// under `"arm"` the arm if it `readsArm`. Exactly what its key digests.
  package let options: JSON.Object
  package let seed: UInt64
  /// By port.
  package let inputs: [String: StageOutput]
  /// `"own"`, or `"openblas/<core type>"`.
  package let backend: String
  /// Worker threads to use; never changes a value.
  package let threads: Int
  /// Where an earlier, killed attempt had got to.
  package let resumePoint: ResumePoint?
  /// Shown, never recorded as values.
  package let report: @Sendable (StageProgress) -> Void
  /// Makes the point durable before it returns.
  package let save: @Sendable (ResumePoint) throws -> Void
  /// Asked at step boundaries: true after SIGINT or SIGTERM.
  package let shouldStop: @Sendable () -> Bool

  package init(
    options: JSON.Object, seed: UInt64, inputs: [String: StageOutput], backend: String = "own",
    threads: Int = 1, resumePoint: ResumePoint? = nil,
    report: @escaping @Sendable (StageProgress) -> Void = { _ in },
    save: @escaping @Sendable (ResumePoint) throws -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.options = options
    self.seed = seed
    self.inputs = inputs
    self.backend = backend
    self.threads = threads
    self.resumePoint = resumePoint
    self.report = report
    self.save = save
    self.shouldStop = shouldStop
  }
}

/// How far a stage is: `done` of `total` units (steps, prompts), and the newest number worth showing.
package struct StageProgress: Equatable, Sendable {
  package let done: Int
  package let total: Int
  /// e.g. `"steps"`.
  package let unit: String
  /// e.g. `"loss 1.382"`.
  package let note: String
  package init(done: Int, total: Int, unit: String, note: String = "") {
    self.done = done
    self.total = total
    self.unit = unit
    self.note = note
  }
}

/// State from which a stage continues with the bits it would have had anyway: weights, moments, step and
/// the series so far, in the stage's own encoding (safetensors for the science stages). Written at
/// optimiser-step boundaries only.
package struct ResumePoint: Equatable, Sendable {
  package let step: Int
  package let bytes: [UInt8]
  package init(step: Int, bytes: [UInt8]) {
    self.step = step
    self.bytes = bytes
  }
}

/// An earlier stage's result, as the stages after it see it.
package struct StageOutput: Sendable {
  package let key: Digest
  package let kind: String
  package let scalars: [String: Double]
  private let load: @Sendable (String) throws -> [UInt8]

  /// - Parameter load: the bytes of an artifact by name, verified against its digest.
  package init(
    key: Digest, kind: String, scalars: [String: Double],
    load: @escaping @Sendable (String) throws -> [UInt8]
  ) {
    self.key = key
    self.kind = kind
    self.scalars = scalars
    self.load = load
  }

  /// Throws when there is no such artifact, it is not held, or its bytes are damaged.
  package func artifact(_ name: String) throws -> [UInt8] { try load(name) }
}
