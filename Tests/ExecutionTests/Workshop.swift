import Determinism
import Execution
import Glibc
import Records
import Studies
import Synchronization

/// A registry in a folder of its own, removed afterwards.
final class Workshop: Sendable {
  let folder: String

  init() {
    // Memory where there is some: these tests are about order, not about disks, and make many an fsync.
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(base)/toys-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no temporary folder") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(folder) }

  private static func remove(_ path: String) {
    if let directory = opendir(path) {
      chmod(path, 0o700)
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(directory)
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  func registry() throws -> Registry { try Registry(at: "\(folder)/registry") }
}

/// Seconds that grow by one with each question, so that rates are whole numbers.
final class ToyClock: Sendable {
  private let ticks = Mutex(0)
  var clock: Clock {
    Clock(
      date: { "2026-01-01T00:00:00Z" },
      seconds: {
        self.ticks.withLock { ticks in
          ticks += 1
          return Double(ticks)
        }
      })
  }
}

final class EventLog: Reporter {
  private let log = Mutex<[RunnerEvent]>([])
  var events: [RunnerEvent] { log.withLock { $0 } }
  func report(_ event: RunnerEvent) { log.withLock { $0.append(event) } }
}

extension RunnerOptions {
  static func toy(_ change: (inout RunnerOptions) -> Void = { _ in }) -> RunnerOptions {
    var options = RunnerOptions(clock: ToyClock().clock)
    change(&options)
    return options
  }
}

extension RerunOptions {
  static func toy(_ change: (inout RerunOptions) -> Void = { _ in }) -> RerunOptions {
    var options = RerunOptions(clock: ToyClock().clock)
    change(&options)
    return options
  }
}

extension Registry {
  /// Values of every stage by key: what must not depend on how the plan was performed.
  func values() throws -> [Digest: Digest] { try snapshot().stages.mapValues(\.valuesDigest) }
  func damage() throws -> [Finding] { try check(deep: true).filter { $0.severity == .damage } }
  func states() throws -> Set<RunState> { Set(try snapshot().states.values) }
}

struct Killed: Error {}

/// Forwards to a registry until the n-th call that writes, which it does not let through; from then on
/// nothing gets through, as after a kill.
final class MortalRegistry: RegistryInterface {
  private let inner: any RegistryInterface
  private let left: Mutex<Int>

  init(_ inner: any RegistryInterface, calls: Int) {
    self.inner = inner
    left = Mutex(calls)
  }

  var wasKilled: Bool { left.withLock { $0 < 0 } }

  private func write<Result>(_ body: () throws -> Result) throws -> Result {
    try left.withLock { left in
      left = left < 0 ? left : left - 1
      if left < 0 { throw Killed() }
    }
    return try body()
  }

  private func read<Result>(_ body: () throws -> Result) throws -> Result {
    if wasKilled { throw Killed() }
    return try body()
  }

  var origin: Digest { inner.origin }
  func record(_ study: StudyRecord) throws { try write { try inner.record(study) } }
  func stage(_ key: Digest) throws -> StageRecord? { try read { try inner.stage(key) } }
  func record(stage: PlannedStep, values: StageValues, circumstances: JSON.Object, slug: String)
    throws
    -> StageRecord
  {
    try write {
      try inner.record(stage: stage, values: values, circumstances: circumstances, slug: slug)
    }
  }
  func open(_ run: RunRecord) throws { try write { try inner.open(run) } }
  func complete(_ run: RunRecord) throws { try write { try inner.complete(run) } }
  func mark(_ run: Digest, _ state: RunState, note: String) throws {
    try write { try inner.mark(run, state, note: note) }
  }
  func state(of run: Digest) throws -> RunState? { try read { try inner.state(of: run) } }
  func record(_ freeze: FreezeRecord) throws { try write { try inner.record(freeze) } }
  func record(_ assessment: AssessmentRecord) throws { try write { try inner.record(assessment) } }
  func record(_ rerun: RerunRecord) throws { try write { try inner.record(rerun) } }
  func artifact(_ digest: Digest) throws -> [UInt8] { try read { try inner.artifact(digest) } }
  func holds(_ digest: Digest) -> Bool { inner.holds(digest) }
  func resumePoint(_ key: Digest) throws -> ResumePoint? { try read { try inner.resumePoint(key) } }
  func save(_ point: ResumePoint, for key: Digest) throws {
    try write { try inner.save(point, for: key) }
  }
  func withClaim<Result>(on key: Digest, _ body: () throws -> Result) throws -> Result {
    try inner.withClaim(on: key, body)
  }
  func snapshot() throws -> Snapshot { try read { try inner.snapshot() } }
}

/// A workshop with its registry open.
struct OpenWorkshop: Sendable {
  let workshop: Workshop
  let registry: Registry

  /// The same registry opened once more, as another process would.
  func again() throws -> Registry { try workshop.registry() }

  func freeze(_ plan: Plan) throws {
    let snapshot = try registry.snapshot()
    try registry.record(
      FreezeRecord(
        slug: plan.slug, studyDigest: Digest(of: plan.study),
        predictions: plan.study["predictions"]!,
        tolerances: plan.study["tolerances"]!, codeVersion: "toy", ledgerHead: snapshot.head,
        runsBefore: snapshot.runs.count, circumstances: JSON.Object()))
  }

  /// The file of an object.
  func object(_ digest: Digest) -> String {
    "\(workshop.folder)/registry/objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
  }

  /// Leaves the registry as an import without weights does.
  func removeRemade() throws {
    for stage in try registry.snapshot().stages.values {
      for artifact in stage.artifacts.values where artifact.role == .remade {
        unlink(object(artifact.digest))
      }
    }
  }
}

extension Workshop {
  static func temporary() throws -> OpenWorkshop {
    let workshop = Workshop()
    return OpenWorkshop(workshop: workshop, registry: try workshop.registry())
  }

  /// The values of the toy study's development runs when nothing goes wrong.
  static func complete() throws -> [Digest: Digest] { try expected.get() }

  private static let expected = Result {
    let catalog = Catalog.toy(Laboratory())
    let workshop = try temporary()
    _ = try Runner(registry: workshop.registry, catalog: catalog, options: .toy())
      .perform(toyPlan(catalog))
    return try workshop.registry.values()
  }
}

/// A worker in a thread of its own.
final class ThreadWorker: Worker, @unchecked Sendable {
  private var thread = pthread_t()
  private let status = Mutex<Int32>(-1)

  init(_ body: @escaping @Sendable () throws -> Int32) {
    let work = Work { [weak self] in
      let result = (try? body()) ?? 70
      self?.status.withLock { $0 = result }
    }
    pthread_create(
      &thread, nil,
      { pointer in
        Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
  }

  private final class Work {
    let body: () -> Void
    init(body: @escaping () -> Void) { self.body = body }
  }

  func wait() -> Int32 {
    pthread_join(thread, nil)
    return status.withLock { $0 }
  }
}

extension String {
  /// Every occurrence replaced; the text must be there, or a test would change nothing.
  func replacing(_ old: String, with new: String) -> String {
    let parts = self.split(separator: old, omittingEmptySubsequences: false)
    precondition(parts.count > 1, "'\(old)' is not in the text")
    return parts.joined(separator: new)
  }
}
