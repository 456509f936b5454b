import Determinism
import Glibc

/// How the building of sites is measured.
package struct SiteOptions: Sendable {
  package var rounds: Int
  /// Runs of the registries.
  package var sizes: [Int]
  package var threads: Int
  /// On the file system that is to be measured.
  package var folder: String
  package var peers: PeerSettings?

  package init(rounds: Int, sizes: [Int], threads: Int, folder: String, peers: PeerSettings?) {
    self.rounds = rounds
    self.sizes = sizes
    self.threads = threads
    self.folder = folder
    self.peers = peers
  }
}

extension Catalogue {
  /// What the site is measured by: registries of registered runs, each with 20 settings, a metric and one curve of
  /// 1,000 points, so that a run has a page, its twin in Markdown, a drawing, two tables and its record. `wall` is a
  /// build from nothing, `unchanged` one of a site that nothing has changed, `one-more` one after a run was added.
  static func site(of size: Int) -> [ProgramFigure] {
    let seconds = Double(size) / 1000
    return [
      ProgramFigure("\(size)-runs/wall", .seconds, .atMost(seconds), .times(1, .hugo)),
      ProgramFigure("\(size)-runs/cpu", .seconds),
      ProgramFigure("\(size)-runs/peak", .megabytes, .atMost(200)),
      ProgramFigure("\(size)-runs/size", .megabytes),
      ProgramFigure("\(size)-runs/unchanged", .seconds, .atMost(0.5)),
      ProgramFigure("\(size)-runs/one-more", .seconds),
    ]
  }
}

/// Measures `site build` as people use it, and Hugo beside it on as many pages of the same weight.
package struct SiteBench {
  private let options: SiteOptions
  /// The program with the arguments of a command.
  private let own: ([String]) -> PartyProgram
  private let shouldStop: () -> Bool
  private let inputs = RegistryInputs(points: 1000)
  private var findings: [String: ProgramFinding] = [:]
  private var versions = JSON.Object()

  package init(
    _ options: SiteOptions, own: @escaping ([String]) -> PartyProgram,
    shouldStop: @escaping () -> Bool
  ) {
    self.options = options
    self.own = own
    self.shouldStop = shouldStop
    for figure in figures { findings[figure.name] = ProgramFinding(figure) }
  }

  package mutating func perform(progress: (String) -> Void) throws(BenchmarkError) -> ProgramReport
  {
    let load = Host.load
    for size in options.sizes {
      progress("a registry of \(size) runs")
      try measure(size, progress: progress)
    }
    return ProgramReport(
      findings: figures.compactMap { findings[$0.name] }, name: "site",
      rounds: options.rounds,
      config: [
        ("sizes", .array(options.sizes.map { JSON($0) })), ("threads", JSON(options.threads)),
      ],
      remark:
        "\(options.threads) threads; Hugo renders the same pages with as many drawings and tables beside them",
      versions: versions, loadAtStart: load, loadAtEnd: Host.load)
  }

  private var figures: [ProgramFigure] { options.sizes.flatMap(Catalogue.site) }

  private func path(_ name: String) -> String { "\(options.folder)/\(name)" }

  private mutating func note(_ name: String, _ value: Double, of peer: ProgramPeer? = nil) {
    if let peer {
      findings[name]?.theirs[peer, default: []].append(value)
    } else {
      findings[name]?.ours.append(value)
    }
  }

  private func run(_ arguments: [String]) throws(BenchmarkError) -> (
    usage: MeasuredProcess.Usage, trouble: String?
  ) {
    if shouldStop() { throw .interrupted }
    let (usage, _) = try MeasuredProcess(own(arguments), to: "/dev/null", errors: path("errors"))
      .finish()
    return (usage, usage.status == 0 ? nil : RegistryFiles.text(of: path("errors")))
  }

  /// Nothing is deleted before the end: ext4 spares what was deleted a moment ago, which slows down whoever
  /// comes next.
  private mutating func measure(_ size: Int, progress: (String) -> Void) throws(BenchmarkError) {
    let registry = path("registry-\(size)")
    try register(size, in: registry)
    for round in 0..<options.rounds {
      let site = path("site-\(size)-\(round)")
      let build = [
        "site", "build", "--registry", registry, "--studies", path("no-studies"), "--no-archives",
        "--threads", "\(options.threads)", site,
      ]
      progress("a site of \(size) runs, round \(round + 1) of \(options.rounds)")
      let (usage, trouble) = try run(build)
      if let trouble {
        findings["\(size)-runs/wall"]?.trouble = trouble
        return
      }
      note("\(size)-runs/wall", usage.seconds)
      note("\(size)-runs/cpu", usage.cpuSeconds)
      note("\(size)-runs/peak", Double(usage.peakBytes) / 1e6)
      let unchanged = try run(build)
      if unchanged.trouble == nil { note("\(size)-runs/unchanged", unchanged.usage.seconds) }
      if let peers = options.peers {
        progress("the same with Hugo")
        try hugo(size, round, site, peers)
      }
    }
    try register(1, of: size + 1, from: size, in: registry)
    let site = path("site-\(size)-0")
    let more = try run([
      "site", "build", "--registry", registry, "--studies", path("no-studies"), "--no-archives",
      "--threads", "\(options.threads)", site,
    ])
    if more.trouble == nil { note("\(size)-runs/one-more", more.usage.seconds) }
    note("\(size)-runs/size", Double(RegistryFiles.weight(of: site)) / 1e6)
  }

  private func register(_ count: Int, in registry: String) throws(BenchmarkError) {
    try register(count, of: count, from: 0, in: registry)
  }

  private func register(_ count: Int, of all: Int, from first: Int, in registry: String)
    throws(BenchmarkError)
  {
    let process = try MeasuredProcess(
      own(["register", "--lines", "-", "--registry", registry]), to: "/dev/null",
      errors: path("errors"))
    for index in first..<first + count {
      guard process.send(inputs.document(index, of: all)), !shouldStop() else { break }
    }
    _ = process.finish()
  }

  /// A script makes Hugo's input of our site and says what building it took.
  private mutating func hugo(
    _ size: Int, _ round: Int, _ site: String, _ settings: PeerSettings
  ) throws(BenchmarkError) {
    let process = try MeasuredProcess(
      PartyProgram(
        title: "hugo_site.py", path: settings.python,
        arguments: ["\(settings.scripts)/hugo_site.py", site, path("hugo-\(size)-\(round)")]),
      errors: path("errors"))
    let (usage, last) = process.finish()
    guard usage.status == 0, let answer = try? JSON(parsing: last).object else {
      throw .unreadable(
        program: "hugo_site.py", during: "as a peer",
        message: RegistryFiles.text(of: path("errors")))
    }
    for member in answer["versions"]?.object?.members ?? [] {
      versions["peer_\(member.key.value)"] = member.value
    }
    let figures: KeyValuePairs = [
      "seconds": "wall", "cpu_seconds": "cpu", "peak_megabytes": "peak", "megabytes": "size",
    ]
    for (key, name) in figures {
      if let value = answer[key]?.double { note("\(size)-runs/\(name)", value, of: .hugo) }
    }
  }
}
