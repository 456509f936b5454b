import Determinism
import Studies
import Testing

@testable import Records

@Suite struct RunStateTests {
  let folder = Folder()

  private func prepared() throws -> (Registry, RunRecord, PlannedStep) {
    let registry = try Registry(at: folder["r"])
    try registry.record(Fixture.study())
    let step = Fixture.step()
    return (registry, Fixture.run(registry, stages: [step]), step)
  }

  private func perform(_ step: PlannedStep, _ registry: Registry) throws {
    _ = try registry.record(
      stage: step, values: StageValues(scalars: ["r1": 1]), circumstances: JSON.Object(),
      slug: "toy-study")
  }

  @Test func `a run goes from planned through running to completed`() throws {
    let (registry, run, step) = try prepared()
    #expect(try registry.state(of: run.id) == nil)
    try registry.plan([run])
    #expect(try registry.state(of: run.id) == .planned)
    try registry.open(run)
    #expect(try registry.state(of: run.id) == .running)
    #expect(try registry.attempt(of: run.id)?.number == 1)
    try perform(step, registry)
    try registry.complete(run)
    #expect(try registry.state(of: run.id) == .completed)
    #expect(try registry.run(run.id)?.document == run.document)
    #expect(try registry.snapshot().states == [run.id: .completed])
  }

  @Test func `a run is not completed without its stages or its study`() throws {
    let (registry, run, step) = try prepared()
    try registry.open(run)
    #expect(
      throws: RegistryError.missingStage(run: run.id, stage: "toy-0", key: step.key)
    ) { try registry.complete(run) }
    #expect(try registry.state(of: run.id) == .running)
    let other = Fixture.run(registry, slug: "unrecorded", stages: [step])
    let stranger = RunRecord(
      slug: other.slug, studyDigest: Digest(of: "elsewhere"), run: other.run,
      origin: other.origin, ordinal: 0, circumstances: JSON.Object())
    try registry.open(stranger)
    #expect(
      throws: RegistryError.missingStudy(run: stranger.id, study: Digest(of: "elsewhere"))
    ) { try registry.complete(stranger) }
  }

  @Test func `a completed run is completed once and stays so`() throws {
    let (registry, run, step) = try prepared()
    try registry.open(run)
    try perform(step, registry)
    try registry.complete(run)
    try registry.complete(run)
    try registry.mark(run.id, .failed, note: "too late")
    #expect(try registry.state(of: run.id) == .completed)
    #expect(throws: RegistryError.alreadyCompleted(run: run.id)) { try registry.open(run) }
    let again = Fixture.run(registry, stages: [step], ordinal: 1)
    try registry.open(again)
    try registry.complete(again)
    #expect(again.id != run.id)
    #expect(try registry.snapshot().runs.map(\.ordinal) == [0, 1])
  }

  @Test(arguments: [RunState.failed, .interrupted])
  func `a run that stopped may run again`(state: RunState) throws {
    let (registry, run, step) = try prepared()
    try registry.open(run)
    try registry.mark(run.id, state, note: "because\u{0}so")
    #expect(try registry.state(of: run.id) == state)
    #expect(try registry.attempt(of: run.id)?.note == "because\u{0}so")
    #expect(
      throws: RegistryError.illegalTransition(run: run.id, from: state, to: .completed)
    ) { try registry.complete(run) }
    try registry.open(run)
    #expect(try registry.attempt(of: run.id)?.number == 2)
    try perform(step, registry)
    try registry.complete(run)
    #expect(try registry.state(of: run.id) == .completed)
  }

  @Test func `what cannot follow is refused`() throws {
    let (registry, run, _) = try prepared()
    #expect(throws: RegistryError.unknown(kind: "run", id: run.id)) {
      try registry.mark(run.id, .failed, note: "")
    }
    try registry.open(run)
    for state in [RunState.completed, .planned, .running] {
      #expect(
        throws: RegistryError.illegalTransition(run: run.id, from: .running, to: state)
      ) { try registry.mark(run.id, state, note: "") }
    }
  }

  @Test func `the kernel tells who works on a run, and others may join`() throws {
    let (_, run, step) = try prepared()
    // A connection of its own is to a flock what a process of its own is.
    var owner: Registry? = try Registry(at: folder["r"])
    var helper: Registry? = try Registry(at: folder["r"])
    let observer = try Registry(at: folder["r"], access: .readOnly)
    try owner!.open(run)
    #expect(try observer.state(of: run.id) == .running)
    try helper!.open(run)
    #expect(try observer.attempt(of: run.id)?.number == 1)
    owner = nil
    #expect(try observer.state(of: run.id) == .running)
    helper = nil
    #expect(try observer.state(of: run.id) == .interrupted)
    #expect(try observer.snapshot().states[run.id] == .interrupted)
    let heir = try Registry(at: folder["r"])
    try heir.open(run)
    #expect(try observer.attempt(of: run.id)?.number == 2)
    try perform(step, heir)
    try heir.complete(run)
    #expect(try observer.state(of: run.id) == .completed)
  }

  @Test func `a run of another registry is refused`() throws {
    let (registry, run, _) = try prepared()
    let foreign = RunRecord(
      slug: run.slug, studyDigest: run.studyDigest, run: run.run, origin: Digest(of: "other"),
      ordinal: 0, circumstances: JSON.Object())
    #expect(throws: RegistryError.foreignOrigin(run: foreign.id, origin: Digest(of: "other"))) {
      try registry.open(foreign)
    }
  }

  @Test func `a claim on a stage is exclusive and leaves nothing behind`() throws {
    let (registry, _, step) = try prepared()
    let file = folder["r/locks/\(step.key.hex).claim"]
    try registry.withClaim(on: step.key) {
      let other = try FileLock(file)
      #expect(try !other.lock(.exclusive, waiting: false))
    }
    #expect(Path.kind(of: file) == .missing)
    struct Stopped: Error {}
    #expect(throws: Stopped.self) {
      try registry.withClaim(on: step.key) { throw Stopped() }
    }
    #expect(try registry.withClaim(on: step.key) { 5 } == 5)
  }
}
