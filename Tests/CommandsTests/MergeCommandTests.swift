import Foundation
import Testing

struct MergeCommandTests {
  private func register(_ id: String, _ study: String, in registry: String, value: Int = 1)
    -> String
  {
    "echo '{\"study\": \"\(study)\", \"id\": \"\(id)\", \"metrics\": {\"x\": \(value)}}' "
      + "| dormouse register - --registry \(registry) -q > /dev/null"
  }

  @Test func `what another registry has is taken in whole, or every conflict is told`() throws {
    try withFolder { program in
      var session = Transcript(program)
      for line in [
        register("a", "ours", in: "here"), register("b", "theirs", in: "there"),
        register("c", "theirs", in: "there"),
      ] { try session.type(line) }
      try session.type("dormouse merge there --registry here --dry-run")
      try session.type("dormouse merge there --registry here")
      try session.type("dormouse merge there --registry here")
      try session.type("dormouse check here")
      try session.type("dormouse merge here --registry there")
      // A copy and its original go their own ways.
      try session.type("cp -r here copy")
      try session.type(register("d", "ours", in: "copy"))
      try session.type(register("d", "ours", in: "here", value: 2))
      try session.type("dormouse merge copy --registry here")
      try session.type("dormouse merge copy --registry here --json")
      try session.type("dormouse merge here --registry here")
      try session.type("dormouse merge nowhere --registry here")
      try session.type("dormouse merge there")
      try session.type("dormouse check here")
      try session.expect("merge")
    }
  }
}
