import ArgumentParser
import Determinism
import Execution
import Experiments
import Records
import Studies

struct RunCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Perform a study: train, evaluate, probe; record as it goes.",
    discussion: """
      Stage results that are there already are used as they are. A run that was interrupted or killed continues from \
      its last checkpoint and ends with the bits of one never stopped. Confirmatory seeds run after 'freeze'.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var folder: String

  @Option(help: "Only these seeds: 0, 0..4 or 1,3,1000..1004.")
  var seeds: SeedList?

  @Option(
    help: ArgumentHelp("Only seeds of this phase: development or confirmatory.", valueName: "phase")
  )
  var phase: Phase?

  @Option(help: ArgumentHelp("Only this arm; may be repeated.", valueName: "arm"))
  var arm: [String] = []

  @Flag(help: "Print the plan and what it would cost; do nothing.")
  var dryRun = false

  @Flag(help: "Perform completed runs once more, beside the first.")
  var again = false

  @Option(
    help: ArgumentHelp(
      "Memory that may be taken, e.g. 8GiB (default: what the machine has available).",
      valueName: "size"))
  var memoryLimit: ByteCount?

  @Option(help: .hidden)
  var worker: Int?

  @OptionGroup var machine: MachineOptions
  @OptionGroup var common: CommonOptions

  enum Phase: String, ExpressibleByArgument, CaseIterable {
    case development, confirmatory
    var seeds: SeedPhase { self == .development ? .development : .confirmatory }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let study = try readStudy(in: folder)
    // Nothing is made before it is known that the plan can be performed; what ails a registry that cannot be
    // read is told when it is opened to be written.
    let existing = try? common.openRegistry(.readOnly)
    let plan = try plan(study, registry: existing)
    let memory = try PlanMemory(
      plan, registry: existing, jobs: machine.jobs, threads: machine.threads, again: again)
    if dryRun {
      try DryRun(plan: plan, registry: existing, memory: memory)
        .print(on: terminal, asJSON: common.json)
      return .done
    }
    if worker == nil {
      try memory.check(
        against: memoryLimit.map { MachineMemory(bytes: $0.bytes, source: "--memory-limit is") }
          ?? .available())
    }
    let registry = try common.openRegistry(.create)
    let reporter = ProgressReporter(terminal: terminal, isQuiet: common.quiet || worker != nil)
    let runner = Runner(
      registry: registry, catalog: .standard, reporter: reporter, options: options(registry))
    let summary = try runner.perform(plan)
    reporter.finish()
    if worker != nil { return Signals.pending.map(Signals.status(of:)) ?? .done }
    return try answer(summary, plan: plan, registry: registry, on: terminal)
  }

  /// Every run that the options select. Confirmatory seeds are left out, and said so, while they are closed,
  /// unless they were asked for by name.
  private func plan(_ study: Study, registry: Registry?) throws -> Plan {
    var filter = PlanFilter(arms: Set(arm))
    let known = study.seeds.development + study.seeds.confirmatory
    if let seeds {
      filter.seeds = Set(known.filter(seeds.contains))
      guard !filter.seeds.isEmpty else {
        throw Failure(
          .usage, "the study has none of these seeds",
          hint: "its seeds: \(known.map { "\($0)" }.joined(separator: ", "))")
      }
    }
    var phases = phase.map { Set([$0.seeds]) } ?? Set(SeedPhase.allCases)
    if phase == nil, seeds == nil, try registry.map({ try !isFrozen(study, in: $0) }) ?? true {
      phases = [.development]
    }
    return try Plan(study, catalog: .standard, phases: phases, only: filter)
  }

  private func isFrozen(_ study: Study, in registry: Registry) throws -> Bool {
    let document = study.document
    return try registry.snapshot().freezes.contains { $0.covers(slug: study.slug, study: document) }
  }

  private func options(_ registry: Registry) -> RunnerOptions {
    var options = RunnerOptions(clock: Clock(date: Machine.now, seconds: Machine.seconds))
    options.role = worker.map { .worker(index: $0) } ?? .coordinator
    options.jobs = machine.jobs
    options.threads = machine.threads
    options.again = again
    options.shouldStop = { Signals.pending != nil }
    options.circumstances = circumstances()
    options.assess = { study, _ in try registry.assess(study, recording: false) }
    let arguments = Array(CommandLine.arguments.dropFirst())
    options.spawn = { index in
      try WorkerProcess(arguments: arguments + ["--worker", "\(index)"])
    }
    return options
  }

  private func answer(
    _ summary: RunnerSummary, plan: Plan, registry: Registry, on terminal: Terminal
  ) throws -> ExitStatus {
    let snapshot = try registry.snapshot()
    if common.json {
      try terminal.say(
        [
          "completed": .array(summary.completed.map { JSON($0) }),
          "completed_before": .array(summary.alreadyCompleted.map { JSON($0) }),
          "failed": .array(
            summary.failed.map { ["run": JSON($0.run), "message": JSON($0.message)] }),
          "interrupted": .array(summary.interrupted.map { JSON($0) }),
          "stages_performed": JSON(summary.performed), "head": JSON(snapshot.head),
        ])
    } else {
      try terminal.say(
        "\(counted(summary.completed.count, "run")) completed"
          + (summary.alreadyCompleted.isEmpty ? "" : ", \(summary.alreadyCompleted.count) before")
          + (summary.failed.isEmpty ? "" : ", \(summary.failed.count) failed")
          + (summary.interrupted.isEmpty ? "" : ", \(summary.interrupted.count) interrupted")
          + " · \(counted(summary.performed, "stage")) performed, \(summary.shared) shared"
          + " · head \(snapshot.head.short)")
      for failure in summary.failed {
        let message = "error: run \(failure.run.short) failed: \(failure.message)"
        for line in message.linesForTerminal { terminal.note(line) }
      }
    }
    if let signal = Signals.pending {
      terminal.note("interrupted; the same command continues where this one stopped")
      return Signals.status(of: signal)
    }
    return summary.isComplete ? .done : .couldNotFinish
  }
}
