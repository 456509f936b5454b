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
      try TinyStudy.write(
        TinyStudy.text.replacingOccurrences(of: "r1 <= 0.5", with: "r1 <= 0.6"), in: program)
      try session.type("dormouse run study --seeds 1000 --quiet")
      try session.expect("freeze")
    }
  }
}
