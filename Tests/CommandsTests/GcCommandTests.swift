import Foundation
import Testing

struct GcCommandTests {
  @Test func `garbage is told, and removed on request`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let head = #"{"study": "live", "id": "l-1"}"#
      try "\(head)\n{\"step\": 1, \"metrics\": {\"loss\": 2.5}}\n".write(
        toFile: "\(program.folder)/stream", atomically: true, encoding: .utf8)
      try #"sed -E 's/[0-9.]+ [KM]iB/<size>/; s|objects/[0-9a-f]{2}/[0-9a-f]{62}|<object>|'"#.write(
        toFile: "\(program.folder)/masked", atomically: true, encoding: .utf8)
      var session = Transcript(program)
      try session.type("dormouse gc")
      try session.type("dormouse register --follow < stream")
      // What a writer that died left behind.
      try session.type("mkdir -p registry/objects/ab; echo stray > registry/objects/.tmp-1-2")
      try session.type("dormouse gc")
      try session.type("dormouse gc --older-than 0 --live")
      try session.type("dormouse gc --older-than 0 --live --yes")
      try session.type(
        "dormouse gc --older-than 0 --weights | sh masked"
      )
      try session.type("dormouse gc --older-than 0 --weights --study other")
      try session.type(
        "dormouse gc --older-than 0 --weights --yes | sh masked"
      )
      try session.type("dormouse check")
      try session.type("dormouse gc --older-than 0 --weights --yes --json")
      try session.type("dormouse gc --older-than -1")
      try session.type("dormouse gc --study s")
      try session.type("dormouse gc --registry nowhere")
      try session.expect("gc")
    }
  }

  @Test func `nothing is changed without --yes`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try program.shell("echo stray > registry/objects/.tmp-1-2; chmod -R a-w registry")
      let list = "find registry -type f -print0 | sort -z | xargs -0 sha256sum"
      let before = try program.shell(list).output
      #expect(
        try program.run(["gc", "--weights", "--live", "--older-than", "0"]).status == 0)
      #expect(try program.shell(list).output == before)
      try program.shell("chmod -R u+w registry")
    }
  }

  @Test func `weights that were collected are made again by a rerun`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      #expect(
        try program.run(["gc", "--weights", "--older-than", "0", "--yes", "-q"]).status == 0)
      let rerun = try program.run(["rerun", "--all", "--quiet"])
      #expect(rerun.status == 0, "\(rerun)")
      #expect(rerun.output.contains("EXACT"))
      #expect(try program.run(["check", "--deep"]).status == 0)
    }
  }
}
