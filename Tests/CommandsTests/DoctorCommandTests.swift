import Testing

struct DoctorCommandTests {
  @Test func `the machine is described without naming it`() throws {
    try withFolder { program in
      let outcome = try program.run(["doctor"])
      #expect(outcome.output.contains("kernel_family"))
      #expect(outcome.output.contains("can perform pretrain@"))
      let name = try program.shell("hostname").output.split(separator: "\n").first.map(String.init)
      if let name, name.utf8.count > 3 { #expect(!outcome.output.contains(name)) }
      #expect(!outcome.output.contains(program.folder))
    }
  }
}
