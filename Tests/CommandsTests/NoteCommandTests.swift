import Testing

struct NoteCommandTests {
  @Test func `a note is appended, shown and never empty`() throws {
    try withFolder { program in
      try Elsewhere.register(in: program)
      var session = Transcript(program)
      try session.type("\(Elsewhere.id); dormouse note $(id c) the loss *stops* falling")
      try session.type(
        "\(Elsewhere.id); printf 'from\\na pipe\\n' | dormouse note $(id c) - --json")
      // Whoever was killed before the answer may say it again.
      try session.type("\(Elsewhere.id); dormouse note $(id c) the loss *stops* falling")
      try session.type("\(Elsewhere.id); dormouse show $(id c)")
      try session.type("\(Elsewhere.id); dormouse note $(id c) ' '")
      try session.type("\(Elsewhere.id); printf 'caf\\351' | dormouse note $(id c) -")
      try session.type("\(Elsewhere.id); yes | head -c 300000 | dormouse note $(id c) -")
      try session.type("dormouse note ffffffff text")
      try session.type("dormouse check")
      try session.expect("note")
      let page = try program.shell(
        "\"$0\" site build --quiet && cat site/runs/*/index.html", [Program.path])
      #expect(page.output.contains("<em>stops</em>"))
    }
  }
}
