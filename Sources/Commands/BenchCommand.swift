import ArgumentParser
import Benchmarks
import Determinism
import Interchange
import Records

struct BenchCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time this machine: training, sampling, probes, kernels, the registry, the site.",
    discussion: """
      Without a peer the figures are this machine's own, beside the time that the arithmetic alone would take at its \
      measured multiply-add peak. With --peers, PyTorch and scikit-learn do the same tasks in turns with us ('make bench' \
      does that), and each ratio is the median over rounds with its quartiles. Publish nothing from a busy machine.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "training, sampling, probes, kernels, registry or site (default: all but the last two).")
  var part: Part?

  @Option(
    help: ArgumentHelp(
      "Only these sizes: S, M, L, d32, d64, d128, logistic, mean-difference, roc.",
      valueName: "list"))
  var sizes: NameList?

  @Option(help: ArgumentHelp("Numbers of worker threads to time, 1,2.", valueName: "list"))
  var threads: ThreadList?

  @Option(help: "Rounds, in each of which every party has its turn (default: 9, or 3 when quick).")
  var rounds: Int?

  @Flag(help: "Few and short rounds: for a first look.")
  var quick = false

  @Option(help: "Who computes the products of matrices: own or openblas.")
  var backend = "own"

  @Option(help: "Instruction set: baseline, avx2 or avx512 (default: the best here).")
  var family: String?

  @Option(help: ArgumentHelp("Time peers, too, with this Python.", valueName: "python"))
  var peers: String?

  @Option(help: ArgumentHelp("The folder of the peers' scripts.", valueName: "folder"))
  var peerScripts = "Tests/Peers"

  @Option(
    help: ArgumentHelp(
      "A library to preload for a second, unlocked PyTorch.", valueName: "library"))
  var unlock: String?

  @Option(help: ArgumentHelp("Seconds a peer may stay silent.", valueName: "seconds"))
  var limit = 600.0

  @Flag(help: "Record the result in the registry, as a run of the study 'benchmarks'.")
  var record = false

  @Option(
    help: ArgumentHelp(
      "Of registry and site: runs of the registries that are read from (default: 1000,10000).",
      valueName: "list"))
  var runs: SizeList?

  @Flag(
    help:
      "Of registry: only what reading takes among 1,000, 10,000 and 100,000 runs, of 10 points each."
  )
  var curve = false

  @OptionGroup var common: CommonOptions

  @Option(help: .hidden)
  var serve: String?

  enum Part: String, ExpressibleByArgument, CaseIterable {
    case training, sampling, probes, kernels, registry, site
  }

  func validate() throws {
    if let rounds, !(1...1000).contains(rounds) {
      throw ValidationError("--rounds must be 1 to 1000")
    }
    if curve, part != .registry { throw ValidationError("--curve is of registry") }
    guard limit > 0, limit <= 86_400 else {
      throw ValidationError("--limit must be a time of at most a day")
    }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let engine = try engineSetting()
    let threads = threads?.values ?? (Host.processors > 1 ? [1, 2] : [1])
    if let serve {
      try serveWorkload(serve, engine: engine, threads: threads[0], on: terminal)
      return .done
    }
    if part == .registry { return try timeRegistry(engine, on: terminal) }
    if part == .site { return try timeSite(engine, threads: threads.max() ?? 1, on: terminal) }
    let benchmarks = try selected()
    var documents: [JSON] = []
    if !benchmarks.isEmpty {
      let options = BenchmarkOptions(
        benchmarks: benchmarks, threads: threads, rounds: rounds ?? (quick ? 3 : 9),
        secondsPerRound: quick ? 0.05 : 0.3, engine: engine, peers: try peerSettings(),
        limit: limit)
      documents.append(try time(options, on: terminal))
    }
    if part == .kernels || part == nil && sizes == nil {
      documents.append(try timeKernels(engine, on: terminal))
    }
    if common.json { try terminal.say(documents.count == 1 ? documents[0] : .array(documents)) }
    if record { try register(documents, on: terminal) }
    return .done
  }

  private func engineSetting() throws -> EngineSetting {
    guard EngineSetting.backends.contains(backend) else {
      throw Failure(
        .usage, "there is no backend '\(backend)'",
        hint: "backends: \(EngineSetting.backends.joined(separator: ", "))")
    }
    guard let setting = EngineSetting(backend: backend, family: family) else {
      throw Failure(
        .usage, "this machine cannot run kernels '\(family ?? "")'",
        hint: "it can run \(EngineSetting.supportedFamilies.joined(separator: ", "))")
    }
    return setting
  }

  private func selected() throws -> [Benchmark] {
    let known = Catalogue.all.filter { part == nil || $0.part.rawValue == part?.rawValue }
    guard let sizes else { return known }
    let names = Set(known.map(\.name))
    if let stranger = sizes.names.first(where: { !names.contains($0) }) {
      var listed: [String] = []
      for benchmark in known where !listed.contains(benchmark.name) {
        listed.append(benchmark.name)
      }
      throw Failure(
        .usage, "there is no size '\(stranger)'\(part.map { " of \($0.rawValue)" } ?? "")",
        hint: listed.isEmpty
          ? "kernels have no sizes" : "sizes: \(listed.joined(separator: ", "))")
    }
    return known.filter { sizes.names.contains($0.name) }
  }

  private func peerSettings() throws -> PeerSettings? {
    guard let peers else { return nil }
    guard Files.isFile("\(peerScripts)/coprocess.py") else {
      throw Failure(
        .usage, "\(peerScripts): no peers' scripts are there",
        hint: "name the folder Tests/Peers of the sources with --peer-scripts")
    }
    if let unlock, !Files.isFile(unlock) {
      throw Failure(.usage, "\(unlock): no such library", hint: "'make bench' compiles it")
    }
    return PeerSettings(python: peers, scripts: peerScripts, unlock: unlock)
  }

  private func serveWorkload(
    _ id: String, engine: EngineSetting, threads: Int, on terminal: Terminal
  ) throws {
    guard let benchmark = Catalogue.all.first(where: { $0.id == id }) else {
      throw Failure(.usage, "there is no benchmark '\(id)'")
    }
    try WorkloadServer.serve(benchmark.workload(engine: engine, threads: threads)) {
      try terminal.say($0)
    }
  }

  private func time(_ options: BenchmarkOptions, on terminal: Terminal) throws -> JSON {
    let runner = BenchmarkRunner(
      options,
      own: { benchmark, threads in
        PartyProgram(
          title: "dormouse", path: "/proc/self/exe",
          arguments: [
            "bench", "--serve", benchmark.id, "--threads", "\(threads)", "--backend",
            options.engine.backend, "--family", options.engine.family,
          ])
      }, shouldStop: { Signals.pending != nil })
    let report = try runner.perform { news in
      if !common.quiet { terminal.note("timing \(news)") }
    }
    if !common.json {
      for line in try BenchText.lines(of: report, options) { try terminal.say(line) }
    }
    return try report.document(
      options: options, environment: circumstances(),
      notes: try BenchText.notes(of: report, options))
  }

  /// A measurement is nothing that could come out the same again: a registered run, not a stage result.
  private func register(_ documents: [JSON], on terminal: Terminal) throws {
    let registry = try common.openRegistry(.create)
    for document in documents {
      let run = try RunDocument(Array(document.prettyText.utf8), file: "bench", folder: ".")
      _ = try registry.register(run.record, artifacts: run.artifacts)
      if !common.quiet { terminal.note("recorded as run \(run.record.id.short) of benchmarks") }
    }
  }

  /// Bytes go to the disk under the temporary folder: that is the one that is measured.
  private func timeRegistry(_ engine: EngineSetting, on terminal: Terminal) throws -> ExitStatus {
    let report = try Files.withTemporaryFolder { folder in
      var options = RegistryOptions(
        rounds: rounds ?? (quick ? 1 : 3), sizes: runs?.values ?? (quick ? [] : [1000, 10_000]),
        folder: folder, peers: try peerSettings())
      if curve {
        options.isCurve = true
        options.points = 10
        options.sizes = runs?.values ?? Catalogue.registrySizes
        options.peers = nil
      }
      if quick {
        options.followed = 20_000
        options.writers = 4
        options.runsOfWriter = 5
      }
      var bench = RegistryBench(
        options,
        own: { PartyProgram(title: "dormouse", path: "/proc/self/exe", arguments: $0) },
        shouldStop: { Signals.pending != nil })
      return try bench.perform { news in
        if !common.quiet { terminal.note("timing \(news)") }
      }
    }
    return try say(report, engine, on: terminal)
  }

  /// As the registry is measured.
  private func timeSite(_ engine: EngineSetting, threads: Int, on terminal: Terminal) throws
    -> ExitStatus
  {
    let report = try Files.withTemporaryFolder { folder in
      var bench = SiteBench(
        SiteOptions(
          rounds: rounds ?? (quick ? 1 : 3),
          sizes: runs?.values ?? (quick ? [1000] : [1000, 10_000]),
          threads: threads, folder: folder, peers: try peerSettings()),
        own: { PartyProgram(title: "dormouse", path: "/proc/self/exe", arguments: $0) },
        shouldStop: { Signals.pending != nil })
      return try bench.perform { news in
        if !common.quiet { terminal.note("timing \(news)") }
      }
    }
    return try say(report, engine, on: terminal)
  }

  private func say(_ report: ProgramReport, _ engine: EngineSetting, on terminal: Terminal) throws
    -> ExitStatus
  {
    let document = try report.document(
      environment: circumstances(), engine: engine, notes: try BenchText.notes(of: report))
    if common.json {
      try terminal.say(document)
    } else {
      for line in try BenchText.lines(of: report) { try terminal.say(line) }
    }
    if record { try register([document], on: terminal) }
    return .done
  }

  private func timeKernels(_ engine: EngineSetting, on terminal: Terminal) throws -> JSON {
    if !common.quiet { terminal.note("timing kernels") }
    let report = try KernelReport(
      engine: engine, rounds: rounds ?? (quick ? 3 : 9), secondsPerRound: quick ? 0.002 : 0.03,
      shouldStop: { Signals.pending != nil })
    if !common.json { for line in BenchText.lines(of: report) { try terminal.say(line) } }
    return report.document(environment: circumstances(), notes: BenchText.notes(of: report))
  }
}
