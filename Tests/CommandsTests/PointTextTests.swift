import Determinism
import Testing

@testable import Commands

struct PointTextTests {
  private func text(_ members: [(String, JSON)]) -> String { JSON.Object(members).pointText }

  @Test func `a point is told by the last names of its settings`() {
    #expect(text([]) == "—")
    #expect(text([("organism.onset", "delayed"), ("steps", 800)]) == "onset=delayed steps=800")
  }

  @Test func `what several stages have alike is said once, and what differs is said of whom`() {
    #expect(
      text([
        ("organism.trigger", "tag"), ("stages.a.trigger", "tag"), ("stages.b.trigger", "tag"),
      ]) == "trigger=tag")
    #expect(
      text([("stages.a.steps", 1), ("stages.b.steps", 2)]) == "a.steps=1 b.steps=2")
    // Two points that differ have two texts.
    let first = text([("stages.a.n", 1), ("stages.b.n", 1), ("stages.c.n", 2)])
    let second = text([("stages.a.n", 1), ("stages.b.n", 2), ("stages.c.n", 2)])
    #expect(first == "n=1 c.n=2")
    #expect(second == "a.n=1 n=2")
  }
}
