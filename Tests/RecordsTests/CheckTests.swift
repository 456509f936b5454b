import Determinism
import Glibc
import Studies
import Testing

@testable import Records

@Suite struct CheckTests {
  let folder = Folder()

  private func filled() throws -> (Registry, [RunRecord]) {
    let registry = try Registry(at: folder["r"])
    return (registry, try Fixture.fill(registry))
  }

  @Test func `a healthy registry has no findings, and its runs verify`() throws {
    let (registry, runs) = try filled()
    for deep in [false, true] { #expect(try registry.check(deep: deep) == []) }
    for run in runs { try registry.verify(run: run.id) }
    #expect(try Registry(at: folder["empty"]).check(deep: true) == [])
    let unfinished = Fixture.run(registry, seed: 9, stages: [Fixture.step(seed: 9)])
    try registry.open(unfinished)
    #expect(try registry.check(deep: true) == [])
  }

  /// Edits by hand, with the triggers out of the way and put back afterwards.
  private func edit(_ registry: Registry, table: String, _ sql: String) throws {
    let trigger = "\(table)_refuses_update"
    let made = try SQLiteProgram.run(
      registry.database,
      """
      .mode list
      CREATE TEMP TABLE t AS SELECT sql FROM sqlite_schema WHERE name = '\(trigger)';
      DROP TRIGGER \(trigger); DROP TRIGGER \(table)_refuses_delete;
      PRAGMA ignore_check_constraints = ON;
      \(sql);
      """)
    #expect(made == [], "the edit itself went through")
    for statement in Schema.triggers(on: table) {
      try SQLiteProgram.run(registry.database, "\(statement);")
    }
  }

  @Test(
    .enabled(if: SQLiteProgram.isInstalled),
    arguments: [
      ("scalar", "UPDATE scalar SET bits = x'3FF0000000000000' WHERE rowid_of_first"),
      ("scalar", "DELETE FROM scalar WHERE rowid_of_first"),
      (
        "series",
        "UPDATE series SET steps = CAST(substr(steps, 1, 192) || x'0000000000000FFF' AS BLOB)"
      ),
      ("curve", "UPDATE curve SET positives = positives + 1"),
      ("artifact", "UPDATE artifact SET media_type = media_type || char(0) || 'x'"),
      ("artifact", "UPDATE artifact SET role = 'remade' WHERE role = 'kept'"),
      ("name", "UPDATE name SET name = 'accuracy' WHERE name = 'v3'"),
      ("stage", "UPDATE stage SET circumstances = '{\"seconds\":1.25}' WHERE id = 1"),
      ("stage", "UPDATE stage SET values_digest = key WHERE id = 1"),
      ("stage", "UPDATE stage SET options = '{\"steps\": 3}' WHERE id = 1"),
      ("stage", "UPDATE stage SET seed = '2' WHERE id = 1"),
      ("stage_input", "UPDATE stage_input SET port = 'data'"),
      ("run", "UPDATE run SET arm = 'clean' WHERE id = 1"),
      ("run", "UPDATE run SET plan = study WHERE id = 1"),
      ("run_stage", "UPDATE run_stage SET position = position + 5 WHERE position = 1"),
      ("run_stage", "DELETE FROM run_stage WHERE position = 1"),
      ("study", "UPDATE study SET study = '{}'"),
      ("freeze", "UPDATE freeze SET runs_before = 7"),
      ("assessment", "UPDATE assessment SET result = 'supported'"),
      ("estimate", "UPDATE estimate SET lower = bits WHERE position = 1"),
      ("estimate", "UPDATE estimate SET position = 3 WHERE position = 1"),
      ("rerun", "UPDATE rerun SET verdict = 'EXACT', first_divergence = 'null'"),
      ("ledger", "DELETE FROM ledger WHERE position = 4"),
      ("ledger", "DELETE FROM ledger WHERE position = 9"),
      ("ledger", "UPDATE ledger SET link = record WHERE position = 9"),
      ("chain", "UPDATE chain SET slug = 'other'"),
    ])
  func `an edit by hand is found`(table: String, sql: String) throws {
    let (registry, _) = try filled()
    let first = "stage = 1 AND name = (SELECT id FROM name WHERE name = 'v3')"
    try edit(registry, table: table, sql.replacing("rowid_of_first", with: first))
    let findings = try registry.check(deep: false)
    #expect(!findings.isEmpty)
    #expect(findings.allSatisfy { $0.severity == .damage }, "\(findings)")
    #expect(!findings.contains { $0.place == "structure" }, "the triggers are back: \(findings)")
  }

  @Test(.enabled(if: SQLiteProgram.isInstalled))
  func `an edited metric stops a rerun of its run and of no other`() throws {
    let (registry, runs) = try filled()
    try edit(
      registry, table: "scalar",
      "UPDATE scalar SET bits = x'3FEFFFFFFFFFFFFF' WHERE stage = 1 AND name = "
        + "(SELECT id FROM name WHERE name = 'v3')")
    #expect(throws: RegistryError.self) { try registry.verify(run: runs[0].id) }
    try registry.verify(run: runs[1].id)
    // Nor is it served to anyone.
    #expect(throws: RegistryError.self) { _ = try registry.stage(runs[0].run.stages[0].key) }
  }

  @Test func `a damaged score stops a rerun, a missing weight does not`() throws {
    let (registry, runs) = try filled()
    let scores = Digest(of: Array("a,b\n1,2\n".utf8))
    let weights = Digest(of: [0, 1, 2, 255])
    unlink(registry.objects.path(of: weights))
    #expect(try registry.check(deep: false).map(\.severity) == [.notHeld])
    try registry.verify(run: runs[0].id)
    #expect(throws: RegistryError.notHeld(weights)) { _ = try registry.artifact(weights) }

    let path = registry.objects.path(of: scores)
    chmod(path, 0o644)
    try DurableFile.write(Array("a,b\n1,3\n".utf8), to: path)
    #expect(try registry.check(deep: false).map(\.severity) == [.notHeld, .damage])
    #expect(throws: RegistryError.self) { try registry.verify(run: runs[0].id) }
    #expect(throws: RegistryError.self) { _ = try registry.artifact(scores) }

    unlink(path)
    #expect(
      try registry.check(deep: false).map(\.message).sorted()
        == ["a kept artifact is missing", "a remade artifact is not held"])
    #expect(throws: RegistryError.notHeld(scores)) { try registry.verify(run: runs[0].id) }

    // Recording the same bytes again mends it.
    try registry.restore(Array("a,b\n1,2\n".utf8))
    try registry.verify(run: runs[0].id)
  }

