import Testing

struct AssessCommandTests {
  @Test func `development seeds can be looked at and count for nothing`() throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      try program.run(["run", "study", "--seeds", "0..1", "--quiet"])
      let before = try program.run(["check", "--json"])
      var session = Transcript(program)
      try session.type("dormouse assess study --development")
      try session.type("dormouse assess study")
      try session.expect("assess")
      #expect(before.status == 0)
      #expect(try program.run(["check"]).status == 0)
    }
  }
}
