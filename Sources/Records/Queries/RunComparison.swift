import Determinism
import Statistics
import Studies

/// Two or more runs beside each other: for each thing that any of them has, what every one has.
package struct RunComparison: Sendable {
  /// A fact, a setting, a circumstance, an artifact: equal when the documents are.
  package struct Row: Sendable {
    package let name: String
    /// One for each run; nil where it has none.
    package let values: [JSON?]
    package var isEqual: Bool { values.allSatisfy { $0 == values[0] } }
  }

  package struct Metric: Sendable {
    package let name: String
    package let values: [Double?]
    /// Bit for bit.
    package var isEqual: Bool {
      values.allSatisfy { $0?.bitPattern == values[0]?.bitPattern }
    }
    /// The most representable doubles between the first run's and another's; nil where there are not two numbers.
    package let ulps: UInt64?
  }

  package struct SeriesRow: Sendable {
    package struct First: Sendable {
      package let step: Int
      package let values: [Double?]
      package let ulps: UInt64?
    }
    package let name: String
    /// Points of each; nil where it has no such series.
    package let counts: [Int?]
    /// Steps at which some run has another value than the first, or none.
    package let differing: Int
    package let first: First?
    package var isEqual: Bool { differing == 0 && counts.allSatisfy { $0 == counts[0] } }
  }

  package struct CurveRow: Sendable {
    package let name: String
    /// nil where it has no such curve; NaN where one class is empty.
    package let areas: [Double?]
    package let isEqual: Bool
    package let ulps: UInt64?
  }

  package let runs: [RunDetails]
  package let facts: [Row]
  package let settings: [Row]
  /// Program and procedure versions, and what a run's owner says of its code.
  package let code: [Row]
  package let environment: [Row]
  package let metrics: [Metric]
  package let series: [SeriesRow]
  package let curves: [CurveRow]
  package let artifacts: [Row]

  /// - Parameter runs: two or more.
  package init(_ runs: [RunDetails]) {
    precondition(runs.count >= 2, "a comparison needs two runs")
    self.runs = runs
    facts = Self.rows(runs.map(\.facts))
    settings = Self.rows(runs.map(\.settings))
    let circumstances = runs.map(\.circumstances)
    code = Self.rows(circumstances.map { $0.filter { Self.isCode($0.path) } })
    environment = Self.rows(circumstances.map { $0.filter { !Self.isCode($0.path) } })
    let values = runs.map(\.values)
    metrics = Self.names(values.map { Array($0.scalars.keys) }).map { name in
      let numbers = values.map { $0.scalars[name] }
      return Metric(name: name, values: numbers, ulps: Self.ulps(numbers))
    }
    series = Self.names(values.map { Array($0.series.keys) }).map { name in
      Self.series(name, values.map { $0.series[name] })
    }
    curves = Self.names(values.map { Array($0.curves.keys) }).map { name in
      let curves = values.map { $0.curves[name] }
      let digests = curves.map { $0.map { Digest(of: $0.document) } }
      let areas = curves.map { $0?.auroc }
      return CurveRow(
        name: name, areas: areas, isEqual: digests.allSatisfy { $0 == digests[0] },
        ulps: Self.ulps(areas))
    }
    artifacts = Self.rows(
      values.map { values in values.artifacts.map { ($0.key, JSON($0.value.digest)) } })
  }

  private static func names(_ lists: [[String]]) -> [String] {
    Set(lists.joined().map { JSON.Text($0) }).sorted().map(\.value)
  }

  private static func rows(_ lists: [[(path: String, value: JSON)]]) -> [Row] {
    let tables = lists.map { list in
      Dictionary(list.map { (JSON.Text($0.path), $0.value) }, uniquingKeysWith: { _, last in last })
    }
    return Set(tables.flatMap(\.keys)).sorted().map { name in
      Row(name: name.value, values: tables.map { $0[name] })
    }
  }

  private static func ulps(_ values: [Double?]) -> UInt64? {
    guard let first = values[0] else { return nil }
    return values.dropFirst().compactMap { $0.flatMap { first.ulps(to: $0) } }.max()
  }

  private static func series(_ name: String, _ all: [Series?]) -> SeriesRow {
    var first: Int?
    var differing = 0
    var places = all.map { _ in 0 }
    // The next step that any of them has, until none has one.
    func step(of run: Int) -> Int? {
      all[run].flatMap { places[run] < $0.steps.count ? $0.steps[places[run]] : nil }
    }
    while let next = all.indices.compactMap(step).min() {
      var pattern: UInt64?
      var isEqual = true
      for run in all.indices {
        var found: UInt64?
        if step(of: run) == next {
          found = all[run]?.values[places[run]].bitPattern
          places[run] += 1
        }
        if run == 0 { pattern = found } else if found != pattern { isEqual = false }
      }
      if !isEqual {
        differing += 1
        first = first ?? next
      }
    }
    return SeriesRow(
      name: name, counts: all.map { $0?.steps.count }, differing: differing,
      first: first.map { step in
        let values = all.map { $0?.value(at: step) }
        return SeriesRow.First(step: step, values: values, ulps: ulps(values))
      })
  }

  /// By the words that people use for it: `dormouse`, `binary`, `procedure.probe`, `git.commit`, `code_version`.
  private static func isCode(_ path: String) -> Bool {
    let words = path.utf8.split { [0x2E, 0x5F, 0x2D, 0x2F].contains($0) }.map {
      String(Substring($0)).lowercased()
    }
    let known: Set<String> = [
      "dormouse", "binary", "procedure", "git", "commit", "revision", "code", "source", "dirty",
      "branch",
    ]
    return words.contains { known.contains($0) }
  }
}

