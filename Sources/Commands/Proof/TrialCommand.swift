import ArgumentParser
import Determinism
import Experiments

/// What `doctor --determinism` starts elsewhere: in another process, on another CPU, in another build.
struct TrialCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "determinism-trial",
    abstract: "Compute what the determinism table hashes, and print its hashes.",
    discussion: ExitStatus.help, shouldDisplay: false)

  @Option(help: "own or openblas.")
  var backend = "own"

  @Option(help: "Kernel family: baseline, avx2 or avx512 (default: the fastest).")
  var family: String?

  @Option(help: "Worker threads.")
  var threads = 1

  @Option(help: "Repeat for as many seconds, to keep the machine busy.")
  var seconds = 0

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    guard let trial = DeterminismTrial(backend: backend, family: family, threads: threads) else {
      throw Failure(
        .couldNotFinish, "this machine cannot run '\(family ?? backend)'",
        hint: "one of: \(DeterminismTrial.families.joined(separator: ", "))")
    }
    let started = Machine.seconds()
    var hashes = trial.perform()
    while Machine.seconds() - started < Double(seconds), Signals.pending == nil {
      hashes = trial.perform()
    }
    try terminal.say(
      [
        "edition": JSON(DeterminismTrial.edition), "conditions": JSON(trial.conditions.description),
        "hashes": .object(JSON.Object(hashes.named.map { ($0.name, JSON($0.digest)) })),
      ])
    return .done
  }
}
