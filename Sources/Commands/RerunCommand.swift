import ArgumentParser
import Determinism
import Execution
import Experiments
import Records
import Studies

struct RerunCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Perform recorded runs again from their records alone, and judge every bit.",
    discussion: """
      The verdict is EXACT, WITHIN-TOLERANCE, SAME-CONCLUSIONS, DIVERGED or INCOMPLETE, and is recorded. 'dormouse \
      check' explains damage that stops a rerun.

      A published site has its archives in it or beside it: 'dormouse rerun ./site --prediction STUDY/ID' takes them into the registry, \
      performs the runs behind a number of its pages, and computes the number again.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "First digits of run ids; before them, perhaps, the folder of a site.", valueName: "run"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "The runs behind a prediction's estimate, which is then computed again.",
      valueName: "study/id"))
  var prediction: PredictionReference?

  @Flag(help: "Every completed run of the registry.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Only so many of the selected runs, drawn by the ledger's head: 20, or 20@ and ten digits of the head "
        + "that an earlier sample was drawn by.", valueName: "count"))
  var sample: DrawnSample?

  @Option(
    help: ArgumentHelp(
      "Change the plan on purpose, to see the rerun notice: stage:seed=7, stage:steps=90, "
        + "stage:artifact.weights=1000. Nothing is recorded.", valueName: "change"))
  var change: [String] = []

  @Flag(help: .hidden)
  var worker = false

  @OptionGroup var filter: RunFilter
  @OptionGroup var machine: MachineOptions
  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let changes = try change.map { text throws(Failure) in
      guard let change = PlanChange(parsing: text) else {
        throw Failure(
          .usage, "'\(text)' is not a change", hint: "pretrain:seed=7 or implant:steps=90")
      }
      return change
    }
    let site = try names.first.flatMap(CarriedArchives.init)
    let registry = try common.openRegistry(site == nil ? .existing : .create)
    if let site {
      let added = try site.take(into: registry, study: prediction?.slug ?? filter.study)
      terminal.note("\(names[0]): \(counted(added, "new record")) in \(common.registryFolder)")
    }
    let snapshot = try registry.snapshot()
    let assessment = try prediction?.assessment(in: snapshot)
    var runs = try selection(
      in: snapshot, of: registry, named: Array(names.dropFirst(site == nil ? 0 : 1)),
      behind: assessment)
    if let sample {
      let drawn = sample.draw(from: runs, head: snapshot.head)
      terminal.note(
        "\(drawn.runs.count) of \(runs.count) runs, drawn by head \(drawn.head)")
      runs = drawn.runs
    }
    let reporter = ProgressReporter(terminal: terminal, isQuiet: common.quiet || worker)
    if !worker, !common.quiet { terminal.note(price(of: runs, in: snapshot)) }
    let rerun = Rerun(
      registry: registry, catalog: .standard, reporter: reporter,
      options: options(registry, changes: changes))
    let records = try rerun.perform(runs.map(\.id))
    reporter.finish()
    if common.json {
      try terminal.say(.array(records.map(\.document)))
    } else if !worker {
      try answer(records, snapshot: snapshot, on: terminal)
      if let assessment {
        let again = try Assessor(snapshot).repeated(assessment)
        try answer(assessment, again, records, on: terminal)
        guard again.isSame(as: assessment) else { return .no }
      }
    }
    if let signal = Signals.pending { return Signals.status(of: signal) }
    return status(of: records)
  }

  private func selection(
    in snapshot: Snapshot, of registry: Registry, named names: [String],
    behind assessment: AssessmentRecord?
  ) throws -> [RunRecord] {
    if let assessment {
      guard names.isEmpty else {
        throw Failure(.usage, "runs are named, or a prediction is", hint: "leave one out")
      }
      guard !assessment.runs.isEmpty else {
        throw Failure(
          .usage, "no run stands behind \(assessment.predictionID): it was not tested",
          hint: assessment.note.isEmpty ? nil : assessment.note)
      }
      return try assessment.runs.map { try snapshot.run(named: $0.hex) }
    }
    if !names.isEmpty {
      var runs: [RunRecord] = []
      for name in names { runs.append(try snapshot.run(named: name)) }
      return runs
    }
    guard all || !filter.isEmpty else {
      throw Failure(
        .usage, "which runs?",
        hint: "dormouse rerun RUN, --prediction STUDY/ID, --study S, or --all")
    }
    let runs = try filter.runs(in: snapshot, of: registry).filter {
      snapshot.states[$0.id] == .completed
    }
    guard !runs.isEmpty else {
      throw Failure(.usage, "no completed run is selected", hint: "dormouse list")
    }
    return runs
  }

  /// What the runs rest on and took, before it is spent again.
  private func price(of runs: [RunRecord], in snapshot: Snapshot) -> String {
    let work = RecordedWork(behind: runs, in: snapshot.stages)
    let seconds = work.seconds(workers: min(machine.jobs, runs.count) * machine.threads)
    return "\(counted(runs.count, "run")), \(counted(work.stages.count, "stage result"))"
      + (seconds.map { "; by their records about \(Decimal.duration($0))" } ?? "")
  }

  private func options(_ registry: Registry, changes: [PlanChange]) -> RerunOptions {
    var options = RerunOptions(clock: Clock(date: Machine.now, seconds: Machine.seconds))
    options.threads = machine.threads
    options.jobs = worker ? 1 : machine.jobs
    options.changes = changes
    options.shouldStop = { Signals.pending != nil }
    options.circumstances = circumstances()
    options.verify = { try registry.verify(run: $0) }
    // Conclusions drawn from a plan that was changed on purpose would say nothing of the record.
    guard changes.isEmpty else { return options }
    options.conclusions = { run, stages in
      try Conclusions(of: run, with: stages, in: registry.snapshot())
    }
    let shared = [
      "--registry", common.registryFolder, "--threads", "\(machine.threads)", "--worker",
    ]
    if options.jobs > 1 {
      options.spawn = { _, runs in
        try WorkerProcess(arguments: ["rerun"] + runs.map(\.hex) + shared)
      }
    }
    return options
  }

  private func answer(
    _ records: [RerunRecord], snapshot: Snapshot, on terminal: Terminal
  ) throws {
    var table = Table([
      ("run", .left), ("point", .left), ("arm", .left), ("seed", .right), ("verdict", .left),
      ("compared", .right), ("", .left),
    ])
    for record in records {
      guard let run = snapshot.runs.first(where: { $0.id == record.run }) else { continue }
      table.add([
        run.id.short, run.run.point.pointText, run.run.arm, "\(run.run.seed)",
        record.verdict.rawValue,
        "\(record.compared)", remark(on: record),
      ])
    }
    for line in table.lines { try terminal.say(line) }
    try terminal.say()
    let counts = Verdict.allCases.compactMap { verdict in
      let count = records.count { $0.verdict == verdict }
      return count > 0 ? "\(count) \(verdict.rawValue)" : nil
    }
    try terminal.say(counts.joined(separator: ", "))
    if !change.isEmpty { try terminal.say("changed on purpose: nothing was recorded") }
  }

  /// What the runs say of the number that they stand behind.
  private func answer(
    _ assessment: AssessmentRecord, _ again: AssessmentRecord, _ records: [RerunRecord],
    on terminal: Terminal
  ) throws {
    func text(_ assessment: AssessmentRecord) -> String {
      ([assessment.result.rawValue]
        + assessment.estimates.map {
          "\(Decimal.text($0.value, places: 3)) [\(Decimal.text($0.lower, places: 3)), "
            + "\(Decimal.text($0.upper, places: 3))]"
        }).joined(separator: " ")
    }
    let name = "\(assessment.slug)/\(assessment.predictionID)"
    try terminal.say("\(name): recorded as \(text(assessment))")
    try terminal.say(
      again.isSame(as: assessment)
        ? "computed again from the runs' values: the same, bit for bit"
        : "computed again from the runs' values: \(text(again))")
    let exact = records.count { $0.verdict == .exact }
    let unperformed = assessment.runs.count - records.count
    try terminal.say(
      exact < records.count
        ? "\(exact) of \(records.count) runs came out with the same bits"
        : unperformed == 0
          ? "and all of those values came out of the rerun with the same bits"
          : "and those of \(counted(exact, "run")) came out of the rerun with the same bits")
    if unperformed > 0 {
      try terminal.say(
        "\(counted(unperformed, "run")) behind it not performed again: their values are as recorded"
      )
    }
  }

  private func remark(on record: RerunRecord) -> String {
    guard let first = record.firstDivergence else { return record.note }
    let step = first.step.map { " step \($0)" } ?? ""
    let distance = first.ulps.map { ", \($0) ulps" } ?? ""
    return "\(first.stage) \(first.key)\(step): \(first.recorded.prefix(16)) → "
      + "\(first.recomputed.prefix(16))\(distance)"
  }

  private func status(of records: [RerunRecord]) -> ExitStatus {
    if records.contains(where: { $0.verdict == .incomplete }) { return .couldNotFinish }
    let good: Set<Verdict> = [.exact, .withinTolerance]
    return records.allSatisfy { good.contains($0.verdict) } ? .done : .no
  }
}

extension AssessmentRecord {
  /// Whether result and estimates have the same bits; notes are words.
  func isSame(as other: AssessmentRecord) -> Bool {
    func bits(_ record: AssessmentRecord) -> [[UInt64]] {
      record.estimates.map { [$0.value, $0.lower, $0.upper].map(\.bitPattern) }
    }
    return result == other.result && bits(self) == bits(other)
  }
}

extension Conclusions {
  /// Repeats every assessment that speaks of the run, the newest of each prediction, with other values of
  /// its stages.
  init(of run: RunRecord, with stages: [Digest: StageRecord], in snapshot: Snapshot) throws {
    let assessor = Assessor(snapshot).replacing(stages)
    var newest: [String: AssessmentRecord] = [:]
    for assessment in snapshot.assessments
    where assessment.runs.contains(run.id) && assessment.result != .notTested {
      newest[assessment.predictionID] = assessment
    }
    var kept = 0
    var changed: [String] = []
    for (id, assessment) in newest.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      let repeated = try assessor.repeated(assessment)
      if repeated.result == assessment.result {
        kept += 1
      } else {
        changed.append("\(id): \(assessment.result.rawValue) → \(repeated.result.rawValue)")
      }
    }
    self.init(kept: kept, changed: changed)
  }
}
