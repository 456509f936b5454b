import Foundation
import Testing

struct FreezeCommandTests {
  @Test func `confirmatory seeds open with a freeze and close with a changed prediction`() throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      var session = Transcript(program)
      try session.type("dormouse run study --seeds 1000 --quiet")
      try session.type("dormouse freeze study")
      try session.type("dormouse freeze study")
      try session.type("dormouse run study --seeds 1000..1001 --quiet")
      try session.type("dormouse assess study")
      // In a registry that imported them, judging the same runs again adds nothing.
      try program.run(["export", "study", "--to", "archive"])
      try program.run(["import", "archive", "--registry", "second"])
      let before = try program.run(["check", "second", "--json"]).output
      #expect(try program.run(["assess", "study", "--registry", "second"]).status == 0)
      #expect(try program.run(["check", "second", "--json"]).output == before)
      try TinyStudy.write(
        TinyStudy.text.replacingOccurrences(of: "r1 <= 0.5", with: "r1 <= 0.6"), in: program)
      try session.type("dormouse run study --seeds 1000 --quiet")
      try session.expect("freeze")
    }
  }
}
