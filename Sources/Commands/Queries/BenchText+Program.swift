import Benchmarks

extension BenchText {
  static func lines(of report: ProgramReport) throws -> [String] {
    circumstances(of: report) + [""] + (try table(of: report)).lines
  }

  static func notes(of report: ProgramReport) throws -> String {
    notes(circumstances(of: report), try table(of: report))
  }

  private static func circumstances(of report: ProgramReport) -> [String] {
    func text(_ load: [Double]) -> String {
      load.first.map { Decimal.text($0, places: 2) } ?? "unknown"
    }
    var lines = [
      "\(Host.processor), \(counted(Host.processors, "processor"))",
      "\(counted(report.rounds, "round")); load \(text(report.loadAtStart)) at the start, "
        + "\(text(report.loadAtEnd)) at the end",
    ]
    if let busy = report.loadAtStart.first, busy > 0.5 {
      lines.append("not to be published: the machine was busy before this began")
    }
    if !Host.isOptimised { lines.append("not to be published: this is a debug build") }
    if let remark = report.remark { lines.append(remark) }
    let versions = report.versions.members.map {
      "\($0.key.value.replacing("peer_", with: "")) \($0.value.string ?? "?")"
    }
    lines.append(
      versions.isEmpty
        ? "no peers: 'make peers' installs them, 'make bench-\(report.name)' times them"
        : "peers: \(versions.joined(separator: ", "))")
    return lines
  }

  private static func table(of report: ProgramReport) throws -> Table {
    // Those that do what is measured here.
    let peers = ProgramPeer.allCases.filter { peer in
      report.findings.contains { finding in
        finding.theirs[peer] != nil
          || finding.figure.goals.contains {
            if case .times(_, peer) = $0 { true } else { false }
          }
      }
    }
    var table = Table(
      [
        ("figure", .left), ("ours", .right),
      ] + peers.map { ($0.title, .right) } + [("goals", .left)])
    for finding in report.findings where !finding.ours.isEmpty || finding.trouble != nil {
      let unit = finding.figure.unit
      let goals = try finding.figure.goals.map { goal in
        let verdict = try finding.reaches(goal).map { $0 ? "reached" : "missed" } ?? "not measured"
        return "\(text(goal, unit, try finding.median())): \(verdict)"
      }
      table.add(
        [
          finding.figure.name, try finding.median().map { text($0, unit) } ?? "—",
        ] + (try peers.map { try finding.median(of: $0).map { text($0, unit) } ?? "—" }) + [
          finding.trouble.map { "not measured: \($0)" } ?? goals.joined(separator: "; ")
        ])
    }
    return table
  }

  private static func text(
    _ goal: ProgramGoal, _ unit: ProgramFigure.Unit, _ ours: Double?
  ) -> String {
    switch goal {
    case .atMost(let limit): "at most \(text(limit, unit))"
    case .atLeast(let limit): "at least \(text(limit, unit))"
    case .times(let factor, let peer) where factor < 1:
      "\(Decimal.text(1 / factor, places: 0))× faster than \(peer.title)"
    case .times(let factor, let peer):
      "at most \(Decimal.text(factor, places: 1))× \(peer.title)"
    }
  }

  private static func text(_ value: Double, _ unit: ProgramFigure.Unit) -> String {
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
