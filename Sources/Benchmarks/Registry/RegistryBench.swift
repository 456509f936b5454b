import Determinism
import Glibc

/// How the registry is measured.
package struct RegistryOptions: Sendable {
  package var rounds: Int
  /// Runs of the registries that are read from.
  package var sizes: [Int]
  /// Nothing but these, and each run of them with so few points that there is room for the largest.
  package var isCurve: Bool
  package var runs: Int
  package var points: Int
  package var followed: Int
  package var writers: Int
  package var runsOfWriter: Int
  /// On the file system that is to be measured.
  package var folder: String
  package var peers: PeerSettings?

  package init(
    rounds: Int, sizes: [Int], isCurve: Bool = false, runs: Int = 100, points: Int = 1000,
    followed: Int = 1_000_000,
    writers: Int = 16, runsOfWriter: Int = 200, folder: String, peers: PeerSettings?
  ) {
    self.rounds = rounds
    self.sizes = sizes
    self.isCurve = isCurve
    self.runs = runs
    self.points = points
    self.followed = followed
    self.writers = writers
    self.runsOfWriter = runsOfWriter
    self.folder = folder
    self.peers = peers
  }
}

extension RegistryOptions {
  fileprivate var config: [(String, JSON)] {
    [
      ("sizes", .array(sizes.map { JSON($0) })), ("runs", JSON(runs)), ("points", JSON(points)),
      ("followed", JSON(followed)), ("writers", JSON(writers)),
      ("runs_of_writer", JSON(runsOfWriter)),
    ]
  }
}

