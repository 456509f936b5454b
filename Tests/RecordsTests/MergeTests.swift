import Determinism
import Glibc
import Studies
import Testing

@testable import Records

@Suite struct MergeTests {
  let folder = Folder()

  private func damage(_ registry: Registry) throws -> [Registry.Finding] {
    try registry.check(deep: true).filter { $0.severity == .damage }
  }

  private func merge(_ other: Registry, into registry: Registry) throws -> Registry.Imported {
    try registry.perform(try registry.compare(with: other), from: other)
  }

  private func copy(_ name: String, to other: String) {
    func copy(_ from: String, _ to: String) {
      guard Path.kind(of: from) == .folder else {
        try? DurableFile.write((try? DurableFile.read(from)) ?? [], to: to)
        return
      }
      mkdir(to, 0o755)
      for name in Path.names(in: from) { copy("\(from)/\(name)", "\(to)/\(name)") }
    }
    copy(folder[name], folder[other])
  }

  @Test func `everything of the other is here afterwards, chains kept, and once is enough`() throws
  {
    let here = try Registry(at: folder["here"])
    try Fixture.fill(here, slug: "ours")
    let there = try Registry(at: folder["there"])
    try Fixture.fill(there, slug: "theirs", runs: 3)
    #expect(try there.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
    let chains = try there.snapshot().chains
    let before = try DurableFile.read(there.database)
    let added = try merge(there, into: here)
    #expect(added.records == chains.flatMap(\.entries).count && added.records > 8)
    let snapshot = try here.snapshot()
    for chain in chains {
      let kept = try #require(
        snapshot.chains.first { $0.origin == chain.origin && $0.slug == chain.slug })
      #expect(kept.entries == chain.entries)
    }
    #expect(snapshot.runs.count == 5 && snapshot.registered.count == 1)
    #expect(try damage(here) == [])
    for run in snapshot.runs { try here.verify(run: run.id) }
    let head = try here.head()
    #expect(try merge(there, into: here) == Registry.Imported())
    #expect(try here.head() == head)
    #expect(try DurableFile.read(there.database) == before, "the other is only read")
    // What came later comes with the next merge.
    #expect(try there.register(Fixture.registered(clientID: "later")))
    #expect(try merge(there, into: here).records == 1)
    // And back: the two then hold the same.
    _ = try merge(here, into: there)
    #expect(try here.head() == there.head())
  }

  @Test func `a copy that went on alone is taken in, one that parted is a conflict`() throws {
    let here = try Registry(at: folder["here"])
    try Fixture.fill(here)
    copy("here", to: "copy")
    let copied = try Registry(at: folder["copy"])
    #expect(copied.origin == here.origin)
    #expect(try merge(copied, into: here) == Registry.Imported())
    #expect(try copied.register(Fixture.registered(slug: "toy-study", clientID: "a")))
    #expect(try merge(copied, into: here).records == 1)
    #expect(try here.head() == copied.head())
    // Now each goes its own way.
    let length = try #require(try here.snapshot().chains.first).entries.count
    #expect(try copied.register(Fixture.registered(slug: "toy-study", clientID: "b")))
    #expect(try here.register(Fixture.registered(slug: "toy-study", name: "x", clientID: "b")))
    #expect(try copied.register(Fixture.registered(slug: "more")))
    let head = try here.head()
    let merge = try here.compare(with: copied)
    #expect(merge.conflicts.count == 2)
    #expect(
      merge.conflicts.first
        == .divergingChain(slug: "toy-study", origin: here.origin, position: length))
    #expect("\(merge.conflicts[1])".contains("is recorded here with other content"))
    #expect(try here.head() == head)
  }

  @Test(.enabled(if: SQLiteProgram.isInstalled, "sqlite3 is not installed"))
  func `a registry is not merged with itself, nor one whose record was changed`() throws {
    let here = try Registry(at: folder["here"])
    try Fixture.fill(here)
    #expect(throws: RegistryError.sameRegistry(path: here.path)) {
      _ = try here.compare(with: try Registry(at: folder["here"], access: .readOnly))
    }
    let there = try Registry(at: folder["there"])
    #expect(try there.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
    try SQLiteProgram.run(
      there.database,
      "DROP TRIGGER registered_run_refuses_update; UPDATE registered_run SET notes = 'x'")
    #expect(throws: RegistryError.self) { _ = try here.compare(with: there) }
    #expect(try here.snapshot().registered.isEmpty)
  }

  @Test func `runs that are not completed stay where they are`() throws {
    let here = try Registry(at: folder["here"])
    let there = try Registry(at: folder["there"])
    try there.record(Fixture.study())
    try there.open(Fixture.run(there, stages: [Fixture.step()]))
    let merge = try here.compare(with: there)
    #expect(merge.unfinished == 1 && merge.newRecords == 1)
    #expect(try here.perform(merge, from: there).records == 1)
    #expect(try here.snapshot().runs.isEmpty)
  }
}
