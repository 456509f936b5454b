import Determinism
import Foundation
import Testing

@testable import Commands

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

struct DeterminismTableTests {
  @Test func `every row of the short determinism table is equal, and as the guide says`() throws {
    try withFolder { program in
      let outcome = try program.run(["doctor", "--determinism", "--json"])
      #expect(outcome.status == 0, "\(outcome.output)")
      let table = try JSON(parsing: Array(outcome.output.utf8))
      let rows = try #require(table["rows"]?.array)
      let first = try #require(rows.first?["hashes"]?.object)
      #expect(rows.count >= 4 && rows.count.isMultiple(of: 4))
      for row in rows {
        #expect(row["hashes"]?.object == first, "\(row["conditions"]?.string ?? "?")")
        #expect(row["result"]?.string == "equal")
      }
      #expect(Set(rows.compactMap { $0["conditions"]?.string }).count == rows.count)
      #expect(Set(first.members.compactMap { $0.value.string }).count == 10)
      let guide = try String(
        contentsOf: GuideTests.folder.appending(path: "determinism.md"), encoding: .utf8)
      for member in first.members {
        let digest = try #require(member.value.string)
        #expect(
          guide.contains("| \(member.key.value) | `\(digest.prefix(10))` |"),
          "\(member.key.value) is \(digest): have bits changed?")
      }
    }
  }

  @Test
  func `another process, an OpenBLAS core type and another thread count print the same hashes`()
    throws
  {
    try withFolder { program in
      let first = try program.run(["determinism-trial"])
      let second = try program.run(
        ["determinism-trial", "--threads", "3", "--family", "baseline"],
        environment: ["OPENBLAS_CORETYPE": "Haswell"])
      func hashes(_ outcome: Program.Outcome) throws -> JSON? {
        try JSON(parsing: Array(outcome.output.utf8))["hashes"]
      }
      let expected = try #require(try hashes(first))
      #expect(try hashes(second) == expected)
      let blas = try program.run(["determinism-trial", "--backend", "openblas"])
      #expect(try hashes(blas) != expected, "another backend is another order of sums")
    }
  }

  @Test func `a table holds when promised rows are equal, whatever OpenBLAS does`() {
    func hashes(_ text: String) -> ProofTable.Outcome {
      .hashes([ProofTable.Hash(name: "weights", digest: Digest(of: text))])
    }
    var table = ProofTable()
    table.add(.own, "one", hashes("a"))
    table.add(.own, "two", hashes("a"))
    table.add(.own, "elsewhere", .skipped("not here"))
    table.add(.openblas, "one", hashes("b"))
    table.add(.openblas, "two", hashes("c"))
    #expect(table.holds)
    let results = table.rows.map { table.result(of: $0) }
    #expect(results == ["equal", "equal", "skipped", "equal", "DIFFERS"])
    var differing = table
    differing.add(.own, "three", hashes("d"))
    #expect(!differing.holds)
    table.add(.own, "broken", .failed("ended with status 139"))
    #expect(!table.holds)
  }

  @Test(
    arguments: [
      "doctor --long", "doctor --determinism --against x", "determinism-trial --threads 0",
    ])
  func `options that mean nothing are refused`(command: String) throws {
    try withFolder { program in
      let arguments = command.split(separator: " ").map { String($0) }
      let outcome = try program.run(arguments)
      #expect(outcome.status == 64)
    }
  }
}