extension StudyRecord {
  /// What the study file sets of every run, by dotted path.
  package var settings: [(path: String, value: JSON)] {
    ["organism", "model", "stages"].flatMap { root -> [(path: String, value: JSON)] in
      guard let part = study[root] else { return [] }
      var object = JSON.Object()
      object[root] = part
      return object.flattened
    }
  }
}

extension RunDetails {
  fileprivate var facts: [(path: String, value: JSON)] {
    var facts: [(path: String, value: JSON)] = [
      ("study", JSON(slug)), ("state", JSON(state.rawValue)), ("rerun", JSON(verdict)),
    ]
    if !tags.isEmpty { facts.append(("tags", .array(tags.map { JSON($0) }))) }
    switch body {
    case .planned(let run, _):
      facts += [
        ("kind", "planned"), ("arm", JSON(run.run.arm)), ("seed", JSON(run.run.seed)),
        ("phase", JSON(run.run.phase.rawValue)), ("ordinal", JSON(run.ordinal)),
      ]
    case .registered(let run):
      facts.append(("kind", "registered"))
      if !run.name.isEmpty { facts.append(("name", JSON(run.name))) }
      if let parent = run.parent { facts.append(("parent", JSON(parent))) }
    }
    return facts
  }

  /// By dotted path. Of a planned run what its study file sets and its point changes.
  package var settings: [(path: String, value: JSON)] {
    switch body {
    case .registered(let run): return run.config.flattened
    case .planned(let run, _):
      var settings: [JSON.Text: JSON] = [:]
      for (path, value) in study?.settings ?? [] { settings[JSON.Text(path)] = value }
      for member in run.run.point.members { settings[member.key] = member.value }
      return settings.sorted { $0.key < $1.key }.map { ($0.key.value, $0.value) }
    }
  }

  /// By dotted path; of a planned run also which procedure performed each stage.
  package var circumstances: [(path: String, value: JSON)] {
    switch body {
    case .registered(let run): return run.circumstances.flattened
    case .planned(let run, let stages):
      return run.circumstances.flattened
        + run.run.stages.compactMap { reference in
          stages[reference.key].map {
            ("procedure.\(reference.name)", JSON("\($0.step.kind)@\($0.step.version)"))
          }
        }
    }
  }
}
