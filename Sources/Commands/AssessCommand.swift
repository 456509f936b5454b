import ArgumentParser
import Determinism
import Records
import Studies

struct AssessCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "assess",
    abstract: "Judge a study's predictions over its recorded runs.",
    discussion: """
      Assessments are made over confirmatory seeds and recorded when they are new. --development looks at the \
      development seeds instead; that counts for nothing and is not recorded.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var folder: String

  @Flag(help: "Look at the development seeds; record nothing.")
  var development = false

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let study = try readStudy(in: folder)
    let record = StudyRecord(slug: study.slug, study: study.document)
    let registry = try common.openRegistry(development ? .readOnly : .existing)
    let assessments =
      development
      ? try Assessor(registry.snapshot()).assess(record, phase: .development)
      : try registry.assess(record)
    if common.json {
      try terminal.say(.array(assessments.map(\.document)))
      return .done
    }
    guard !assessments.isEmpty else {
      try terminal.say("the study makes no predictions")
      return .done
    }
    var table = Table([
      ("prediction", .left), ("result", .left), ("estimate", .left), ("seeds", .right),
      ("corrected p", .right), ("claim", .left),
    ])
    let snapshot = try registry.snapshot()
    let significance = try Assessor(snapshot).significance(
      of: assessments, among: snapshot.primaryAssessments(besides: study.slug))
    for ((assessment, prediction), one) in zip(zip(assessments, study.predictions), significance) {
      table.add([
        assessment.predictionID + (prediction.primary ? " *" : ""), assessment.result.rawValue,
        assessment.estimates.map {
          "\(Decimal.text($0.value, places: 3)) [\(Decimal.text($0.lower, places: 3)), "
            + "\(Decimal.text($0.upper, places: 3))]"
        }.joined(separator: " and "),
        "\(assessment.seeds.count)",
        one.adjusted.isFinite ? Decimal.text(one.adjusted, places: 3) : "—",
        prediction.claim.text,
      ])
    }
    for line in table.lines { try terminal.say(line) }
    for assessment in assessments where !assessment.note.isEmpty {
      try terminal.say("\(assessment.predictionID): \(assessment.note)".forTerminal)
    }
    try terminal.say(
      development
        ? "development seeds: exploratory, not recorded" : "* primary; 95% intervals over seeds")
    return .done
  }
}