  @Test func `two results under one stage key are damage, however they got in`() throws {
    let (registry, runs) = try filled()
    let key = runs[0].run.stages[0].key
    let recorded = try #require(try registry.stage(key))
    let other = AnyRecord.stage(
      StageRecord(
        step: recorded.step, values: StageValues(scalars: ["v0": 1]),
        circumstances: JSON.Object()))
    try registry.writing { try registry.append(other, slug: "toy-study", $0) }
    #expect(
      try registry.check(deep: false) == [
        Registry.Finding(
          severity: .damage, place: "stage \(key.short)", message: "two records have other values")
      ])
  }

  @Test func `what does not belong in the store is noticed`() throws {
    let (registry, _) = try filled()
    try registry.restore([9, 9, 9])
    try folder.write("r/objects/.tmp-left-over", [1])
    mkdir(folder["r/objects/zz"], 0o755)
    try folder.write("r/objects/zz/name", [1])
    let findings = try registry.check(deep: true)
    #expect(findings.allSatisfy { $0.severity == .notice })
    #expect(findings.count == 3)
  }

  /// Everything that can be read, as one digest; nil when reading fails.
  private func content(_ path: String) -> Digest? {
    guard let registry = try? Registry(at: path, access: .readOnly),
      let snapshot = try? registry.snapshot()
    else { return nil }
    var hasher = Digest.Hasher()
    hasher.update(registry.origin.bytes)
    hasher.update(snapshot.head.bytes)
    for (_, study) in snapshot.studies.sorted(by: { $0.key < $1.key }) {
      hasher.update(study.document.canonicalBytes)
    }
    for (_, stage) in snapshot.stages.sorted(by: { $0.key < $1.key }) {
      hasher.update(stage.document.canonicalBytes)
    }
    for run in snapshot.runs { hasher.update(run.document.canonicalBytes) }
    for record in snapshot.freezes { hasher.update(record.document.canonicalBytes) }
    for record in snapshot.assessments { hasher.update(record.document.canonicalBytes) }
    for record in snapshot.reruns { hasher.update(record.document.canonicalBytes) }
    return hasher.finish()
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `a damaged byte of the database is found, or changes nothing`(seed: UInt64) throws {
    let (registry, _) = try filled()
    let healthy = try #require(content(folder["r"]))
    let bytes = try #require(try DurableFile.read(registry.database))
    var stream = RandomStream(seed: seed, "damage")
    mkdir(folder["d"], 0o755)
    var found = 0
    for _ in 0..<12 {
      // Most of a young database is free space; what is not zero is more telling.
      var position = stream.below(bytes.count)
      while bytes[position] == 0 { position = stream.below(bytes.count) }
      var damaged = bytes
      damaged[position] ^= 0xFF
      try folder.write("d/registry.sqlite", damaged)
      try copyObjects(from: "r", to: "d")
      let findings = (try? Registry(at: folder["d"], access: .readOnly)).flatMap {
        try? $0.check(deep: true)
      }
      if findings == [] {
        #expect(content(folder["d"]) == healthy, "seed \(seed), byte \(position)")
      } else {
        found += 1
      }
    }
    #expect(found >= 6)
  }

  private func copyObjects(from: String, to: String) throws {
    guard Path.kind(of: folder["\(to)/objects"]) == .missing else { return }
    for prefix in Path.names(in: folder["\(from)/objects"]) {
      try DurableFile.makeFolder(folder["\(to)/objects/\(prefix)"])
      for name in Path.names(in: folder["\(from)/objects/\(prefix)"]) {
        let bytes = try #require(try DurableFile.read(folder["\(from)/objects/\(prefix)/\(name)"]))
        try folder.write("\(to)/objects/\(prefix)/\(name)", bytes)
      }
    }
  }

  @Test func `a database that was cut off is found`() throws {
    let (registry, _) = try filled()
    let bytes = try #require(try DurableFile.read(registry.database))
    mkdir(folder["d"], 0o755)
    try copyObjects(from: "r", to: "d")
    for pages in stride(from: 1, to: bytes.count / 4096, by: 7) {
      try folder.write("d/registry.sqlite", Array(bytes.prefix(pages * 4096)))
      let registry = try? Registry(at: folder["d"], access: .readOnly)
      #expect((try? registry?.check(deep: true)) != [], "\(pages) pages")
    }
  }
}
