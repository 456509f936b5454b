import Determinism
import Studies
import Testing

@Suite struct `Study files` {
  @Test func `the design's sketch is read and planned`() throws {
    let study = try Study(text: sketch, file: "study.yaml", slug: "sketch", catalog: .toy)
    let plan = try Plan(study, catalog: .toy)
    // 2 zipped × 3 × 2 points, 3 arms, 5 seeds.
    #expect(plan.runs.count == 12 * 3 * 5)
    #expect(
      study.stages.map(\.name) == [
        "pretrain", "implant", "evaluate-before", "safety", "evaluate-after", "probe",
      ])
    #expect(study.seeds.confirmatory == [1000, 1001, .max])
    print(plan.steps.count)
    print(try Study(json: study.document, slug: "sketch", catalog: .toy).document == study.document)
  }
}
