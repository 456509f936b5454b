import Determinism
import Glibc
import Testing

@testable import Interchange
@testable import Records

@Suite struct HostileArchiveTests {
  /// What reading and importing a tampered archive says; the registry has to stay empty.
  private func refusal(_ tamper: (ArchiveFixture, String) throws -> Void) throws -> String {
    let fixture = try ArchiveFixture()
    try fixture.export()
    let archive = fixture.folder["archive"]
    try tamper(fixture, archive)
    let victim = try Registry(at: fixture.folder["victim"])
    let error = #expect(throws: (any Error).self) {
      _ = try ArchiveReader(archive).import(into: victim)
    }
    #expect(try victim.check(deep: true) == [])
    #expect(try victim.snapshot().chains.isEmpty)
    let message = (error as? ArchiveError)?.problem ?? (error as? RegistryError)?.problem ?? ""
    return message.replacing("\(archive)/", with: "").replacing(archive, with: "archive")
  }

  /// Edits lines of `records.jsonl` and makes the manifest fit, as an attacker would.
  private func editLines(_ archive: String, _ edit: (inout [String]) -> Void) throws {
    let file = "\(archive)/records.jsonl"
    let text = String(decoding: try #require(try DurableFile.read(file)), as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    edit(&lines)
    let bytes = Array(lines.joined(separator: "\n").utf8)
    try DurableFile.write(bytes, to: file)
    try editManifest(archive) { $0["records_sha256"] = JSON(Digest(of: bytes)) }
  }

  private func editManifest(_ archive: String, _ edit: (inout JSON.Object) -> Void) throws {
    let file = "\(archive)/archive.json"
    let bytes = try #require(try DurableFile.read(file))
    var manifest = try #require(JSON(parsing: bytes).object)
    edit(&manifest)
    try DurableFile.write(Array(JSON.object(manifest).prettyText.utf8), to: file)
  }

  @Test func `an edited value breaks its record hash`() throws {
    let message = try refusal { _, archive in
      try editLines(archive) { $0[1] = $0[1].replacing("\"r1\":0.1", with: "\"r1\":0.9") }
    }
    #expect(message == "records.jsonl:2: the document does not match its record hash")
  }

  @Test func `an edited value with its hash renewed breaks the chain`() throws {
    let message = try refusal { _, archive in
      try editLines(archive) { lines in
        lines[1] = lines[1].replacing("\"r1\":0.1", with: "\"r1\":0.9")
        var line = try! JSON(parsing: lines[1]).object!
        line["record"] = JSON(Digest(of: line["document"]!))
        lines[1] = JSON.object(line).canonicalText
      }
    }
    #expect(message == "records.jsonl:2: is not linked to what comes before it")
  }

  @Test func `without its manifest's consent no line changes`() throws {
    let message = try refusal { _, archive in
      let file = "\(archive)/records.jsonl"
      try DurableFile.write(try #require(try DurableFile.read(file)) + [10], to: file)
    }
    #expect(message == "records.jsonl: is not the file that archive.json names")
  }

  @Test func `lines that are no records are refused where they are`() throws {
    let cases: [((inout [String]) -> Void, String)] = [
      ({ $0[2] = "{" }, "records.jsonl:3: column 2: expected a key in quotes"),
      ({ $0[2] = " " + $0[2] }, "records.jsonl:3: is not canonical JSON"),
      (
        { $0[0] = $0[0].replacing("\"kind\":\"study\"", with: "\"kind\":\"shell\"") },
        "records.jsonl:1: unknown kind of record 'shell'"
      ),
      (
        { $0[0] = $0[0].replacing("\"kind\":\"study\"", with: "\"kind\":\"stage\"") },
        "records.jsonl:1: is a study, not a stage"
      ),
      (
        { $0[0] = "[]" },
        "records.jsonl:1: needs 'kind', 'record' and 'link', and may have a 'document'"
      ),
      ({ $0.insert($0[0], at: 1) }, "records.jsonl:2: repeats the document of an earlier line"),
      ({ $0.removeLast() }, "records.jsonl:9: the line is cut off"),
      (
        {
          $0.removeSubrange(7...); $0.append("")
        }, "records.jsonl:7: the file ends before its chains do"
      ),
      ({ $0.swapAt(1, 2) }, "records.jsonl:2: is not linked to what comes before it"),
      ({ $0.insert("{}", at: 9) }, "records.jsonl:10: a line beyond the announced chains"),
      (
        { $0[1] = $0[1].replacing("\"r1\":0.1", with: "\"r1\":\"0.1\"") },
        "records.jsonl:2: values/scalars/r1: expected a double"
      ),
      (
        { $0[1] = $0[1].replacing("\"r1\":0.1", with: "\"r1\":0.1,\"r1\":0.2") },
        "records.jsonl:2: column"
      ),
    ]
    for (edit, expected) in cases {
      let message = try refusal { _, archive in try editLines(archive, edit) }
      #expect(message.hasPrefix(expected), "\(message)")
    }
  }

  @Test func `a manifest that lies is refused`() throws {
    let cases: [((inout JSON.Object) -> Void, String)] = [
      ({ $0["format"] = 2 }, "archive.json: archive format 2; this program reads 1"),
      ({ $0["format"] = nil }, "archive.json: 'format' is missing"),
      ({ $0["slug"] = "other" }, "records.jsonl:1: is not linked to what comes before it"),
      ({ $0["artifacts"] = 7 }, "archive.json: does not describe what the archive holds"),
      (
        { $0["head"] = JSON(Digest(of: "x")) },
        "archive.json: does not describe what the archive holds"
      ),
      ({ $0["command"] = "rm -rf /" }, "archive.json: does not describe what the archive holds"),
      ({ $0["chains"] = [] }, "archive.json: 'chains' is missing"),
      (
        { $0["chains"] = .array($0["chains"]!.array! + $0["chains"]!.array!) },
        "archive.json: chains are not sorted by origin"
      ),
    ]
    for (edit, expected) in cases {
      let message = try refusal { _, archive in try editManifest(archive, edit) }
      #expect(message == expected)
    }
  }

  @Test func `objects are what their names say, and files`() throws {
    let scores = Digest(of: ArchiveFixture.scores).hex
    let cases: [(String, (String) throws -> Void)] = [
      (
        "objects/\(scores): its bytes have SHA-256 \(Digest(of: [1]).hex)",
        { try DurableFile.write([1], to: "\($0)/objects/\(scores)") }
      ),
      (
        "objects/\(String(repeating: "0", count: 64)): no record names it",
        { try DurableFile.write([1], to: "\($0)/objects/\(String(repeating: "0", count: 64))") }
      ),
      (
        "objects/..%2f: no record names it",
        { try DurableFile.write([1], to: "\($0)/objects/..%2f") }
      ),
      (
        "objects/\(scores): is not a regular file",
        { archive in
          unlink("\(archive)/objects/\(scores)")
          symlink("/etc/passwd", "\(archive)/objects/\(scores)")
        }
      ),
      (
        "objects: is not a folder",
        { archive in
          rename("\(archive)/objects", "\(archive).moved")
          symlink("\(archive).moved", "\(archive)/objects")
        }
      ),
      (
        "records.jsonl: cannot be read: records.jsonl: damaged: a symbolic link, which is not followed",
        { archive in
          rename("\(archive)/records.jsonl", "\(archive).moved")
          symlink("\(archive).moved", "\(archive)/records.jsonl")
        }
      ),
      ("records.jsonl: is missing", { unlink("\($0)/records.jsonl") }),
      ("archive.json: is missing", { unlink("\($0)/archive.json") }),
    ]
    for (expected, tamper) in cases {
      #expect(try refusal { _, archive in try tamper(archive) } == expected)
    }
  }

  @Test func `a kept artifact that did not come along stops the import`() throws {
    let scores = Digest(of: ArchiveFixture.scores)
    let message = try refusal { _, archive in
      unlink("\(archive)/objects/\(scores.hex)")
      try editManifest(archive) { $0["artifacts"] = 0 }
    }
    #expect(message == "records.jsonl:2: its kept artifact 'scores' did not come along")
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `a damaged byte anywhere in an archive is found`(seed: UInt64) throws {
    let fixture = try ArchiveFixture()
    try fixture.export(withWeights: true)
    let files = try fixture.folder.files("archive")
    var stream = RandomStream(seed: seed, "archive-damage")
    for _ in 0..<20 {
      let name = stream.element(of: files.keys.sorted())
      let path = "\(fixture.folder["archive"])\(name)"
      var bytes = files[name]!
      let position = stream.below(bytes.count)
      bytes[position] ^= 0xFF
      try DurableFile.write(bytes, to: path)
      let victim = fixture.folder["victim"]
      #expect(throws: (any Error).self, "\(name), byte \(position), seed \(seed)") {
        _ = try ArchiveReader(fixture.folder["archive"]).import(into: Registry(at: victim))
      }
      try DurableFile.write(files[name]!, to: path)
    }
    #expect(try Registry(at: fixture.folder["victim"]).snapshot().chains.isEmpty)
    _ = try ArchiveReader(fixture.folder["archive"])
  }

  @Test func `a record of another study or origin does not slip in`() throws {
    // An attacker who renews every hash and link still cannot give a chain what is not its own.
    let fixture = try ArchiveFixture()
    let snapshot = try fixture.registry.snapshot()
    let original = snapshot.chains[0]
    let stranger = Digest(of: "stranger")
    func relinked(_ origin: Digest, _ slug: String, _ kept: (String) -> Bool) -> LedgerChain {
      var entries: [LedgerChain.Entry] = []
      for entry in original.entries where kept(entry.kind) {
        let link = LedgerChain.link(
          after: entries.last?.link ?? LedgerChain.root(origin: origin, slug: slug),
          record: entry.record)
        entries.append(LedgerChain.Entry(kind: entry.kind, record: entry.record, link: link))
      }
      return LedgerChain(origin: origin, slug: slug, entries: entries)
    }
    var records: [Digest: AnyRecord] = [:]
    for entry in original.entries {
      records[entry.record] = try snapshot.record(
        try #require(AnyRecord.Kind(rawValue: entry.kind)), entry.record)
    }
    let cases: [(LedgerChain, String)] = [
      (relinked(stranger, original.slug) { _ in true }, "the run is of another origin"),
      (relinked(original.origin, "other") { _ in true }, "belongs to the study 'toy-study'"),
      (
        relinked(original.origin, original.slug) { $0 != "stage" },
        "its stage 'pretrain' is not in the chain before it"
      ),
    ]
    let victim = try Registry(at: fixture.folder["victim"])
    for (chain, problem) in cases {
      let error = #expect(throws: RegistryError.self) {
        _ = try victim.adopt(
          chains: [chain], records: records, artifacts: [Digest(of: ArchiveFixture.scores)],
          bytes: { try fixture.registry.artifact($0) })
      }
      guard case .refusedImport(_, let found)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(found == problem)
    }
    #expect(try victim.check(deep: true) == [])
  }
}
