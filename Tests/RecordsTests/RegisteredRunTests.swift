import Determinism
import Glibc
import Statistics
import Studies
import Testing

@testable import Records

@Suite struct RegisteredRunTests {
  let folder = Folder()

  private func registry(_ name: String = "r") throws -> Registry { try Registry(at: folder[name]) }

  private func damage(_ registry: Registry) throws -> [Registry.Finding] {
    try registry.check(deep: true).filter { $0.severity == .damage }
  }

  @Test func `a registered run comes back from the database bit for bit`() throws {
    let registry = try registry()
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    let read = try #require(try registry.registeredRun(run.id))
    #expect(read.document == run.document)
    #expect(read.tags == ["a", "b"])
    #expect(try damage(registry) == [])
    let again = try Registry(at: folder["r"], access: .readOnly).snapshot()
    #expect(try again.registeredRecords().map(\.document) == [run.document])
    #expect(again.chains.flatMap(\.entries).map(\.kind) == ["registered-run"])
  }

  @Test(arguments: 0..<40)
  func `a document read back gives the same bytes`(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), "registered documents")
    let values = Fixture.values(&stream)
    let run = RegisteredRunRecord(
      slug: "s", name: stream.bool() ? "" : "é", clientID: stream.bool() ? nil : "id",
      config: JSON.members(["x": JSON(stream.element(of: awkwardDoubles))]), tags: ["t"],
      state: stream.element(of: [.completed, .failed, .interrupted]),
      parent: stream.bool() ? nil : Digest(of: "p"), notes: "n",
      values: RecordedValues(
        scalars: values.scalars, series: values.series, curves: values.curves,
        artifacts: values.artifacts.mapValues(\.reference)), circumstances: JSON.Object())
    let bytes = run.document.canonicalBytes
    let record = try AnyRecord(document: JSON(parsing: bytes))
    #expect(record.document.canonicalBytes == bytes, "seed \(seed)")
    #expect(record.kind == .registeredRun && record.slug == "s")
    // The hash that is found without building the document is the document's.
    #expect(run.digest == Digest(of: bytes) && run.fingerprint.size == bytes.count, "seed \(seed)")
    #expect(run.valuesDigest == Digest(of: run.values.document), "seed \(seed)")
    #expect(run.id(of: run.digest) == run.id, "seed \(seed)")
  }

  @Test func `the same content is one run, other content under its id is refused`() throws {
    let registry = try registry()
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    let head = try registry.head()
    #expect(try !registry.register(run, artifacts: Fixture.registeredArtifacts))
    #expect(try registry.head() == head)
    let other = Fixture.registered(name: "other")
    #expect(other.id == run.id)
    #expect(throws: RegistryError.conflictingRun(id: run.id, clientID: "n-1")) {
      try registry.register(other, artifacts: Fixture.registeredArtifacts)
    }
    #expect(try registry.head() == head)
    // Without an id of its owner's, the content is the identity.
    let nameless = [
      Fixture.registered(clientID: nil), Fixture.registered(name: "x", clientID: nil),
    ]
    for run in nameless { #expect(try registry.register(run)) }
    #expect(Set(nameless.map(\.id)).count == 2)
    // The same id in another study is another run.
    #expect(try registry.register(Fixture.registered(slug: "another")))
    #expect(try registry.snapshot().registered.count == 4)
    #expect(try damage(registry) == [])
  }

  @Test func `of several runs one that is refused is no obstacle to the others`() throws {
    let registry = try registry()
    let runs = [
      Fixture.registered(scalars: ["a": 1]), Fixture.registered(clientID: "n-2"),
      Fixture.registered(scalars: ["a": 2]), Fixture.registered(clientID: "n-2"),
    ]
    let answers = try registry.register(
      runs.map { Registry.Submission($0, artifacts: Fixture.registeredArtifacts) })
    #expect(try answers[0].get() && answers[1].get())
    #expect(throws: RegistryError.conflictingRun(id: runs[0].id, clientID: "n-1")) {
      try answers[2].get()
    }
    #expect(try !answers[3].get())
    #expect(try registry.snapshot().registered.count == 2)
    #expect(try damage(registry) == [])
  }

  @Test func `a disk that refuses an artifact refuses all runs, so that their order stays`() throws
  {
    let registry = try registry()
    let objects = registry.objects.folder
    rmdir(objects)
    try DurableFile.write([], to: objects)
    let submissions = [
      Registry.Submission(Fixture.registered(), artifacts: Fixture.registeredArtifacts),
      Registry.Submission(
        RegisteredRunRecord(
          slug: "plain", name: "without artifacts", clientID: nil, config: JSON.Object(), tags: [],
          state: .completed, parent: nil, notes: "", values: RecordedValues(),
          circumstances: JSON.Object())),
    ]
    let error = #expect(throws: RegistryError.self) { try registry.register(submissions) }
    #expect(error?.isOfTheDisk == true, "\(String(describing: error))")
    #expect(try registry.snapshot().registered.isEmpty)
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 9000])
  func `the hash of a long series is that of its document`(points: Int) throws {
    var random = RandomStream(seed: UInt64(points), "long series")
    var series = Series()
    var step = Int.min + 1
    for _ in 0..<points {
      series.append(Double(bitPattern: random.next()), at: step)
      step += 1 + random.below(1 << 50)
    }
    let run = Fixture.registered(
      series: ["x": series, "empty": Series(), "\u{1}\"é": series])
    #expect(run.digest == Digest(of: run.document))
    #expect(run.valuesDigest == Digest(of: run.values.document))
    let streamed = try StreamedRun(run).fingerprint()
    #expect(streamed.record == run.digest && streamed.values == run.valuesDigest)
    // And so it is out of the database, where the points are read and written piece by piece.
    let registry = try registry()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    #expect(try damage(registry) == [])
    #expect(try registry.registeredRun(run.id)?.document == run.document)
    try registry.verify(registered: run.id)
  }

  @Test func `a kept artifact has to come along`() throws {
    let registry = try registry()
    let run = Fixture.registered()
    let kept = try #require(Fixture.registeredArtifacts.keys.first)
    #expect(throws: RegistryError.notHeld(kept)) { try registry.register(run) }
    #expect(try registry.snapshot().registered.isEmpty)
    #expect(try registry.snapshot().chains.isEmpty)
  }

  @Test func `what an archive could not carry is refused`() throws {
    let registry = try registry()
    let run = Fixture.registered()
    let size = run.document.canonicalBytes.count
    #expect(throws: RegistryError.tooLarge(bytes: size, limit: size - 1)) {
      try registry.register(run, artifacts: Fixture.registeredArtifacts, atMost: size - 1)
    }
    #expect(try registry.snapshot().registered.isEmpty)
  }

  @Test(arguments: [
    ("registered_scalar", "UPDATE registered_scalar SET bits = x'3FF0000000000000'"),
    ("registered_scalar", "DELETE FROM registered_scalar WHERE name = 3"),
    (
      "registered_series",
      "UPDATE registered_series SET bits = CAST(substr(bits, 9) || substr(bits, 1, 8) AS BLOB)"
    ),
    ("registered_curve", "UPDATE registered_curve SET positives = positives + 1"),
    ("registered_artifact", "UPDATE registered_artifact SET size = size + 1"),
    ("registered_run", "UPDATE registered_run SET config = '{}'"),
    ("registered_run", "UPDATE registered_run SET state = 'completed'"),
    ("registered_run", "UPDATE registered_run SET client_id = NULL"),
    ("registered_run", "UPDATE registered_run SET values_digest = zeroblob(32)"),
    ("registered_run", "UPDATE registered_run SET config_digest = zeroblob(32)"),
  ])
  func `an edit by hand is found`(table: String, sql: String) throws {
    let registry = try registry()
    #expect(
      try registry.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
    try registry.queue.write { db in
      for verb in ["update", "delete"] {
        try db.execute(sql: "DROP TRIGGER \(table)_refuses_\(verb)")
      }
      try db.execute(sql: sql)
      for statement in Schema.triggers(on: table) { try db.execute(sql: statement) }
    }
    #expect(try !damage(registry).isEmpty)
  }

  @Test func `a kept artifact that is gone or changed is damage`() throws {
    let registry = try registry()
    #expect(
      try registry.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
    let digest = try #require(Fixture.registeredArtifacts.keys.first)
    let path = registry.objects.path(of: digest)
    chmod(path, 0o644)
    try DurableFile.write([1, 2, 3], to: path)
    #expect(try damage(registry).count == 1)
    unlink(path)
    #expect(try damage(registry).map(\.message) == ["a kept artifact is missing"])
  }

  @Test func `many connections register into one fresh registry`() async throws {
    let path = folder["shared"]
    let made = try await withThrowingTaskGroup(of: Int.self) { group in
      for worker in 0..<6 {
        group.addTask {
          let registry = try Registry(at: path)
          var count = 0
          for number in 0..<10 {
            // Every run is offered by two workers.
            let run = Fixture.registered(
              clientID: "\(worker / 2)-\(number)", scalars: ["number": Double(number)])
            if try registry.register(run, artifacts: Fixture.registeredArtifacts) { count += 1 }
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(made == 30)
    let registry = try Registry(at: path, access: .readOnly)
    #expect(try registry.snapshot().registered.count == 30)
    #expect(try damage(registry) == [])
  }
}
