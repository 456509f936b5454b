import Foundation
import Studies
import Testing

@testable import Experiments

/// The study that `make test` performs twice.
struct SmokeStudyTests {
  @Test func `it holds every kind of stage that the catalogue has`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "studies/smoke/study.yaml")
    let study = try Study(
      text: String(contentsOf: file, encoding: .utf8), file: "study.yaml", slug: "smoke",
      catalog: .standard)
    let plan = try Plan(study, catalog: .standard)
    #expect(Set(plan.steps.map(\.kind)) == Set(Catalog.standard.stages.keys))
  }
}
