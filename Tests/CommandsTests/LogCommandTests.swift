import Testing

struct LogCommandTests {
  @Test func `the ledger is told from its end, and a broken link is found`() throws {
    try withFolder { program in
      try Elsewhere.register(in: program)
      var session = Transcript(program)
      try session.type(
        "\(Elsewhere.id); dormouse note $(id a) 'the first sign'; dormouse tag $(id a) +good -sweep=3"
      )
      try session.type("dormouse log")
      try session.type("dormouse log --study probes --limit 1 --json")
      try session.type("dormouse log --study nothing")
      try session.type(
        "sqlite3 registry/registry.sqlite \"DROP TRIGGER ledger_refuses_update; "
          + "UPDATE ledger SET link = record WHERE position = 1\"; dormouse log --limit 1")
      try session.expect("log")
    }
  }
}
