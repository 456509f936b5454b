import Benchmarks

/// Reports of benchmarks as people read them.
enum BenchText {
  static func lines(
    of report: BenchmarkReport, _ options: BenchmarkOptions
  ) throws -> [String] {
    try circumstances(of: report, options) + [""] + table(of: report).lines
  }

  /// The same in Markdown, for the notes of a recorded run.
  static func notes(
    of report: BenchmarkReport, _ options: BenchmarkOptions
  ) throws -> String {
    notes(try circumstances(of: report, options), try table(of: report))
  }

  static func lines(of report: KernelReport) -> [String] {
    circumstances(of: report) + [""] + table(of: report).lines
  }

  static func notes(of report: KernelReport) -> String {
    notes(circumstances(of: report), table(of: report))
  }

  static func notes(_ circumstances: [String], _ table: Table) -> String {
    (circumstances.map { "- \($0)" } + [""] + table.markdown).joined(separator: "\n") + "\n"
  }

  private static func circumstances(
    of report: BenchmarkReport, _ options: BenchmarkOptions
  ) -> [String] {
    var lines = heading(
      report.engine, rounds: options.rounds, load: (report.loadAtStart, report.loadAtEnd))
    let peaks = report.peak.byThreads.sorted { $0.key < $1.key }.map {
      "\(gigas($0.value)) GFLOP/s at \(counted($0.key, "thread"))"
    }
    lines.append("multiply-add peak \(peaks.joined(separator: ", "))")
    return lines + versions(of: report)
  }

  private static func table(of report: BenchmarkReport) throws -> Table {
    var table = Table([
      ("benchmark", .left), ("threads", .right), ("against", .left), ("ours", .right),
      ("theirs", .right), ("ratio [quartiles]", .left), ("of the floor", .right),
      ("goal (floor)", .left), ("verdict", .left),
    ])
    for row in try report.rows() {
      let isShare = row.opponent == .arithmetic
      table.add([
        row.benchmark.id, "\(row.threads)", opponent(of: row), quantity(row.ours),
        row.theirs.map(quantity) ?? "—", row.ratio.map { spread($0, isShare: isShare) } ?? "—",
        row.share.map { factor($0, isShare: true) } ?? "—", goal(row.goal, isShare: isShare),
        verdict(row),
      ])
    }
    return table
  }

  private static func circumstances(of report: KernelReport) -> [String] {
    heading(report.engine, rounds: report.rounds, load: (report.loadAtStart, report.loadAtEnd)) + [
      "multiply-add peak \(gigas(report.peak)) GFLOP/s at 1 thread"
    ]
  }

  private static func table(of report: KernelReport) -> Table {
    var table = Table([
      ("kernel", .left), ("a call", .right), ("GFLOP/s", .right), ("of the peak", .right),
      ("GB/s", .right),
    ])
    for row in report.rows {
      table.add([
        row.name, "\(Decimal.text(row.spread.median * 1e6, places: 1)) µs",
        row.operationsPerSecond.map(gigas) ?? "—",
        row.operationsPerSecond.map { factor($0 / report.peak, isShare: true) } ?? "—",
        gigas(row.bytesPerSecond),
      ])
    }
    return table
  }

  private static func heading(
    _ engine: EngineSetting, rounds: Int, load: (start: [Double], end: [Double])
  ) -> [String] {
    func text(_ load: [Double]) -> String {
      load.first.map { Decimal.text($0, places: 2) } ?? "unknown"
    }
    var lines = [
      "\(Host.processor), \(counted(Host.processors, "processor"))",
      "kernels \(engine.family), products \(engine.backend), "
        + "OpenBLAS core type \(EngineSetting.openBLASCore)",
      "\(counted(rounds, "round")); load \(text(load.start)) at the start, \(text(load.end)) at the end",
    ]
    if let busy = load.start.first, busy > 0.5 {
      lines.append("not to be published: the machine was busy before this began")
    }
    if !Host.isOptimised {
      lines.append("not to be published: this is a debug build")
    }
    return lines
  }

  private static func versions(of report: BenchmarkReport) -> [String] {
    let members = report.measurements.flatMap(\.peers).flatMap {
      $0.introduction["versions"]?.object?.members ?? []
    }
    let names = Set(members.map { "\($0.key.value) \($0.value.string ?? "?")" }).sorted()
    return names.isEmpty
      ? ["no peers: 'make peers' installs them, 'make bench' times them"]
      : ["peers: \(names.joined(separator: ", "))"]
  }

  private static func opponent(of row: ReportRow) -> String {
    let peer =
      switch row.benchmark.id {
      case "probes/mean-difference": "NumPy"
      case _ where row.benchmark.part == .probes: "scikit-learn"
      default: "PyTorch"
      }
    return switch row.opponent {
    case nil: "—"
    case .arithmetic: "FLOP floor"
    case .stock: peer
    case .unlocked: "\(peer), unlocked"
    case .memory: "\(peer)'s peak memory"
    }
  }

  private static func quantity(_ quantity: Quantity) -> String {
    switch quantity {
    case .tokensPerSecond(let value):
      value < 1e6
        ? "\(Decimal.text(value / 1e3, places: value < 1e5 ? 2 : 1))k tok/s"
        : "\(Decimal.text(value / 1e6, places: 2))M tok/s"
    case .milliseconds(let value): "\(Decimal.text(value, places: value < 100 ? 2 : 0)) ms"
    case .mebibytes(let value): "\(Decimal.text(value, places: 0)) MiB"
    }
  }

  private static func spread(_ spread: Spread, isShare: Bool) -> String {
    let quartiles = [spread.lower, spread.upper].map { factor($0, isShare: isShare) }
    return "\(factor(spread.median, isShare: isShare)) [\(quartiles.joined(separator: ", "))]"
  }

  private static func factor(_ value: Double, isShare: Bool) -> String {
    isShare
      ? "\(Decimal.text(100 * value, places: 0))%"
      : "\(Decimal.text(value, places: value < 10 ? 2 : 1))×"
  }

  private static func goal(_ goal: Goal?, isShare: Bool) -> String {
    guard let goal else { return "—" }
    let floor = goal.floor.map { " (\(factor($0, isShare: isShare)))" } ?? ""
    return factor(goal.goal, isShare: isShare) + floor
  }

  private static func verdict(_ row: ReportRow) -> String {
    switch row.verdict {
    case nil: "—"
    case .reached: "reached"
    case .aboveFloor: "above the floor"
    case .below: row.goal?.floor == nil ? "below the goal" : "below the floor"
    case .outOfReach(let highest):
      "out of reach here: at most \(factor(highest, isShare: false))"
    }
  }

  private static func gigas(_ value: Double) -> String {
    let gigas = value / 1e9
    return Decimal.text(gigas, places: gigas < 100 ? 1 : 0)
  }
}
