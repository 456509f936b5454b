import Determinism
import Experiments
import Records
import Studies

/// What `run` would do: runs, what is there already, a rough price.
struct DryRun {
  let plan: Plan
  /// nil when there is no registry yet.
  let registry: Registry?
  let memory: PlanMemory

  func print(on terminal: Terminal, asJSON: Bool) throws {
    let catalog = Catalog.standard
    var table = Table([
      ("stage", .left), ("procedure", .left), ("results", .right), ("there", .right),
      ("about", .right),
    ])
    var seconds = 0.0
    var recorded = 0
    let kinds = plan.steps.map(\.kind).reduce(into: [String]()) { kinds, kind in
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    for kind in kinds {
      let steps = plan.steps.filter { $0.kind == kind }
      let missing = try steps.filter { try registry?.stage($0.key) == nil }
      let costs = missing.compactMap { catalog.cost(kind, $0.options) }
      let time = costs.map(\.seconds).reduce(0, +)
      seconds += time
      recorded += steps.count - missing.count
      table.add([
        kind, "@\(steps[0].version)", "\(steps.count)", "\(steps.count - missing.count)",
        costs.isEmpty ? "—" : Decimal.duration(time),
      ])
    }
    if asJSON {
      try terminal.say(
        [
          "study": JSON(plan.slug), "runs": JSON(plan.runs.count),
          "stage_results": JSON(plan.steps.count), "recorded": JSON(recorded),
          "seconds_on_one_thread": JSON(seconds), "bytes_at_once": JSON(memory.bytes),
          "jobs": JSON(memory.jobs), "threads": JSON(memory.threads),
        ])
      return
    }
    let seeds = Set(plan.runs.map(\.seed)).count
    let points = Set(plan.runs.map { JSON.object($0.point).canonicalText }).count
    let arms = Set(plan.runs.map(\.arm)).count
    try terminal.say(
      "\(plan.slug): \(counted(plan.runs.count, "run")) = \(counted(points, "point")) × "
        + "\(counted(arms, "arm")) × \(counted(seeds, "seed"))")
    for line in table.lines { try terminal.say("  \(line)") }
    try terminal.say(
      "about \(Decimal.duration(seconds)) on one thread, \(memory.text); nothing was done"
    )
  }
}
