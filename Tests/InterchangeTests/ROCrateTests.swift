import Determinism
import Studies
import Testing

@testable import Interchange
@testable import Records

/// What the validator of RO-Crates does not look at, or only recommends; `Tests/Golden/make/ro_crate.py` runs it.
@Suite struct ROCrateTests {
  let fixture: ExportFixture
  let files: [String: [UInt8]]
  let graph: [JSON.Object]

  init() throws {
    fixture = try ExportFixture()
    _ = try fixture.crate().write(to: fixture.folder["crate"])
    files = try fixture.folder.files("crate")
    graph = try Self.graph(files)
  }

  private static func graph(_ files: [String: [UInt8]]) throws -> [JSON.Object] {
    let bytes = try #require(files["/ro-crate-metadata.json"])
    let document = try JSON(parsing: bytes)
    let graph = try #require(document["@graph"]?.array)
    return graph.compactMap(\.object)
  }

  private func entity(_ id: String) throws -> JSON.Object {
    try #require(graph.first { $0["@id"]?.string == id }, "\(id)")
  }

  private static func types(_ entity: JSON.Object) -> [String] {
    entity["@type"]?.string.map { [$0] } ?? entity["@type"]?.array?.compactMap(\.string) ?? []
  }

  private func all(_ type: String) -> [JSON.Object] {
    graph.filter { Self.types($0).contains(type) }
  }

  private static func references(_ json: JSON?) -> [String] {
    (json?.array ?? json.map { [$0] } ?? []).compactMap { $0["@id"]?.string }
  }

