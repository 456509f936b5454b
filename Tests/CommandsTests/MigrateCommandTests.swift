import Foundation
import Testing

struct MigrateCommandTests {
  /// A registry as format 1 left it.
  private func prepare(_ program: Program) throws {
    let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "RecordsTests/Golden/registry-v1.sqlite")
    let folder = "\(program.folder)/registry"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: golden.path, toPath: "\(folder)/registry.sqlite")
    // The artifact that its records keep: Fixture.richValues of the tests of Records.
    try program.shell(
      """
      printf 'a,b\\n1,2\\n' > kept; sum=$(sha256sum kept | cut -c1-64)
      mkdir -p registry/objects/${sum:0:2}; mv kept registry/objects/${sum:0:2}/${sum:2}
      """)
  }

  @Test func `an old registry is brought up to date, with a backup`() throws {
    try withFolder { program in
      try prepare(program)
      var session = Transcript(program)
      try session.type(
        "dormouse migrate --dry-run | sed -E 's/to format [0-9]+,/to format <newest>,/'")
      try session.type("dormouse check")
      try session.type("dormouse migrate | sed -E 's/to [0-9]+;/to <newest>;/'")
      try session.type("dormouse check")
      try session.type("dormouse migrate | sed -E 's/format [0-9]+,/format <newest>,/'")
      try session.type("ls registry/backups")
      try session.type(
        "mkdir backup; cp registry/backups/registry-v1.sqlite backup/registry.sqlite; cp -r registry/objects backup; dormouse check backup"
      )
      try session.type("dormouse migrate --registry nowhere")
      try session.expect("migrate")
    }
  }

  @Test func `a migration that is killed leaves the old registry or the new one`() throws {
    try withFolder { program in
      try prepare(program)
      try program.shell("cp -r registry original")
      let head = try program.shell(
        "\"$0\" check original --json | grep '\"head\"'", [Program.path]
      ).output
      for delay in stride(from: 0.005, to: 0.15, by: 0.02) {
        try program.shell(
          "rm -rf registry; cp -r original registry; \"$0\" migrate -q & sleep \(delay); kill -9 $!; wait",
          [Program.path])
        let found = try program.shell("\"$0\" check registry --json", [Program.path])
        #expect(found.status == 0, "killed after \(delay) s: \(found)")
        #expect(found.output.contains(head.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(try program.run(["migrate"]).status == 0, "killed after \(delay) s")
      }
    }
  }
}
