import Determinism
import Foundation
import Records
import Rendering
import Statistics
import Studies
import Testing

@testable import Publishing

/// A site that takes over what nothing has touched has the bytes of one that was made from nothing.
@Suite struct IncrementalTests {
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let apply: @Sendable (inout ChangingRegistry) -> Void
    var testDescription: String { name }

    init(_ name: String, _ apply: @escaping @Sendable (inout ChangingRegistry) -> Void) {
      self.name = name
      self.apply = apply
    }
  }

  /// The site before any change.
  private static let base = Result {
    let folder = try TemporaryFolder()
    let registry = ChangingRegistry()
    _ = try registry.publisher().write(registry.site(), to: folder.path + "/site")
    return folder
  }

  private static func rerun(_ run: Digest, _ slug: String, _ verdict: Verdict) -> RerunRecord {
    RerunRecord(
      slug: slug, run: run, verdict: verdict, firstDivergence: nil, compared: 7, notChecked: [],
      note: "", circumstances: JSON.Object())
  }

  static let changes: [Change] = [
    Change("a run is registered") { $0.registered.append(ChangingRegistry.run("another")) },
    Change("so many are registered that their table has pages of its own") { registry in
      registry.registered += (0..<45).map { ChangingRegistry.run("of many \($0)") }
    },
    Change("a run is registered in a study that was performed here") {
      $0.registered.append(ChangingRegistry.run("guest", slug: SyntheticRegistry.slug))
    },
    Change("a study appears") { $0.registered.append(ChangingRegistry.run("x", slug: "third")) },
    Change("a run goes on from one that is registered later") { registry in
      let parent = ChangingRegistry.run("parent")
      registry.registered.append(ChangingRegistry.run("child", parent: parent.id))
      registry.registered.append(parent)
    },
    Change("a live run has got further") {
      $0.live = [ChangingRegistry.run("live", metric: Double($0.live.count) + 1, state: .running)]
    },
    Change("a registered run is annotated") {
      let run = $0.registered[0]
      $0.annotations.append(
        AnnotationRecord(
          slug: run.slug, run: run.id, note: "afterwards", added: ["b"],
          circumstances: JSON.Object()))
    },
    Change("a performed run is annotated") {
      $0.annotations.append(
        AnnotationRecord(
          slug: $0.runs[0].slug, run: $0.runs[0].id, note: "afterwards",
          circumstances: JSON.Object()))
    },
    Change("a registered run was executed again") {
      $0.reruns.append(Self.rerun($0.registered[1].id, ChangingRegistry.elsewhere, .exact))
    },
    Change("a performed run was rerun") {
      $0.reruns.append(Self.rerun($0.runs[0].id, SyntheticRegistry.slug, .diverged))
    },
    Change("a performed run is gone") { $0.runs.removeFirst() },
    Change("a run stopped, and said why") { registry in
      let run = registry.runs[registry.runs.count - 1].id
      registry.states[run] = .failed
      registry.notes[run] = "out of memory"
    },
    Change("a stage was performed elsewhere") { registry in
      let stage = registry.stages.values.min { $0.key < $1.key }!
      var circumstances = stage.circumstances
      circumstances["machine"] = "another"
      registry.stages[stage.key] = StageRecord(
        step: stage.step, values: StageValues(), circumstances: circumstances)
    },
    Change("an artifact is not held any more") { registry in
      registry.lost.formUnion(
        registry.stages.values.flatMap(\.artifacts.values).map(\.digest).sorted().prefix(3))
      // A build is unchanged by the head and the inputs alone: what is gone shows with the next change.
      registry.registered.append(ChangingRegistry.run("after the loss"))
    },
    Change("the study has another title") { registry in
      var document = registry.study.study.object ?? JSON.Object()
      document["title"] = "Another title"
      registry.study = StudyRecord(slug: registry.study.slug, study: .object(document))
    },
    Change("a prediction was judged again") { registry in
      let old = registry.assessments[0]
      registry.assessments.append(
        AssessmentRecord(
          slug: old.slug, studyDigest: old.studyDigest, predictionID: old.predictionID,
          prediction: old.prediction, runs: old.runs, statistic: old.statistic,
          estimates: old.estimates, seeds: old.seeds, perSeed: old.perSeed, result: .inconclusive,
          note: "again"))
    },
    Change("another study has a primary prediction") { registry in
      let old = registry.assessments[0]
      registry.assessments.append(
        AssessmentRecord(
          slug: "third", studyDigest: old.studyDigest, predictionID: old.predictionID,
          prediction: old.prediction, runs: old.runs, statistic: old.statistic,
          estimates: old.estimates, seeds: old.seeds, perSeed: old.perSeed, result: old.result,
          note: ""))
    },
    Change("it was frozen again") { $0.freezes.append($0.freezes[0]) },
    Change("a narrative was rewritten") {
      $0.narratives[SyntheticRegistry.slug] = "Other words."
    },
    Change("a guide was added") { $0.guides["another"] = "# Another" },
    Change("a template was changed") { registry in
      let page = (try? TemplateSet.embedded().files["page.mustache"]) ?? ""
      registry.templates["page.mustache"] = page + "<!-- changed -->"
    },
    Change("the style was changed") { $0.templates["site.css"] = "body { color: black }" },
    Change("fewer runs have a page") { $0.options.runPages = .oneSeed },
    Change("the site carries archives") {
      $0.options.archives = .carried { ["archives/x/archive.json": Array("{}".utf8)] }
    },
    Change("the site has an address") { $0.options.baseURL = "https://example.org/" },
  ]

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

  /// Builds over what is in `old`, and from nothing, and compares every byte.
  private func compare(
    _ registry: ChangingRegistry, over old: String, fresh: String, _ comment: Comment? = nil
  ) throws {
    let site = registry.site()
    #expect(try registry.publisher().write(site, to: old, threads: 2).unchanged == false)
    _ = try registry.publisher().write(site, to: fresh, threads: 2)
    let (one, other) = (try contents(old), try contents(fresh))
    #expect(Set(one.keys).symmetricDifference(other.keys).sorted() == [], comment)
    #expect(one.keys.sorted().filter { one[$0] != other[$0] } == [], comment)
  }

  @Test(arguments: changes)
  func `a changed site has the bytes of one made from nothing`(change: Change) throws {
    let folder = try TemporaryFolder()
    var registry = ChangingRegistry()
    let target = folder.path + "/site"
    try FileManager.default.copyItem(atPath: Self.base.get().path + "/site", toPath: target)
    change.apply(&registry)
    try compare(registry, over: target, fresh: folder.path + "/fresh")
  }

  @Test func `so has one after many changes in any order`() throws {
    var random = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 0...UInt64.max, using: &random)
    var generator = RandomStream(seed: seed, "changes of a site")
    let folder = try TemporaryFolder()
    var registry = ChangingRegistry()
    let target = folder.path + "/site"
    _ = try registry.publisher().write(registry.site(), to: target)
    for round in 0..<5 {
      let change = Self.changes.randomElement(using: &generator)!
      let (head, inputs) = (registry.site().head, registry.site().inputs(try .embedded()))
      change.apply(&registry)
      let site = registry.site()
      if site.head == head, site.inputs(try .embedded()) == inputs { continue }
      try compare(registry, over: target, fresh: folder.path + "/fresh \(round)", "seed \(seed)")
    }
  }

  private func identity(_ path: String) throws -> UInt64 {
    let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber]
    return try #require(number as? UInt64)
  }

  @Test func `what nothing touched is taken over, what was damaged is made again`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    var registry = ChangingRegistry()
    _ = try registry.publisher().write(registry.site(), to: target)
    func page(_ id: Digest) -> String { "\(target)/runs/\(id.hex.prefix(16))/index.html" }
    let pages = registry.registered.map { page($0.id) } + [page(registry.runs[0].id)]
    let before = try pages.map(identity)
    let whole = try Data(contentsOf: URL(filePath: pages[1]))
    try Data("damaged".utf8).write(to: URL(filePath: pages[1]))
    registry.annotations.append(
      AnnotationRecord(
        slug: ChangingRegistry.elsewhere, run: registry.registered[0].id, note: "later",
        circumstances: JSON.Object()))
    try compare(registry, over: target, fresh: folder.path + "/fresh")
    let after = try pages.map(identity)
    #expect(before[0] != after[0])
    #expect(try Data(contentsOf: URL(filePath: pages[1])) == whole)
    #expect(before[2...] == after[2...])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "fresh", "site",
      ])
  }
}
