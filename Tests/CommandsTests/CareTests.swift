import Foundation
import Testing

/// What people count on when things go wrong: nothing that was acknowledged is lost, nothing is half there.
struct CareTests {
  private static let document =
    #"printf '{"study": "s%d", "id": "%s-%d", "metrics": {"x": %d}, "series": {"l": [1, 2, 3]}}\n'"#

  /// `count` documents of one writer on as many lines.
  private func documents(_ writer: String, _ count: Int) -> String {
    "for n in $(seq \(count)); do \(Self.document) $((n % 3)) \(writer) $n $n; done"
  }

  private func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

  /// Ids that were acknowledged in whole lines are recorded, and the registry is sound.
  private func expectSound(_ program: Program, acknowledged: String, _ comment: String) throws {
    guard try program.shell("test -e registry/registry.sqlite").status == 0 else {
      #expect(lines(acknowledged).isEmpty, "\(comment)")
      return
    }
    let check = try program.run(["check", "--json"])
    #expect(check.status == 0, "\(comment): \(check.output)")
    let recorded = try program.shell(
      "sqlite3 registry/registry.sqlite \"SELECT substr(lower(hex(run)), 1, 10) FROM registered_run\""
    )
    let known = Set(lines(recorded.output))
    for line in lines(acknowledged) where line.hasPrefix("run ") && line.contains(" · ") {
      let id = line.split(separator: " ")[1]
      #expect(known.contains(id), "\(comment): acknowledged and lost: \(line)")
    }
  }

  @Test func `many writers at once into a registry that is not there yet lose nothing`() throws {
    try withFolder { program in
      // A process for each run, and a stream of runs for each process: both ways at once.
      let outcome = try program.shell(
        """
        for w in $(seq 8); do
          \(documents("w$w", 25)) > stream-$w
          "$0" register --lines stream-$w > out-$w &
          ( for n in 1 2 3; do echo "{\\"study\\": \\"p$w\\", \\"id\\": \\"$n\\"}" | "$0" register -; done > single-$w ) &
        done
        wait
        """, [Program.path])
      #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
      let acknowledged = try program.shell("cat out-* single-*").output
      #expect(lines(acknowledged).count == 8 * 28)
      try expectSound(program, acknowledged: acknowledged, "8 writers")
      let count = try program.shell(
        "sqlite3 registry/registry.sqlite 'SELECT count(*) FROM registered_run'")
      #expect(count.output == "224\n")
    }
  }

  @Test func `whoever waits for each answer has it before the next line`() throws {
    try withFolder { program in
      let outcome = try program.shell(
        """
        mkfifo in out
        "$0" register --lines - < in > out & exec 3> in 4< out
        for n in 1 2 3 4 5; do
          \(Self.document) 0 lock $n $n >&3
          read -t 20 answer <&4 || exit 9
          echo "$answer"
        done
        exec 3>&-; wait
        """, [Program.path])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(lines(outcome.output).count == 5)
    }
  }