  @Test func `every reference leads to an entity, and no id is taken twice`() throws {
    let ids = graph.compactMap { $0["@id"]?.string }
    #expect(ids.count == graph.count && Set(ids).count == ids.count)
    var seen = 0
    for entity in graph {
      for member in entity.members {
        #expect(
          member.value.array.map { $0.count > 1 } ?? true, "\(member.key.value) is a list of one")
        for id in Self.references(member.value) where id != "https://w3id.org/ro/crate/1.1" {
          seen += 1
          #expect(ids.contains(id), "\(member.key.value) names \(id)")
        }
      }
    }
    #expect(seen > 40)
  }

  @Test func `the files described are the files there, with their sizes, below the root`() throws {
    let described = all("File")
    let unlisted = ["/ro-crate-metadata.json", "/SHA256SUMS"]
    #expect(
      Set(described.compactMap { $0["@id"]?.string.map { "/\($0)" } })
        == Set(files.keys).subtracting(unlisted))
    var reached: Set<String> = []
    var waiting = ["./"]
    while let id = waiting.popLast() {
      guard reached.insert(id).inserted else { continue }
      waiting += Self.references(try entity(id)["hasPart"])
    }
    for file in described {
      let id = try #require(file["@id"]?.string)
      let bytes = try #require(files["/" + id])
      #expect(file["contentSize"]?.string == "\(bytes.count)", "\(id)")
      #expect(file["encodingFormat"]?.string?.isEmpty == false, "\(id)")
      #expect(reached.contains(id), "\(id) is part of nothing")
    }
  }

  @Test func `the sums are those of the files`() throws {
    let sums = String(decoding: try #require(files["/SHA256SUMS"]), as: UTF8.self)
    let lines = sums.split(separator: "\n")
    #expect(lines.count == files.count - 1)
    for line in lines {
      let path = "/\(line.dropFirst(66))"
      let bytes = try #require(files[path])
      #expect(Digest(of: bytes).hex == line.prefix(64), "\(path)")
    }
  }

  @Test func `every run is an action with a program, what went in and what came out`() throws {
    let snapshot = try fixture.snapshot
    let ids = snapshot.runs.map(\.id) + snapshot.registered.map(\.id)
    #expect(ids.count == 4)
    let mentioned = Self.references(try entity("./")["mentions"])
    for id in ids {
      let action = try entity("#run-\(id.hex)")
      #expect(Self.types(action) == ["CreateAction"])
      #expect(mentioned.contains("#run-\(id.hex)"))
      let folder = "runs/\(id.hex.prefix(16))"
      #expect(Self.references(action["object"]).contains("\(folder)/config.json"))
      #expect(Self.references(action["result"]).contains("\(folder)/metrics.csv"))
      for instrument in Self.references(action["instrument"]) {
        #expect(Self.types(try entity(instrument)) == ["SoftwareApplication"])
      }
    }
  }

  @Test func `of a run from elsewhere it does not say that dormouse performed it`() throws {
    let snapshot = try fixture.snapshot
    for run in snapshot.registered {
      let action = try entity("#run-\(run.id.hex)")
      let program = try entity(try #require(Self.references(action["instrument"]).first))
      #expect(program["name"]?.string == "What the run's owner ran")
      #expect(program["description"]?.string?.contains("torch: 2.9") == true)
      #expect(action["description"]?.string?.contains("as its owner told it") == true)
      #expect(action["startTime"]?.string == "2025-11-20T23:41:05+00:00")
      #expect(action["endTime"]?.string == "2026-11-20T23:41:05.123+02:00")
    }
    let failed = try #require(snapshot.registered.first { $0.state == .failed })
    let action = try entity("#run-\(failed.id.hex)")
    #expect(action["actionStatus"]?.string == "http://schema.org/FailedActionStatus")
    #expect(action["error"]?.string == "out of memory")
    #expect(all("CreateAction").count { $0["error"] != nil } == 1)
  }

  @Test func `a verdict is an assessment of the run and of the action that performed it again`()
    throws
  {
    let run = try #require(fixture.base.runs.first)
    let verdicts = all("AssessAction").filter { $0["@id"]!.string!.hasPrefix("#verdict-") }
    let verdict = try #require(verdicts.first)
    #expect(verdicts.count == 1)
    let objects = Self.references(verdict["object"])
    #expect(objects.first == "#run-\(run.id.hex)" && objects.count == 2)
    #expect(Self.types(try entity(objects[1])) == ["CreateAction"])
    let value = try entity(try #require(Self.references(verdict["result"]).first))
    #expect(value["value"]?.string == "EXACT")
    #expect(value["description"]?.string == "9 values compared. Not checked: nothing.")
  }

  @Test func `a divergence is told with both bit patterns`() throws {
    let run = try #require(fixture.base.runs.last)
    try fixture.registry.record(
      RerunRecord(
        slug: fixture.slug, run: run.id, verdict: .diverged,
        firstDivergence: Divergence(
          stage: "probe", key: "scalars/r1", step: 3, recorded: "3fe0000000000000",
          recomputed: "3fe0000000000001", ulps: 1), compared: 2, notChecked: ["weights"], note: "",
        circumstances: JSON.members(["same_machine": false, "dormouse": "9/../<x>"])))
    _ = try fixture.crate().write(to: fixture.folder["crate"])
    let graph = try Self.graph(try fixture.folder.files("crate"))
    let value = try #require(graph.first { $0["value"]?.string == "DIVERGED" })
    #expect(
      value["description"]?.string
        == "2 values compared. First divergence: probe scalars/r1 at step 3, recorded 3fe0000000000000, recomputed 3fe0000000000001, 1 ulps apart. Not checked: weights. Circumstances: other machine."
    )
    #expect(graph.contains { $0["@id"]?.string == "#dormouse-9-..--x-" })
  }

  @Test func `a judged prediction is an assessment; an open end of its interval is left out`()
    throws
  {
    let assessment = try #require(
      all("AssessAction").first { $0["@id"]!.string!.hasPrefix("#assessment-") })
    let results = try Self.references(assessment["result"]).map(entity)
    #expect(results.map { $0["value"] } == ["inconclusive", JSON(0.0)])
    #expect(results[1]["minValue"] == nil && results[1]["maxValue"] == nil)
    #expect(Self.references(assessment["object"]).count == 3)
  }

  @Test func `the archive in it is an archive, and gives the same crate elsewhere`() throws {
    let other = try Registry(at: fixture.folder["other"])
    _ = try ArchiveReader(fixture.folder["crate/archive"]).import(into: other)
    _ = try ROCrate(
      try other.snapshot(), slug: fixture.slug, options: ROCrate.Options(day: "2000-01-01")
    ).write(to: fixture.folder["again"])
    #expect(try fixture.folder.files("again") == files)
  }

  @Test func `a crate replaces a crate, and nothing that no export wrote`() throws {
    let place = fixture.folder["crate"]
    _ = try fixture.crate().write(to: place)
    #expect(try fixture.folder.files("crate") == files)
    try DurableFile.write([1], to: "\(place)/runs/mine.txt")
    let error = #expect(throws: ArchiveError.self) { try fixture.crate().write(to: place) }
    #expect(error?.description.contains("crate/runs/mine.txt: was written by no export") == true)
    #expect(try DurableFile.read("\(place)/runs/mine.txt") == [1])
    #expect(Path.names(in: fixture.folder.path).allSatisfy { !$0.contains(ExportDraft.marker) })
  }

  @Test func `what a dead writer left beside its place is removed, and a live one's is not`() throws
  {
    let place = fixture.folder["crate"]
    let left = "\(place)\(ExportDraft.marker)1-1"
    try DurableFile.makeFolder("\(left)/runs")
    try DurableFile.write([1], to: "\(left)/runs/half")
    let living = try ExportDraft(of: place)
    #expect(Path.kind(of: left) == .missing)
    _ = try fixture.crate().write(to: place)
    #expect(Path.kind(of: living.path) == .folder)
    try DurableFile.write([2], to: "\(living.path)/whole")
    try living.commit()
    #expect(Path.names(in: place) == ["whole"])
    #expect(Path.names(in: fixture.folder.path).allSatisfy { !$0.contains(ExportDraft.marker) })
  }

  @Test func `it says whose it is and under which licence, or that nobody said`() throws {
    let root = try entity("./")
    #expect(Self.references(root["license"]) == ["#license-not-stated"] && root["author"] == nil)
    #expect(root["datePublished"]?.string == "2026-11-20", "the newest run's day")
    var options = ROCrate.Options(day: "2000-01-01")
    options.license = "CC-BY-4.0"
    options.author = ROCrate.Author(name: "Ada", address: "https://orcid.org/0")
    options.narrative = "# Words\n"
    _ = try ROCrate(try fixture.snapshot, slug: fixture.slug, options: options)
      .write(to: fixture.folder["mine"])
    let graph = try Self.graph(try fixture.folder.files("mine"))
    let mine = try #require(graph.first { $0["@id"]?.string == "./" })
    #expect(Self.references(mine["license"]) == ["https://spdx.org/licenses/CC-BY-4.0"])
    #expect(Self.references(mine["author"]) == ["https://orcid.org/0"])
    #expect(Self.references(mine["hasPart"]).contains("README.md"))
  }

  @Test func `nothing recorded is an error, and no folder is left`() throws {
    let crate = try ROCrate(
      try fixture.snapshot, slug: "unknown", options: ROCrate.Options(day: "2000-01-01"))
    #expect(throws: ArchiveError.self) { try crate.write(to: fixture.folder["none"]) }
    #expect(Path.kind(of: fixture.folder["none"]) == .missing)
    #expect(Path.names(in: fixture.folder.path).allSatisfy { !$0.contains(ExportDraft.marker) })
  }
}
