import Determinism
import Experiments

/// Fills the determinism table. The short form stays in this process and takes seconds.
struct DeterminismProof {
  private(set) var table = ProofTable()
  /// Told what is being worked on.
  let announce: (String) -> Void

  init(announce: @escaping (String) -> Void) { self.announce = announce }

  static func hashes(_ trial: DeterminismTrial) -> ProofTable.Outcome {
    .hashes(trial.perform().named.map { ProofTable.Hash(name: $0.name, digest: $0.digest) })
  }

  /// Every kernel family that this machine can run, with one to four threads.
  mutating func performShortForm() {
    for family in DeterminismTrial.families {
      for threads in 1...4 {
        guard let trial = DeterminismTrial(family: family, threads: threads) else { continue }
        announce(trial.conditions.description)
        table.add(.own, trial.conditions.description, Self.hashes(trial))
      }
    }
  }

  mutating func add(_ kind: ProofTable.Kind, _ conditions: String, _ outcome: ProofTable.Outcome) {
    table.add(kind, conditions, outcome)
  }
}
