import Determinism
import Glibc
import Studies
import Testing

@testable import Records

@Suite struct GarbageTests {
  let folder = Folder()

  private func damage(_ registry: Registry) throws -> [Registry.Finding] {
    try registry.check(deep: true).filter { $0.severity == .damage }
  }

  private let everything = GarbageRules(before: .max)
  private let withWeights = GarbageRules(before: .max, weights: true)

  private func place(of artifact: String) throws -> String {
    let digest = try #require(Fixture.richValues.artifacts[artifact]).reference.digest
    return "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
  }

  @Test func `a sound registry has no garbage`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    #expect(try registry.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
    #expect(try registry.garbage(everything) == [])
    let head = try registry.head()
    #expect(try registry.collect(everything, circumstances: JSON.Object()) == [])
    #expect(try registry.head() == head)
  }

  @Test func `what no record needs is found, and nothing else is removed`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    let head = try registry.head()
    let recorded = try #require(try registry.snapshot().stages.keys.min())
    let open = Digest(of: "a stage that nobody goes on with")
    let stray: [UInt8] = [1, 2, 3]
    try registry.restore(stray)
    for key in [recorded, open] { try registry.save(ResumePoint(step: 1, bytes: [9]), for: key) }
    let hex = Digest(of: stray).hex
    try folder.write("r/objects/\(hex.prefix(2))/.tmp-1-2", [0])
    try folder.write("r/objects/.tmp-3-4", [0, 0])
    try folder.write("r/notes.txt", [0])
    let found = try registry.garbage(everything)
    #expect(
      found.map(\.kind) == [.resumePoint, .resumePoint, .unfinished, .unfinished, .object])
    // What is younger may be about to be recorded; a resume point of a recorded stage never is.
    #expect(
      try registry.garbage(GarbageRules(before: 0)).map(\.place) == ["resume/\(recorded.hex)"])
    #expect(try registry.collect(everything, circumstances: JSON.Object()) == found)
    #expect(try registry.garbage(everything) == [])
    #expect(try !registry.holds(Digest(of: stray)) && registry.resumePoint(open) == nil)
    #expect(Path.kind(of: folder["r/notes.txt"]) == .file, "what is not ours stays")
    #expect(try registry.head() == head)
    #expect(try damage(registry) == [])
  }

  @Test func `weights go on request alone, and the ledger says so`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    let head = try registry.head()
    let found = try registry.garbage(withWeights)
    #expect(try found.map(\.place) == [place(of: "weights")])
    #expect(found.first?.studies == ["toy-study"])
    #expect(try registry.garbage(GarbageRules(before: .max, weights: true, study: "other")) == [])
    let facts = JSON.members(["at": "now"])
    #expect(try registry.collect(withWeights, circumstances: facts) == found)
    #expect(try registry.head() != head)
    let entry = try #require(try registry.snapshot().chains.first?.entries.last)
    #expect(entry.kind == "tombstone")
    guard case .tombstone(let tombstone) = try registry.record(.tombstone, entry.record) else {
      Issue.record("no tombstone")
      return
    }
    let weights = try #require(Fixture.richValues.artifacts["weights"]).reference
    #expect(tombstone.artifacts == [.init(digest: weights.digest, size: weights.size)])
    #expect(tombstone.slug == "toy-study" && tombstone.circumstances == facts)
    #expect(try registry.check(deep: true).map(\.severity) == [.notHeld])
    // Again: nothing is there any more, and nothing is said.
    let after = try registry.head()
    #expect(try registry.collect(withWeights, circumstances: facts) == [])
    #expect(try registry.head() == after)
    // Who has them may put them back.
    try registry.restore(Fixture.richValues.artifacts["weights"]!.bytes)
    #expect(try registry.check(deep: true) == [])
  }

  @Test func `weights that a run under way rests on stay`() throws {
    let registry = try Registry(at: folder["r"])
    try registry.record(Fixture.study())
    let step = Fixture.step(kind: "pretrain")
    let run = Fixture.run(registry, stages: [step, Fixture.step(kind: "probe")])
    try registry.open(run)
    _ = try registry.record(
      stage: step, values: Fixture.richValues, circumstances: JSON.Object(), slug: "toy-study")
    #expect(try registry.garbage(withWeights) == [])
    try registry.mark(run.id, .interrupted, note: "")
    #expect(try registry.garbage(withWeights) == [], "an interrupted one may go on")
  }

  @Test func `an artifact that is gone already is no obstacle`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    unlink(folder["r/\(try place(of: "weights"))"])
    unlink(folder["r/\(try place(of: "scores"))"])
    try registry.restore([4])
    #expect(
      try registry.collect(withWeights, circumstances: JSON.Object()).map(\.kind) == [.object])
    #expect(try damage(registry).count == 1, "a kept artifact that is missing stays damage")
  }

  @Test func `an artifact that a second record names is young again`() throws {
    let registry = try Registry(at: folder["r"])
    let artifact = Fixture.registeredArtifacts.first!
    try registry.restore(artifact.value)
    var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, registry.objects.path(of: artifact.key), &times, 0) == 0)
    #expect(try registry.garbage(GarbageRules(before: 2000)).count == 1)
    try registry.restore(artifact.value)
    #expect(try registry.garbage(GarbageRules(before: 2000)) == [])
  }

  /// Registrars and collectors at once, everything that no record names being garbage at once.
  @Test func `whoever registers while garbage is collected loses nothing`() async throws {
    let path = folder["r"]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let registry = try Registry(at: path)
          for number in 0..<40 {
            // The same artifacts again and again, so that they are abandoned and needed in turn.
            let bytes = Array("\(number % 5)".utf8)
            let run = RegisteredRunRecord(
              slug: "s", name: "\(writer)-\(number)", clientID: nil, config: JSON.Object(),
              tags: [],
              state: .completed, parent: nil, notes: "",
              values: RecordedValues(artifacts: [
                "a": ArtifactReference(
                  role: .kept, mediaType: "x", digest: Digest(of: bytes), size: bytes.count)
              ]), circumstances: JSON.Object())
            #expect(try registry.register(run, artifacts: [Digest(of: bytes): bytes]))
            let stray = Array("stray \(writer) \(number)".utf8)
            try registry.restore(stray)
          }
        }
      }
      for _ in 0..<2 {
        group.addTask {
          let registry = try Registry(at: path)
          for _ in 0..<30 {
            _ = try registry.collect(GarbageRules(before: .max), circumstances: JSON.Object())
          }
        }
      }
      try await group.waitForAll()
    }
    let registry = try Registry(at: path)
    #expect(try registry.snapshot().registered.count == 160)
    #expect(try damage(registry) == [])
  }

  @Test func `a tombstone passes through its document and another registry unchanged`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    _ = try registry.collect(withWeights, circumstances: JSON.members(["at": "then"]))
    let other = try Registry(at: folder["other"])
    let merge = try other.compare(with: registry)
    _ = try other.perform(merge, from: registry)
    #expect(try other.head() == registry.head())
    #expect(try damage(other) == [])
    let document = TombstoneRecord(
      slug: "s", artifacts: [.init(digest: Digest(of: "a"), size: 1)], circumstances: JSON.Object()
    ).document
    #expect(try AnyRecord(document: document).document == document)
    for wrong in [#"{"sha256": 1, "size": 1}"#, #"{"sha256": "00", "size": 1}"#, "3"] {
      var object = try #require(document.object)
      object["artifacts"] = .array([try JSON(parsing: wrong)])
      #expect(throws: RecordFormatError.self) { try AnyRecord(document: .object(object)) }
    }
  }
}
