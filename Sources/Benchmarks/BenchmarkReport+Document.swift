import Determinism
import Statistics

extension BenchmarkReport {
  /// The study that results of benchmarks are runs of.
  package static let study = "benchmarks"

  /// The report as one run document: what was asked, on what machine, the metrics, and every round's time.
  ///
  /// - Parameters:
  ///   - environment: facts of machine and program; the report adds its own.
  ///   - notes: Markdown for people.
  package func document(
    options: BenchmarkOptions, environment: JSON.Object, notes: String
  ) throws(StatisticsError) -> JSON {
    try Self.document(
      name: Benchmark.Part.allCases.map(\.rawValue)
        .filter { part in options.benchmarks.contains { $0.part.rawValue == part } }
        .joined(separator: ", "),
      config: [
        ("benchmarks", .array(options.benchmarks.map { JSON($0.id) })),
        ("threads", .array(options.threads.map { JSON($0) })), ("rounds", JSON(options.rounds)),
        ("seconds_per_round", JSON(options.secondsPerRound)),
      ],
      environment: environment.merging(facts), metrics: metrics(), series: series, engine: engine,
      notes: notes)
  }

  static func document(
    name: String, config: [(String, JSON)], environment: JSON.Object, metrics: [(String, JSON)],
    series: [(String, JSON)], engine: EngineSetting, notes: String
  ) -> JSON {
    [
      "study": JSON(study), "name": JSON(name),
      "config": .object(
        JSON.Object(
          config + [
            ("backend", JSON(engine.backend)), ("family", JSON(engine.family)),
          ])),
      "environment": .object(environment), "metrics": .object(JSON.Object(metrics)),
      "series": .object(JSON.Object(series)), "notes": JSON(notes),
    ]
  }

  /// Load, versions of the peers.
  private var facts: JSON.Object {
    var facts = Self.facts(loadAtStart: loadAtStart, loadAtEnd: loadAtEnd)
    for peer in measurements.flatMap(\.peers) {
      for member in peer.introduction["versions"]?.object?.members ?? [] {
        facts["peer_\(member.key.value)"] = member.value
      }
    }
    return facts
  }

  static func facts(loadAtStart: [Double], loadAtEnd: [Double]) -> JSON.Object {
    JSON.Object([
      ("processor", JSON(Host.processor)), ("processors", JSON(Host.processors)),
      ("optimised", JSON(Host.isOptimised)), ("openblas_core", JSON(EngineSetting.openBLASCore)),
      ("load_at_start", .array(loadAtStart.map { JSON($0) })),
      ("load_at_end", .array(loadAtEnd.map { JSON($0) })),
    ])
  }

  private func metrics() throws(StatisticsError) -> [(String, JSON)] {
    var found = peak.byThreads.sorted { $0.key < $1.key }.map {
      ("fma-peak/\($0.key)-thread\($0.key == 1 ? "" : "s")", JSON($0.value))
    }
    for row in try rows() {
      found.append(("\(row.key)/ours", JSON(row.ours.value)))
      if let theirs = row.theirs { found.append(("\(row.key)/theirs", JSON(theirs.value))) }
      if let share = row.share { found.append(("\(row.key)/flop-share", JSON(share))) }
      if let ratio = row.ratio {
        found += [
          ("\(row.key)/ratio", JSON(ratio.median)), ("\(row.key)/ratio-lower", JSON(ratio.lower)),
          ("\(row.key)/ratio-upper", JSON(ratio.upper)),
        ]
      }
    }
    return found
  }

  /// Seconds of a step, by round.
  private var series: [(String, JSON)] {
    measurements.flatMap { measurement in
      ([measurement.ours] + measurement.peers).map { series in
        let threads = "\(measurement.threads)-thread\(measurement.threads == 1 ? "" : "s")"
        return (
          "\(measurement.benchmark.id)/\(threads)/\(series.opponent?.rawValue ?? "own")",
          .array(series.secondsPerStep.map { JSON($0) })
        )
      }
    }
  }
}

extension JSON.Object {
  /// The later of two members with one key wins.
  func merging(_ other: JSON.Object) -> JSON.Object {
    JSON.Object((members + other.members).map { ($0.key.value, $0.value) })
  }
}
