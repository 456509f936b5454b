import ArgumentParser
import Determinism
import Execution
import Experiments
import Interchange
import Records
import Studies

struct ProbeCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Probe activations that were dumped from any model, with every detector and control.",
    discussion: """
      A manifest (probe.yaml) names safetensors and a table of examples; the guide 'probe' explains both, and       --dump-activations prints a Python file that makes both. The run is recorded with the digest of       every file, and --again performs it from there and judges every bit. What cannot be checked for lack of a column is       listed, not left out.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp("A probe manifest, or a folder with probe.yaml.", valueName: "manifest"))
  var manifest: String?

  @Option(
    help: ArgumentHelp(
      "Perform a recorded detection run again, from its record and the same activations.",
      valueName: "run"))
  var again: String?

  @Option(
    help: ArgumentHelp(
      "The folder that names of activations are relative to (default: the manifest's, or here).",
      valueName: "folder"))
  var activations: String?

  @Flag(
    help: ArgumentHelp(
      "Print a Python file that dumps activations of Hugging Face, TransformerLens and nnsight models."
    ))
  var dumpActivations = false

  @Option(help: "Worker threads. They change no bit.")
  var threads = 1

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard [manifest != nil, again != nil, dumpActivations].count(where: { $0 }) == 1 else {
      throw ValidationError("one of: a manifest, --again RUN, --dump-activations")
    }
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    if dumpActivations {
      try terminal.write(
        document: String(decoding: PackageResources.dump_activations_py, as: UTF8.self))
      return .done
    }
    do {
      if let again { return try performAgain(again, on: terminal) }
      return try probe(manifest ?? "", on: terminal)
    } catch is StageInterrupted {
      return Signals.pending.map(Signals.status) ?? .interrupted
    }
  }

  private func probe(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    let manifest = try ProbeManifest(
      contentsOf: path, activations: activations, detectors: DetectionRun.detectors)
    for remark in manifest.remarks where !common.quiet {
      terminal.note("remark: \(remark)".forTerminal)
    }
    let folder = activations ?? ProbeManifest.folder(of: path)
    // Everything is looked at before anything is computed.
    let runs = try manifest.runs.map { run in
      try DetectionRun(run.plan, table: run.table, tableBytes: run.tableBytes, folder: folder)
    }
    let registry = try common.openRegistry(.create)
    let recorded = try registry.snapshot().registeredRecords(where: \.isDetection)
    var answers: [JSON] = []
    for (run, source) in zip(runs, manifest.runs) {
      if let before = recorded.first(where: { $0.performs(run.plan) }) {
        if common.json {
          answers.append(answer(before, isNew: false))
        } else {
          try terminal.say(
            "run \(before.id.short) · \(before.slug) · probed before, with the same activations")
          terminal.note("hint: dormouse probe --again \(before.id.short)")
        }
        continue
      }
      let record = try performed(run, on: terminal)
      var artifacts = record.bytes
      artifacts[Digest(of: source.tableBytes)] = source.tableBytes
      _ = try registry.register(record.run, artifacts: artifacts)
      if common.json {
        answers.append(answer(record.run, isNew: true))
      } else {
        try DetectionReport(run: record.run).print(on: terminal)
      }
    }
    if common.json { try terminal.say(.array(answers)) }
    return .done
  }

  /// Carried out, as it is to be recorded.
  private func performed(_ run: DetectionRun, on terminal: Terminal) throws -> (
    run: RegisteredRunRecord, bytes: [Digest: [UInt8]]
  ) {
    let started = Machine.now()
    let progress = LayerProgress(terminal: terminal, isQuiet: common.quiet)
    let outcome = try run.perform(
      threads: threads, seconds: Machine.seconds, shouldStop: { Signals.pending != nil },
      report: progress.report)
    progress.finish()
    var circumstances = JSON.Object()
    var facts = self.circumstances()
    facts["threads"] = JSON(threads)
    circumstances["environment"] = .object(facts)
    circumstances["engine"] = "dormouse"
    circumstances["times"] = ["started": JSON(started), "finished": JSON(Machine.now())]
    circumstances["seconds"] = .object(
      JSON.Object(outcome.seconds.map { ($0.what, JSON($0.seconds)) }))
    let record = RegisteredRunRecord(
      run.plan, values: outcome.values, notChecked: outcome.notChecked, reported: outcome.primary,
      unit: outcome.unit, circumstances: circumstances)
    let bytes = outcome.values.artifacts.values.map { (Digest(of: $0.bytes), $0.bytes) }
    return (record, Dictionary(bytes, uniquingKeysWith: { first, _ in first }))
  }

  private func answer(_ run: RegisteredRunRecord, isNew: Bool) -> JSON {
    [
      "run": JSON(run.id), "record": JSON(Digest(of: run.document)), "study": JSON(run.slug),
      "new": JSON(isNew), "values": run.values.document,
      "not_checked": run.config["not_checked"] ?? .array([]),
    ]
  }

  // MARK: Again

  private func performAgain(_ name: String, on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.existing)
    let snapshot = try registry.snapshot()
    guard case .registered(let outline) = try snapshot.anyRun(named: name), outline.isDetection
    else {
      throw Failure(
        .usage, "run '\(name)' is no detection run", hint: "dormouse rerun, for runs of a study")
    }
    let recorded = try snapshot.record(of: outline)
    var facts = circumstances()
    facts["engine"] = "dormouse"
    facts["threads"] = JSON(threads)
    let rerun = try judgement(recorded, facts, snapshot, registry, on: terminal)
    try registry.record(rerun)
    if common.json {
      try terminal.say(rerun.document)
    } else {
      try terminal.say("run \(recorded.id.short) · \(recorded.slug) · \(rerun.verdict.rawValue)")
      try terminal.say("\(counted(rerun.compared, "value")) compared, from the same activations")
      for line in rerun.lines { try terminal.say(line.forTerminal) }
    }
    return rerun.verdict.status
  }

  private func judgement(
    _ recorded: RegisteredRunRecord, _ facts: JSON.Object, _ snapshot: Snapshot,
    _ registry: Registry, on terminal: Terminal
  ) throws -> RerunRecord {
    func incomplete(_ note: String) -> RerunRecord {
      RerunRecord(
        slug: recorded.slug, run: recorded.id, verdict: .incomplete, firstDivergence: nil,
        compared: 0, notChecked: [], note: note, circumstances: facts)
    }
    do { try registry.verify(registered: recorded.id) } catch {
      return incomplete("the record is damaged: \(error)")
    }
    let run: DetectionRun
    do {
      let plan = try DetectionPlan(
        config: recorded.config, slug: recorded.slug, name: recorded.name, tags: recorded.tags,
        notes: recorded.notes)
      guard let examples = recorded.values.artifacts[RegisteredRunRecord.examplesName] else {
        return incomplete("its record has no table of examples")
      }
      let bytes = try snapshot.artifact(examples.digest)
      run = try DetectionRun(
        plan, table: try ExampleTable(bytes, file: plan.examples), tableBytes: bytes,
        folder: activations ?? ".")
    } catch let problem as DetectionProblem {
      return incomplete("\(problem.description); \(problem.hint)")
    } catch let unreadable as DetectionPlan.Unreadable {
      return incomplete(unreadable.description)
    }
    let again = try performed(run, on: terminal).run
    return ExternalRerun(recorded: recorded, again: again)
      .judge(
        tolerances: try snapshot.frozenTolerances(of: recorded.slug), circumstances: facts,
        verify: {})
  }
}