  @Test func `a stream of documents tells each refusal with its line`() throws {
    try withFolder { program in
      try #"""
      {"study": "s", "id": "a"}

      {"study": "s", "metrics": {"x": "1"}}
      {"study": "s", "id": "a", "name": "other"}
      nonsense
      {"study": "s", "id": "b", "artifacts": {"f": "../x"}}
      {"study": "s", "id": "c"}
      """#.write(toFile: "\(program.folder)/runs.jsonl", atomically: true, encoding: .utf8)
      var session = Transcript(program)
      try session.type("dormouse register --lines runs.jsonl")
      try session.type("dormouse register --lines - --json < runs.jsonl 2> /dev/null")
      try session.type("dormouse register --lines nowhere.jsonl")
      try session.type("dormouse register --lines --follow")
      try session.type("printf '{\"study\": \"s\"}' | dormouse register --lines -")
      try session.type("dormouse check")
      try session.expect("register-lines")
    }
  }

  @Test(arguments: 0..<5)
  func `a killed stream of documents loses nothing that it acknowledged`(round: Int) throws {
    try withFolder { program in
      let delay = 0.02 + 0.04 * Double(round)
      _ = try program.shell(
        """
        (\(documents("k", 600))) > lines
        "$0" register --lines lines > acknowledged & sleep \(delay); kill -9 $!; wait
        """, [Program.path])
      // A last line without its end was not told.
      let text = try program.shell("cat acknowledged").output
      let whole = text.lastIndex(of: "\n").map { String(text[...$0]) } ?? ""
      try expectSound(program, acknowledged: whole, "killed after \(delay) s")
      #expect(try program.run(["register", "--lines", "lines", "-q"]).status == 0)
      let count = try program.shell(
        "sqlite3 registry/registry.sqlite 'SELECT count(*) FROM registered_run'")
      #expect(count.output == "600\n")
    }
  }

  @Test(arguments: 0..<4)
  func `a killed follower loses nothing that it had read`(round: Int) throws {
    try withFolder { program in
      let delay = 0.1 + 0.05 * Double(round)
      _ = try program.shell(
        """
        (echo '{"study": "s", "id": "k"}'
         for n in $(seq 6000); do echo "{\\"step\\": $n, \\"metrics\\": {\\"l\\": $n.5}}"; done) > lines
        mkfifo pipe; "$0" register --follow < pipe & follower=$!
        exec 3> pipe; cat lines >&3 & sleep \(delay); kill -9 $follower; wait
        """, [Program.path])
      guard try program.shell("test -e registry/registry.sqlite").status == 0 else { return }
      let check = try program.run(["check"])
      #expect(check.status == 0, "\(check)")
      // Whoever continues sends everything again, and it comes out as if nothing had happened.
      let outcome = try program.shell(
        "(cat lines; echo '{\"state\": \"completed\"}') | \"$0\" register --follow", [Program.path])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("1 series with 6000 points"))
      #expect(try program.run(["check", "--deep"]).status == 0)
      #expect(try program.shell("ls registry/live").output.isEmpty)
    }
  }

  @Test(arguments: 0..<5)
  func `a follower that is killed while it records loses nothing either`(round: Int) throws {
    try withFolder { program in
      let delay = 0.08 * Double(round)
      // Every line is in the spool when it dies: it hashes, or writes the points into the database.
      let killed = try program.shell(
        """
        echo '{"study": "s", "id": "k"}' > lines
        seq 40000 | sed 's/.*/{"step": &, "metrics": {"a": &.5, "b": -&}}/' >> lines
        (cat lines; echo '{"state": "completed"}') > all
        "$0" register --follow < all > out & follower=$!
        while kill -0 $follower 2> /dev/null \
          && [ "$(stat -c %s registry/live/*.jsonl 2> /dev/null || echo 0)" -lt $(stat -c %s lines) ]
        do sleep 0.01; done
        sleep \(delay); kill -9 $follower; wait $follower
        cat out; "$0" list
        """, [Program.path])
      #expect(killed.output.contains("interrupted") || killed.output.contains("completed"))
      // What was acknowledged is recorded.
      #expect(!killed.output.contains("80000 points") || !killed.output.contains("interrupted"))
      let check = try program.run(["check"])
      #expect(check.status == 0, "killed \(delay) s after the last line: \(check)")
      // Its head and its end are all that it takes to go on.
      let outcome = try program.shell(
        """
        ls registry/live/*.jsonl 2> /dev/null || exit 0
        (head -n 1 lines; echo '{"state": "completed"}') | "$0" register --follow
        """, [Program.path])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(try program.run(["check", "--deep"]).output.hasSuffix("registry: sound\n"))
      let points = try program.shell(
        "sqlite3 registry/registry.sqlite 'SELECT length(bits) / 8 FROM registered_series'; ls registry/live"
      )
      #expect(points.output == "40000\n40000\n", "killed \(delay) s after the last line")
    }
  }

  @Test(arguments: 0..<4)
  func `a killed merge or collection leaves all of it or nothing`(round: Int) throws {
    try withFolder { program in
      let delay = 0.01 + 0.03 * Double(round)
      _ = try program.shell(
        """
        (\(documents("o", 150))) | "$0" register --lines - --registry other > /dev/null
        echo '{"study": "s0", "id": "mine"}' | "$0" register - > acknowledged
        "$0" merge other & sleep \(delay); kill -9 $!; wait
        """, [Program.path])
      try expectSound(
        program, acknowledged: try program.shell("cat acknowledged").output, "after \(delay) s")
      let count = try program.shell(
        "sqlite3 registry/registry.sqlite 'SELECT count(*) FROM registered_run'"
      ).output
      #expect(count == "1\n" || count == "151\n", "killed after \(delay) s")
      #expect(try program.run(["merge", "other"]).status == 0)
      _ = try program.shell(
        """
        for n in $(seq 100); do echo $n > registry/objects/.tmp-$n-1; done
        "$0" gc --older-than 0 --yes -q & sleep \(delay); kill -9 $!; wait
        """, [Program.path])
      #expect(try program.run(["check", "--deep"]).status == 0)
      #expect(try program.run(["gc", "--older-than", "0", "--yes"]).status == 0)
      #expect(try program.run(["gc", "--older-than", "0"]).output == "nothing to collect\n")
    }
  }

  @Test(arguments: [40, 120, 300])
  func `a file that may not grow is an error, and what was acknowledged is there`(blocks: Int)
    throws
  {
    try withFolder { program in
      _ = try program.shell("(\(documents("f", 700))) > lines")
      // ulimit -f counts KiB.
      let outcome = try program.shell(
        "(ulimit -f \(blocks); exec \"$0\" register --lines lines > acknowledged)", [Program.path])
      #expect(outcome.status == 2, "\(outcome)")
      #expect(outcome.errors.contains("error: ") && outcome.errors.contains("hint: "))
      try expectSound(
        program, acknowledged: try program.shell("cat acknowledged").output, "\(blocks) KiB")
      #expect(try program.run(["register", "--lines", "lines", "-q"]).status == 0)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "mounts a file system"), arguments: [300, 700])
  func `a full disk is an error for streams and live runs alike`(kilobytes: Int) throws {
    try withFolder { program in
      guard
        try program.shell(
          "mkdir registry; mount -t tmpfs -o size=\(kilobytes)k tmpfs registry"
        ).status == 0
      else { return }
      defer { _ = try? program.shell("umount registry") }
      _ = try program.shell(
        """
        (\(documents("d", 1200))) > lines
        (echo '{"study": "s", "id": "live"}'
         for n in $(seq 25000); do echo "{\\"step\\": $n, \\"metrics\\": {\\"l\\": $n.5}}"; done) > live
        """)
      let followed = try program.shell("\"$0\" register --follow < live", [Program.path])
      #expect(followed.status == 2, "\(followed)")
      let outcome = try program.shell(
        "\"$0\" register --lines lines > acknowledged", [Program.path])
      #expect(outcome.status == 2, "\(outcome)")
      #expect(outcome.errors.contains("error: "))
      _ = try program.shell("mount -o remount,size=64m registry")
      try expectSound(
        program, acknowledged: try program.shell("cat acknowledged").output, "\(kilobytes) KiB")
      // With space again both go on.
      #expect(try program.run(["register", "--lines", "lines", "-q"]).status == 0)
      let continued = try program.shell(
        "(cat live; echo '{\"state\": \"completed\"}') | \"$0\" register --follow", [Program.path])
      #expect(continued.status == 0 && continued.output.contains("25000 points"), "\(continued)")
      #expect(try program.run(["check", "--deep"]).status == 0)
    }
  }

  @Test func `a damaged live run is found`() throws {
    try withFolder { program in
      _ = try program.shell(
        """
        (echo '{"study": "s", "id": "k"}'; for n in 1 2 3; do echo "{\\"step\\": $n, \\"metrics\\": {\\"l\\": 1}}"; done) \
          | "$0" register --follow; sed -i '3s/step/stop/' registry/live/*.jsonl
        """, [Program.path])
      let check = try program.run(["check"])
      #expect(check.status == 1)
      #expect(check.output.contains("line 3 is not as it was taken"), "\(check.output)")
    }
  }
}
