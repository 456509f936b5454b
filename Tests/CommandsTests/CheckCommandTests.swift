import Foundation
import Testing

struct CheckCommandTests {
  @Test func `registries, studies and heads are checked`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      var session = Transcript(program)
      try session.type("dormouse check")
      try session.type("dormouse check study")
      try session.type("dormouse check --expect-head 0123456789")
      try session.type(
        "dormouse site build --studies . > /dev/null; dormouse check site --expect-head 0123456789")
      try session.type(
        "dormouse check site --expect-head $(dormouse check --json | grep '\"head\"' | cut -d'\"' -f4)"
      )
      try session.expect("check")
    }
  }

  @Test func `a folder of studies is checked with its map of hypotheses`() throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      try program.shell(
        """
        mkdir studies; cp -r study studies/tiny
        echo 'hypotheses: {H1: {statement: It trains, planned: later}}' > studies/hypotheses.yaml
        """)
      var session = Transcript(program)
      try session.type("dormouse check studies")
      try session.type(
        "echo 'hypotheses: {H2: {statement: It trains, study: tiny, prediction: installs-not}}' > studies/hypotheses.yaml"
      )
      try session.type("dormouse check studies")
      try session.type(
        "echo 'hypotheses: {H1: {statement: It trains, study: tiny, prediction: installs-not}}' > studies/hypotheses.yaml"
      )
      try session.type("dormouse check studies")
      try session.expect("check-studies")
    }
  }

  @Test(arguments: [
    ("empty", "mkdir -p registry; : > registry/registry.sqlite"),
    ("text", "mkdir -p registry; echo 'not a database' > registry/registry.sqlite"),
    (
      "foreign",
      "mkdir -p registry; sqlite3 registry/registry.sqlite 'CREATE TABLE t(x)' || printf x > registry/registry.sqlite"
    ),
    ("folder", "mkdir -p registry/registry.sqlite"),
    ("file", "echo hello > registry"),
  ])
  func `what is no registry is refused and left alone`(name: String, make: String) throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      try program.shell(make)
      let before = try program.shell(
        "find . -path ./study -prune -o -type f -print0 | grep -zvE 'std|\\.lock$' | xargs -0 sha256sum | sort"
      ).output
      for arguments in [
        ["check", "registry"], ["list"], ["run", "study", "--quiet"], ["rerun", "--all"],
      ] {
        // A plain file named `registry` is read as a study file by `check`: an error of usage all the same.
        let outcome = try program.run(arguments)
        #expect(
          outcome.status == 2 || (name == "file" && outcome.status == 64), "\(arguments) \(outcome)"
        )
        #expect(outcome.errors.contains("error: "))
        #expect(outcome.errors.contains("hint: ") || outcome.status == 64)
      }
      let after = try program.shell(
        "find . -path ./study -prune -o -type f -print0 | grep -zvE 'std|\\.lock$' | xargs -0 sha256sum | sort"
      ).output
      #expect(after == before)
    }
  }
}
