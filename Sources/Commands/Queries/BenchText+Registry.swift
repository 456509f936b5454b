import Benchmarks

extension BenchText {
  static func lines(of report: RegistryReport) throws -> [String] {
    circumstances(of: report) + [""] + (try table(of: report)).lines
  }

  static func notes(of report: RegistryReport) throws -> String {
    notes(circumstances(of: report), try table(of: report))
  }

  private static func circumstances(of report: RegistryReport) -> [String] {
    func text(_ load: [Double]) -> String {
      load.first.map { Decimal.text($0, places: 2) } ?? "unknown"
    }
    var lines = [
      "\(Host.processor), \(counted(Host.processors, "processor"))",
      "\(counted(report.options.rounds, "round")); load \(text(report.loadAtStart)) at the start, "
        + "\(text(report.loadAtEnd)) at the end",
    ]
    if let busy = report.loadAtStart.first, busy > 0.5 {
      lines.append("not to be published: the machine was busy before this began")
    }
    if !Host.isOptimised { lines.append("not to be published: this is a debug build") }
    if report.options.isCurve {
      lines.append("\(counted(report.options.points, "point")) a run")
    }
    let versions = report.versions.members.map {
      "\($0.key.value.replacing("peer_", with: "")) \($0.value.string ?? "?")"
    }
    lines.append(
      versions.isEmpty
        ? "no peers: 'make peers' installs them, 'make bench-registry' times them"
        : "peers: \(versions.joined(separator: ", "))")
    return lines
  }

  private static func table(of report: RegistryReport) throws -> Table {
    var table = Table([
      ("figure", .left), ("ours", .right), ("MLflow", .right), ("plain SQLite", .right),
      ("goals", .left),
    ])
    for finding in report.findings where !finding.ours.isEmpty || finding.trouble != nil {
      let unit = finding.figure.unit
      let goals = try finding.figure.goals.map { goal in
        let verdict = try finding.reaches(goal).map { $0 ? "reached" : "missed" } ?? "not measured"
        return "\(text(goal, unit, try finding.median())): \(verdict)"
      }
      table.add([
        finding.figure.name, try finding.median().map { text($0, unit) } ?? "—",
        try finding.median(of: .mlflow).map { text($0, unit) } ?? "—",
        try finding.median(of: .plain).map { text($0, unit) } ?? "—",
        finding.trouble.map { "not measured: \($0)" } ?? goals.joined(separator: "; "),
      ])
    }
    return table
  }

  private static func text(
    _ goal: RegistryGoal, _ unit: RegistryFigure.Unit, _ ours: Double?
  ) -> String {
    switch goal {
    case .atMost(let limit): "at most \(text(limit, unit))"
    case .atLeast(let limit): "at least \(text(limit, unit))"
    case .times(let factor, let peer) where factor < 1:
      "\(Decimal.text(1 / factor, places: 0))× faster than \(peer == .mlflow ? "MLflow" : "plain SQLite")"
    case .times(let factor, let peer):
      "at most \(Decimal.text(factor, places: 1))× \(peer == .mlflow ? "MLflow" : "plain SQLite")"
    }
  }

  private static func text(_ value: Double, _ unit: RegistryFigure.Unit) -> String {
    switch unit {
    case .seconds: "\(Decimal.text(value, places: 3)) s"
    case .milliseconds: "\(Decimal.text(value, places: 1)) ms"
    case .megabytes: "\(Decimal.text(value, places: 2)) MB"
    case .pointsPerSecond: "\(Decimal.text(value / 1000, places: 0))k points/s"
    case .count: Decimal.text(value, places: 0)
    case .factor: "\(Decimal.text(value, places: 2))×"
    }
  }
}
