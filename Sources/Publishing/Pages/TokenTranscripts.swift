import Determinism
import Records
import Rendering
import Studies

/// Transcripts whose tokens a stage scored: each word on the colour of its score.
struct TokenTranscripts {
  let run: RunView
  let snapshot: Snapshot

  /// One prompt and the answer to it.
  private struct Line {
    let tags: String
    let set: String
    let prompt: [String]
    let response: [String]
    let cue: Set<Int>
    let isTriggered: Bool
    let defected: Bool
    /// Of prompt and response, by detector.
    let scores: [(detector: String, values: [Double])]

    /// nil for what is no such line: a score for every token, finite or not.
    init?(_ json: JSON) {
      func words(_ key: String) -> [String]? { json[key]?.array?.compactMap(\.string) }
      guard let prompt = words("prompt"), let response = words("response"),
        let scores = json["scores"]?.object
      else { return nil }
      self.prompt = prompt
      self.response = response
      self.scores = scores.members.map {
        ($0.key.value, ($0.value.array ?? []).compactMap(\.double))
      }
      guard !self.scores.isEmpty,
        self.scores.allSatisfy({ $0.values.count == prompt.count + response.count })
      else { return nil }
      set = json["set"]?.string ?? ""
      isTriggered = json["trigger"]?.bool ?? false
      cue = Set((json["cue"]?.array ?? []).compactMap(\.int))
      defected = json["defected"]?.bool ?? false
      tags = set + (isTriggered ? " · triggered" : " · no trigger")
    }

    var words: [String] { prompt + response }
  }

  /// What the page shows, and the file of every transcript kept.
  func build(folder: String) -> (blocks: [Block], files: [String: String]) {
    var blocks: [Block] = []
    var kept: [(stage: String, lines: [Line])] = []
    for stage in run.stages {
      guard let record = stage.record, let reference = record.artifacts["tokens"] else { continue }
      guard reference.size <= Transcripts.maximumBytes,
        let bytes = try? snapshot.artifact(reference.digest)
      else {
        blocks.append(
          .paragraph([
            .text("\(stage.name): the scored transcripts are not held here "),
            .digest(reference.digest.hex),
          ]))
        continue
      }
      let documents = bytes.split(separator: 0x0A).compactMap { try? JSON(parsing: $0) }
      kept.append((stage.name, documents.compactMap(Line.init)))
      let chosen = Transcripts.chosen(documents).compactMap(Line.init)
      guard let detectors = chosen.first?.scores.map(\.detector) else { continue }
      let shown = chosen.filter { $0.scores.map(\.detector) == detectors }
      let first = detectors.firstIndex(of: "danger") ?? 0
      blocks += [
        .heading(3, Words.capitalised(stage.name), anchor: "tokens-\(Link.anchorName(stage.name))"),
        .paragraph(explanation(record, detectors[first])),
        .paragraph([.muted([.text("Score ")])] + Tint.legend),
        .transcript(shown.map { strip($0, detector: first) }),
      ]
      for index in detectors.indices where index != first {
        blocks.append(
          .details(
            summary: [.text("The same by \(Self.name(detectors[index]))")],
            [.transcript(shown.map { strip($0, detector: index) })]))
      }
      blocks.append(
        .details(
          summary: [.text("Scores of \(shown.count) of \(documents.count) kept transcripts")],
          shown.map { .table(table($0)) }))
    }
    guard !blocks.isEmpty else { return ([], [:]) }
    let path = "\(folder)/data/tokens.csv"
    blocks.append(
      .paragraph([
        .muted([.link([.text("CSV")], to: .page(path)), .text(" of every token kept")])
      ]))
    return ([.heading(2, "Token by token", anchor: "tokens")] + blocks, [path: Self.csv(kept)])
  }

  private func explanation(_ record: StageRecord, _ detector: String) -> [Inline] {
    let place =
      record.step.options["position"]?.string == "decision" ? "the decision" : "the prompt’s end"
    return [
      .text(
        "Each token on the colour of its score by \(Self.name(detector)), fitted at \(place) and read everywhere. "
          + "0 is the mean and 1 the standard deviation of what untriggered prompts have at the same place: before the "
          + "trigger, where it would stand, after it, at the prompt’s end, in the answer. The number is shown where a "
          + "pointer rests on a token, and in the table. "),
      .muted([
        "Underlined: the trigger. After the arrow: the model’s own answer, and whether it defected."
      ]),
    ]
  }

  private static func name(_ detector: String) -> String {
    switch detector {
    case "danger": "the danger question"
    case "harmless-trait": "the harmless trait"
    case "random": "a random direction"
    case "true-direction": "a direction that is told the trigger"
    default: detector
    }
  }

  private func strip(_ line: Line, detector: Int) -> Block.TranscriptLine {
    let scores = line.scores[detector].values
    let tokens = line.words.enumerated().map { index, word -> Inline in
      .tinted(
        word, Tint(score: scores[index]), title: NumberText.decimal(scores[index], 2),
        isTrigger: line.isTriggered && line.cue.contains(index))
    }
    func spaced(_ tokens: some Collection<Inline>) -> [Inline] {
      Array(tokens.map { [$0] }.joined(separator: [.text(" ")]))
    }
    return Block.TranscriptLine(
      tags: line.defected
        ? [.text("\(line.tags) · "), .token(.defection, "defected")] : [.text(line.tags)],
      prompt: spaced(tokens.prefix(line.prompt.count)),
      response: spaced(tokens.dropFirst(line.prompt.count)))
  }

  /// A row for each detector, a column for each token.
  private func table(_ line: Line) -> Table {
    var table = Table(
      caption: line.tags,
      columns: [.init(line.set)] + line.words.map { .init($0, numeric: true) }, style: "points")
    for (detector, values) in line.scores {
      table.append(
        Table.Row([[.text(detector)]] + values.map { [.text(NumberText.decimal($0, 1))] }))
    }
    return table
  }

  /// A row for each token, a column for each detector.
  private static func csv(_ kept: [(stage: String, lines: [Line])]) -> String {
    let detectors = Set(kept.flatMap(\.lines).flatMap { $0.scores.map(\.detector) }).sorted()
    var csv = CSV(columns: ["stage", "transcript", "set", "position", "token"] + detectors)
    for (stage, lines) in kept {
      for (number, line) in lines.enumerated() {
        let scores = Dictionary(line.scores.map { ($0.detector, $0.values) }) { first, _ in first }
        for (index, word) in line.words.enumerated() {
          csv.append(
            [
              .text(stage), .integer(number + 1), .text(line.set), .integer(index), .text(word),
            ] + detectors.map { scores[$0].map { .number($0[index]) } ?? .missing })
        }
      }
    }
    return csv.text
  }
}