/// Measures the registry as people use it: through the program's commands, each a process of its own. What is
/// timed is therefore whatever is built, and this target knows no record.
package struct RegistryBench {
  private let options: RegistryOptions
  /// The program with the arguments of a command.
  private let own: ([String]) -> PartyProgram
  private let shouldStop: () -> Bool
  private let inputs: RegistryInputs
  private var findings: [String: ProgramFinding] = [:]
  private var versions = JSON.Object()

  package init(
    _ options: RegistryOptions, own: @escaping ([String]) -> PartyProgram,
    shouldStop: @escaping () -> Bool
  ) {
    self.options = options
    self.own = own
    self.shouldStop = shouldStop
    inputs = RegistryInputs(points: options.points)
    for figure in Catalogue.registry { findings[figure.name] = ProgramFinding(figure) }
  }

  package mutating func perform(progress: (String) -> Void) throws(BenchmarkError) -> ProgramReport
  {
    let load = Host.load
    progress("start-up")
    try startUp()
    if !options.isCurve { try recording(progress: progress) }
    for size in options.sizes {
      progress("a registry of \(size) runs")
      try filling(size)
    }
    compareSizes()
    if !options.isCurve {
      progress("a live run")
      try following()
      progress("\(options.writers) writers")
      try writing()
    }
    return ProgramReport(
      findings: Catalogue.registry.compactMap { findings[$0.name] }, name: "registry",
      rounds: options.rounds, config: options.config,
      remark: options.isCurve ? "\(options.points) points a run" : nil, versions: versions,
      loadAtStart: load, loadAtEnd: Host.load)
  }

  private mutating func recording(progress: (String) -> Void) throws(BenchmarkError) {
    for round in 0..<options.rounds {
      progress("100 runs, each acknowledged, round \(round + 1) of \(options.rounds)")
      try registering(round)
      if let peers = options.peers {
        try peer(.plain, "plain_sqlite.py", peers, round)
        // A round of it takes as long as everything else.
        if round == 0 {
          progress("the same with MLflow")
          try peer(.mlflow, "mlflow_registry.py", peers, round)
        }
      }
    }
  }

  /// The largest registry beside the smallest.
  private mutating func compareSizes() {
    for reading in RegistryReading.allCases {
      let sizes = [Catalogue.registrySizes.first, Catalogue.registrySizes.last].map { size in
        size.flatMap { findings[reading.figure($0)]?.ours.min() }
      }
      if case (let small?, let large?) = (sizes[0], sizes[1]) {
        note("growth/\(reading.rawValue)", large / small)
      }
    }
  }

  private mutating func note(_ name: String, _ value: Double, of peer: ProgramPeer? = nil) {
    if let peer {
      findings[name]?.theirs[peer, default: []].append(value)
    } else {
      findings[name]?.ours.append(value)
    }
  }

  private mutating func trouble(_ names: [String], _ text: String) {
    for name in names { findings[name]?.trouble = text }
  }

  private func path(_ name: String) -> String { "\(options.folder)/\(name)" }
  private var errors: String { path("errors") }

  private func start(_ arguments: [String], to sink: String? = nil) throws(BenchmarkError)
    -> MeasuredProcess
  {
    if shouldStop() { throw .interrupted }
    return try MeasuredProcess(own(arguments), to: sink, errors: errors)
  }

  /// What a process that failed has said first.
  private func complaint(_ status: Int32) -> String {
    let text = RegistryFiles.text(of: errors).utf8.split(separator: 0x0A).first
    return "status \(status)\(text.map { ": \(String(Substring($0)))" } ?? "")"
  }

  /// The time of a whole process, the least of some: others can only slow it down.
  private func time(_ arguments: [String], cold registry: String? = nil) throws(BenchmarkError)
    -> (milliseconds: Double, trouble: String?)
  {
    var least = Double.infinity
    for _ in 0..<max(3, options.rounds) {
      if let registry { RegistryFiles.forget("\(registry)/registry.sqlite") }
      let (usage, _) = try start(arguments, to: "/dev/null").finish()
      guard usage.status == 0 else { return (.nan, complaint(usage.status)) }
      least = min(least, usage.seconds * 1000)
    }
    return (least, nil)
  }

  // MARK: Parts

  private mutating func startUp() throws(BenchmarkError) {
    for _ in 0..<options.rounds {
      let (milliseconds, problem) = try time(["--version"])
      if let problem { return trouble(["start-up"], problem) }
      note("start-up", milliseconds)
    }
  }

  /// The registry is there before the clock starts, as the peers' stores are.
  private func fresh(_ name: String) throws(BenchmarkError) -> String {
    let registry = path(name)
    let process = try start(["register", "--lines", "-", "--registry", registry], to: "/dev/null")
    process.send(inputs.document(0, of: 1, study: "first"))
    _ = process.finish()
    return registry
  }

  private mutating func registering(_ round: Int) throws(BenchmarkError) {
    let names = ["wall", "cpu", "peak", "size"].map { "register/\($0)" }
    let registry = try fresh("each-\(round)")
    let process = try start(["register", "--lines", "-", "--registry", registry])
    for index in 0..<options.runs {
      process.send(inputs.document(index, of: options.runs))
      guard process.lines() != nil else { break }
    }
    let (usage, _) = process.finish()
    guard usage.status == 0 else { return trouble(names, complaint(usage.status)) }
    note("register/wall", usage.seconds)
    note("register/cpu", usage.cpuSeconds)
    note("register/peak", Double(usage.peakBytes) / 1e6)
    note("register/size", Double(RegistryFiles.size(of: "\(registry)/registry.sqlite")) / 1e6)
    let other = try fresh("stream-\(round)")
    let stream = try start(
      ["register", "--lines", "-", "--registry", other], to: path("acknowledged"))
    for index in 0..<options.runs { stream.send(inputs.document(index, of: options.runs)) }
    let streamed = stream.finish().usage
    guard streamed.status == 0 else {
      return trouble(["stream/wall", "stream/cpu"], complaint(streamed.status))
    }
    note("stream/wall", streamed.seconds)
    note("stream/cpu", streamed.cpuSeconds)
    if round == 0 { try reading(registry, size: options.runs, last: path("acknowledged")) }
  }

  private mutating func reading(_ registry: String, size: Int, last acknowledged: String)
    throws(BenchmarkError)
  {
    let run = RegistryFiles.firstRun(in: acknowledged) ?? "unknown"
    for reading in RegistryReading.allCases {
      let figure = reading.figure(size)
      guard findings[figure] != nil else { continue }
      let (milliseconds, problem) = try time(
        reading.arguments(run: run, size: size) + ["--registry", registry],
        cold: reading == .show ? registry : nil)
      if let problem { trouble([figure], problem) } else { note(figure, milliseconds) }
    }
  }

  private mutating func filling(_ size: Int) throws(BenchmarkError) {
    let registry = path("of-\(size)")
    let acknowledged = path("acknowledged")
    let process = try start(
      ["register", "--lines", "-", "--registry", registry], to: acknowledged)
    for index in 0..<size {
      guard process.send(inputs.document(index, of: size)), !shouldStop() else { break }
    }
    let (usage, _) = process.finish()
    let name = "fill/\(size)-runs"
    guard usage.status == 0 else { return trouble([name], complaint(usage.status)) }
    note(name, Double(size * options.points) / usage.seconds)
    try reading(registry, size: size, last: acknowledged)
    RegistryFiles.remove(registry)
  }

  private mutating func following() throws(BenchmarkError) {
    let lines = path("live.jsonl")
    guard let file = fopen(lines, "we") else { return trouble(["follow/speed"], "no room") }
    RegistryInputs.follow(points: options.followed) { fwrite($0, 1, $0.count, file) == $0.count }
    fclose(file)
    defer { unlink(lines) }
    for round in 0..<options.rounds {
      let registry = try fresh("live-\(round)")
      let process = try start(["register", "--follow", "--registry", registry], to: "/dev/null")
      guard RegistryFiles.copy(lines, to: process) else {
        return trouble(["follow/speed", "follow/peak"], complaint(process.finish().usage.status))
      }
      let (usage, _) = process.finish()
      guard usage.status == 0 else {
        return trouble(["follow/speed", "follow/peak"], complaint(usage.status))
      }
      note("follow/speed", Double(options.followed) / usage.seconds)
      note("follow/peak", Double(usage.peakBytes) / 1e6)
      RegistryFiles.remove(registry)
    }
    let registry = try fresh("live-long")
    let process = try start(["register", "--follow", "--registry", registry], to: "/dev/null")
    RegistryInputs.follow(points: 10 * options.followed, process.send)
    let (usage, _) = process.finish()
    guard usage.status == 0 else {
      return trouble(["follow/peak/10-fold"], complaint(usage.status))
    }
    note("follow/peak/10-fold", Double(usage.peakBytes) / 1e6)
    RegistryFiles.remove(registry)
  }

  /// All at once into a registry that is not there yet; each sends its next run when one is acknowledged.
  private mutating func writing() throws(BenchmarkError) {
    let names = ["writers/recorded", "writers/wall"]
    let registry = path("writers")
    let begin = Stopwatch.now()
    var processes: [MeasuredProcess?] = []
    for _ in 0..<options.writers {
      processes.append(try start(["register", "--lines", "-", "--registry", registry]))
    }
    var sent = processes.map { _ in 0 }
    var recorded = 0
    func feed(_ writer: Int) {
      let study = "writer-\(writer)"
      processes[writer]?.send(
        inputs.document(sent[writer], of: options.runsOfWriter, study: study))
      sent[writer] += 1
    }
    for writer in processes.indices { feed(writer) }
    while processes.contains(where: { $0 != nil }) {
      if shouldStop() { throw .interrupted }
      let open = processes.indices.filter { processes[$0] != nil }
      var ready = open.map {
        pollfd(fd: processes[$0]?.output ?? -1, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&ready, nfds_t(ready.count), 1000) > 0 else { continue }
      for (writer, answer) in zip(open, ready) where answer.revents != 0 {
        let lines = processes[writer]?.lines()
        recorded += lines?.count ?? 0
        if lines != nil, sent[writer] < options.runsOfWriter {
          feed(writer)
          continue
        }
        let usage = processes[writer]?.finish().usage
        processes[writer] = nil
        if let status = usage?.status, status != 0 { return trouble(names, complaint(status)) }
      }
    }
    note("writers/wall", Stopwatch.now() - begin)
    let check = try start(["check", "--registry", registry], to: "/dev/null").finish().usage
    guard check.status == 0 else {
      return trouble(names, "the ledger is not intact: \(complaint(check.status))")
    }
    note("writers/recorded", Double(recorded))
  }

  // MARK: Peers

  /// A peer's script registers the same documents and says what it took.
  private mutating func peer(
    _ peer: ProgramPeer, _ script: String, _ settings: PeerSettings, _ round: Int
  ) throws(BenchmarkError) {
    let documents = path("documents.jsonl")
    if round == 0 || access(documents, F_OK) != 0 {
      guard let file = fopen(documents, "we") else { return }
      for index in 0..<options.runs {
        let bytes = inputs.document(index, of: options.runs)
        fwrite(bytes, 1, bytes.count, file)
      }
      fclose(file)
    }
    let store = path("\(peer.rawValue)-\(round)")
    mkdir(store, 0o755)
    if shouldStop() { throw .interrupted }
    let process = try MeasuredProcess(
      PartyProgram(
        title: script, path: settings.python,
        arguments: ["\(settings.scripts)/\(script)", documents, store]), errors: errors)
    let (usage, last) = process.finish()
    guard usage.status == 0 else {
      throw .ended(program: script, during: "as a peer", status: usage.status)
    }
    guard let answer = try? JSON(parsing: last).object else {
      throw .unreadable(
        program: script, during: "as a peer", message: String(decoding: last, as: UTF8.self))
    }
    for member in answer["versions"]?.object?.members ?? [] {
      versions["peer_\(member.key.value)"] = member.value
    }
    let figures: KeyValuePairs = [
      "seconds": ["register/wall", "stream/wall"], "cpu_seconds": ["register/cpu", "stream/cpu"],
      "megabytes": ["register/size"], "peak_megabytes": ["register/peak"],
      "list_milliseconds": ["list/100-runs"], "history_milliseconds": ["history/100-runs"],
    ]
    for (key, names) in figures {
      guard let value = answer[key]?.double else { continue }
      for name in names { note(name, value, of: peer) }
    }
    RegistryFiles.remove(store)
  }
}
