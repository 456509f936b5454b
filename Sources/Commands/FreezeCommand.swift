import ArgumentParser
import Determinism
import Experiments
import Records
import Studies

struct FreezeCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "freeze",
    abstract: "Write a study's predictions down; its confirmatory seeds open after this.",
    discussion: """
      Records the predictions, the tolerances, the code version and the ledger head. Adding seeds later keeps the \
      freeze; a changed prediction needs a new one, and both are shown.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var folder: String

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let study = try readStudy(in: folder)
    let registry = try common.openRegistry(.create)
    let snapshot = try registry.snapshot()
    let record = StudyRecord(slug: study.slug, study: study.document)
    if let same = snapshot.freezes.last(where: { $0.covers(slug: study.slug, study: record.study) })
    {
      try answer(same, isNew: false, on: terminal)
      return .done
    }
    try registry.record(record)
    let freeze = FreezeRecord(
      slug: study.slug, studyDigest: record.digest, predictions: study.predictionsDocument,
      tolerances: study.tolerancesDocument, codeVersion: Version.code,
      ledgerHead: snapshot.head, runsBefore: snapshot.runs.count(where: { $0.slug == study.slug }),
      circumstances: circumstances())
    try registry.record(freeze)
    try answer(freeze, isNew: true, on: terminal)
    return .done
  }

  private func answer(_ freeze: FreezeRecord, isNew: Bool, on terminal: Terminal) throws {
    if common.json {
      try terminal.say(["freeze": freeze.document, "new": JSON(isNew)])
      return
    }
    let predictions = freeze.predictions.array ?? []
    try terminal.say(
      "\(isNew ? "frozen" : "frozen already"): \(freeze.slug), \(counted(predictions.count, "prediction")), "
        + "after \(counted(freeze.runsBefore, "run"))")
    try terminal.say(
      "ledger head at the time \(freeze.ledgerHead.short) · code \(freeze.codeVersion)")
    for prediction in predictions {
      try terminal.say(
        "  \(prediction["id"]?.string ?? "—"): \(prediction["claim"]?.string ?? "—")")
    }
    try terminal.say("confirmatory seeds are open: dormouse run \(folder) --phase confirmatory")
  }
}
