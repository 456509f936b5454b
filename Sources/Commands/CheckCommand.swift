import ArgumentParser
import Determinism
import Experiments
import Interchange
import Publishing
import Records
import Studies

struct CheckCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Say whether a registry, a study, a folder of studies, a run document, a probe manifest, an archive or a site is sound.",
    discussion: """
      Of a registry every hash is recomputed: records, chains, artifacts. That makes tampering evident given a head \
      noted elsewhere (--expect-head); without one it shows that the registry agrees with itself.

      Of a folder of studies, which has a map of hypotheses (hypotheses.yaml), every study is checked, the map is held \
      against them, and their primary predictions are counted together.

      Of a site every file, link and anchor is checked, and that no page is too heavy; with --registry also whether it \
      is stale: what has changed since it was built.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "A registry, a study's folder or file, a folder of studies, a run document, an archive or a site (default: the registry).",
      valueName: "path"))
  var path: String?

  @Flag(help: "Look at every index entry and at objects that no record names, too.")
  var deep = false

  @Option(
    help: ArgumentHelp("The registry head, noted elsewhere, that must be found.", valueName: "head")
  )
  var expectHead: String?

  @Option(
    help: ArgumentHelp(
      "Of a site with --registry: the folder of studies it was built with.", valueName: "folder"))
  var studies = "studies"

  @Option(
    help: ArgumentHelp(
      "Of a site with --registry: the templates it was built with.", valueName: "folder"))
  var templates: String?

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let path = path ?? common.registryFolder
    if CarriedArchives.isSite(path) { return try site(path, on: terminal) }
    if Files.exists("\(path)/archive.json") { return try archive(path, on: terminal) }
    if Files.exists("\(path)/hypotheses.yaml") { return try studies(path, on: terminal) }
    if isProbeManifest(path) { return try probeManifest(path, on: terminal) }
    if try isRunDocument(path) { return try runDocument(path, on: terminal) }
    if Files.exists("\(path)/study.yaml") || Files.isFile(path) {
      return try study(path, on: terminal)
    }
    return try registry(path, on: terminal)
  }

  private func registry(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    let registry = try Registry(at: path, access: .readOnly)
    let findings = try registry.check(deep: deep) + registry.checkLiveRuns()
    let damage = findings.filter { $0.severity == .damage }
    // A damaged registry may have no head to tell.
    let head = damage.isEmpty ? try registry.snapshot().head : nil
    let isExpected = expectHead.map { isHead(head?.hex, expected: $0) }
    if common.json {
      try terminal.say(
        [
          "path": JSON(path), "head": JSON(head?.hex), "sound": JSON(damage.isEmpty),
          "head_as_expected": isExpected.map { JSON($0) } ?? .null,
          "findings": .array(
            findings.map {
              [
                "severity": JSON($0.severity.rawValue), "place": JSON($0.place),
                "message": JSON($0.message),
              ]
            }),
        ])
    } else {
      let notHeld = findings.filter { $0.severity == .notHeld }
      for finding in findings where finding.severity != .notHeld {
        try terminal.say(finding.description.forTerminal)
      }
      if !notHeld.isEmpty {
        try terminal.say(
          "not held: \(counted(notHeld.count, "artifact")) that a rerun makes again (checkpoints)")
      }
      if let head { try terminal.say("head \(head.hex)") }
      if isExpected == false { try terminal.say("damage: this is not the expected head") }
      try terminal.say(
        damage.isEmpty ? "\(path): sound" : "\(path): \(counted(damage.count, "finding")) of damage"
      )
    }
    return damage.isEmpty && isExpected != false ? .done : .no
  }

  private func study(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    let study = try readStudy(in: path)
    let plan = try Plan(study, catalog: .standard)
    if common.json {
      try terminal.say(["study": JSON(study.slug), "runs": JSON(plan.runs.count), "sound": true])
    } else {
      try terminal.say(
        "\(study.slug): sound · \(counted(plan.runs.count, "run")), "
          + "\(counted(plan.steps.count, "stage result")), \(counted(study.predictions.count, "prediction"))"
      )
    }
    return .done
  }

  /// Every study of a folder, and the map of what they answer.
  private func studies(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    var studies: [String: Study] = [:]
    for name in try Files.names(in: path) where Files.exists("\(path)/\(name)/study.yaml") {
      let study = try readStudy(in: "\(path)/\(name)")
      studies[study.slug] = study
    }
    let file = "\(path)/hypotheses.yaml"
    let map = try HypothesisMap(file: file)
    let primary = studies.values.reduce(0) { $0 + $1.predictions.count(where: \.primary) }
    var problems = map.problems(among: studies)
    if primary > Study.maximumPrimary {
      problems.append(
        StudyProblem(
          line: 0, column: 0,
          message: "the studies have \(primary) primary predictions together; at most "
            + "\(Study.maximumPrimary) are corrected as one family",
          hint: "make some of them secondary"))
    }
    guard problems.isEmpty else { throw StudyProblems(file: file, problems: problems) }
    if common.json {
      try terminal.say(
        [
          "path": JSON(path), "studies": .array(studies.keys.sorted().map { JSON($0) }),
          "hypotheses": JSON(map.hypotheses.count), "figures": JSON(map.figures.count),
          "primary": JSON(primary), "sound": true,
        ])
    } else {
      let count = map.hypotheses.count
      try terminal.say(
        "\(path): sound · \(studies.count) \(studies.count == 1 ? "study" : "studies"), "
          + "\(count) \(count == 1 ? "hypothesis" : "hypotheses"), "
          + (map.figures.isEmpty ? "" : counted(map.figures.count, "planned figure") + ", ")
          + "\(primary) of at most \(Study.maximumPrimary) primary predictions".forTerminal)
    }
    return .done
  }

  /// JSON always; YAML where a line begins with `study:`, which no study file's does.
  private func isRunDocument(_ path: String) throws -> Bool {
    if !Files.isFile(path) { return RunDocument.names.contains { Files.exists("\(path)/\($0)") } }
    let bytes = Array(path.utf8)
    if bytes.suffix(5).elementsEqual(".json".utf8) { return true }
    guard bytes.suffix(5).elementsEqual(".yaml".utf8) || bytes.suffix(4).elementsEqual(".yml".utf8),
      let text = try? Files.text(of: path, limit: 64 << 20)
    else { return false }
    return text.utf8.split(separator: 0x0A).contains { $0.starts(with: "study:".utf8) }
  }

  /// Where a line begins with `activations:`, which no other file's does.
  private func isProbeManifest(_ path: String) -> Bool {
    if !Files.isFile(path) { return Files.exists("\(path)/probe.yaml") }
    guard
      [".yaml", ".yml"].contains(where: { path.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) }),
      let text = try? Files.text(of: path, limit: 1 << 20)
    else { return false }
    return text.utf8.split(separator: 0x0A).contains { $0.starts(with: "activations:".utf8) }
  }

  private func probeManifest(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    let manifest = try ProbeManifest(
      contentsOf: path, detectors: DetectionRun.detectors)
    for remark in manifest.remarks { terminal.note("remark: \(remark)".forTerminal) }
    let runs = try manifest.runs.map { run in
      try DetectionRun(
        run.plan, table: run.table, tableBytes: run.tableBytes,
        folder: ProbeManifest.folder(of: path))
    }
    if common.json {
      try terminal.say(
        [
          "path": JSON(path), "sound": true,
          "runs": .array(runs.map { .object($0.plan.config) }),
        ])
    } else {
      for (run, source) in zip(runs, manifest.runs) {
        try terminal.say(
          "\(run.plan.slug) · \(run.plan.arm), seed \(run.plan.seed): "
            + "\(counted(source.table.rows.count, "example")), \(run.layersText)".forTerminal)
      }
      try terminal.say("\(path): sound".forTerminal)
    }
    return .done
  }

  private func runDocument(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    let document = try RunDocument(contentsOf: path)
    let run = document.record
    if common.json {
      try terminal.say(
        [
          "study": JSON(run.slug), "run": JSON(run.id), "sound": true,
          "remarks": .array(document.remarks.map { JSON($0) }),
        ])
    } else {
      for remark in document.remarks { try terminal.say("remark: \(remark)".forTerminal) }
      try terminal.say("\(path): sound · run of \(run.slug), \(run.summary)".forTerminal)
    }
    return .done
  }

  private func archive(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    let archive = try ArchiveReader(path)
    for digest in archive.artifacts.sorted() { _ = try archive.bytes(of: digest) }
    if common.json {
      try terminal.say(
        ["study": JSON(archive.slug), "records": JSON(archive.records.count), "sound": true])
    } else {
      try terminal.say(
        "\(path): sound · \(counted(archive.records.count, "record")), "
          + "\(counted(archive.artifacts.count, "artifact"))")
    }
    return .done
  }

  private func site(_ path: String, on terminal: Terminal) throws -> ExitStatus {
    var findings = try Publisher.check(path).map(\.description)
    if let wanted = expectHead {
      let manifest = try? JSON(
        parsing: Files.text(of: "\(path)/site-manifest.json", limit: 64 << 20))
      let head = manifest?["head"]?.string
      if !isHead(head, expected: wanted) {
        findings.append(
          "site-manifest.json: made from head \(head ?? "—"), not from the expected one")
      }
    }
    if common.registry != nil { findings += try staleness(of: path) }
    if common.json {
      try terminal.say(.array(findings.map { JSON($0) }))
    } else {
      for finding in findings { try terminal.say(finding.forTerminal) }
      try terminal.say(
        findings.isEmpty ? "\(path): sound" : "\(path): \(counted(findings.count, "finding"))")
    }
    return findings.isEmpty ? .done : .no
  }

  /// What a build would take in that the site does not have.
  private func staleness(of path: String) throws -> [String] {
    let registry = try common.openRegistry(.readOnly)
    let standing = try registry.standing(live: registry.liveRuns())
    let inputs = SiteInputs(studies: studies, templates: templates)
    let publisher = try Publisher(replacingTemplates: inputs.replacements())
    let place = try Publisher.look(at: path)
    var options = Site.Options(stageSummaries: Catalog.standard.stages.mapValues(\.summary))
    if let built = place.options {
      (options.runPages, options.baseURL, options.archives) = built
    }
    let sources = try inputs.sources(of: standing, options: options)
    return place.staleness(head: standing.head, inputs: publisher.inputs(sources, standing)).map {
      "site-manifest.json: stale: '\($0)' has changed since the site was built"
    }
  }

  /// Ten digits are enough to name a head, fewer are not.
  private func isHead(_ head: String?, expected wanted: String) -> Bool {
    wanted.utf8.count >= 10 && (head?.utf8.starts(with: wanted.utf8) ?? false)
  }
}
