import Transformers

/// Where the other side is: a Python interpreter with the packages of `Tests/Peers/requirements.txt`, and
/// the folder of the scripts.
package struct PeerSettings: Sendable {
  package let python: String
  package let scripts: String
  /// A library that, preloaded, opens MKL's AVX-512 code paths; nil = the stock peer only.
  package let unlock: String?

  package init(python: String, scripts: String, unlock: String? = nil) {
    self.python = python
    self.scripts = scripts
    self.unlock = unlock
  }

  /// The peers of a benchmark in the order in which they take their turns.
  func programs(
    for benchmark: Benchmark, threads: Int
  ) -> [(opponent: Opponent, program: PartyProgram)] {
    var found = [(Opponent.stock, program(for: benchmark, threads: threads, preloaded: nil))]
    if let unlock, benchmark.part == .training {
      found.append(
        (.unlocked, program(for: benchmark, threads: threads, preloaded: unlock)))
    }
    return found
  }

  private func program(
    for benchmark: Benchmark, threads: Int, preloaded library: String?
  ) -> PartyProgram {
    let (script, arguments) = Self.command(of: benchmark)
    // The scripts let OpenMP's threads come to rest after a round; how those wait within one is left as
    // users have it, but for Intel's runtime, which would spin into our turn.
    var environment = [
      "OMP_NUM_THREADS": "\(threads)", "KMP_BLOCKTIME": "1", "PYTHONDONTWRITEBYTECODE": "1",
    ]
    if let library { environment["LD_PRELOAD"] = library }
    return PartyProgram(
      title: library == nil ? script : "\(script) (unlocked)", path: python,
      arguments: ["\(scripts)/\(script)", "--threads", "\(threads)"] + arguments,
      environment: environment)
  }

  private static func command(of benchmark: Benchmark) -> (script: String, arguments: [String]) {
    switch benchmark.task {
    case .training(let task):
      let lengths = task.lengths.map { $0.map { "\($0)" }.joined(separator: ",") }
        .joined(separator: ";")
      return ("peer_training.py", model(task.model) + ["--lengths", lengths])
    case .sampling(let task):
      return ("peer_sampling.py", model(task.model) + ["--batch", "\(task.batch)"])
    case .probe(let task):
      return (
        "peer_probes.py",
        [
          "--kind", task.kind.rawValue, "--examples", "\(task.examples)", "--width",
          "\(task.width)", "--layers", "\(task.layers)",
        ]
      )
    }
  }

  private static func model(_ model: ModelConfiguration) -> [String] {
    [
      "--vocabulary", "\(model.vocabulary)", "--context", "\(model.context)", "--width",
      "\(model.dModel)", "--layers", "\(model.layers)", "--heads", "\(model.heads)",
    ]
  }
}
