import Testing

@testable import Commands

struct TagCommandTests {
  @Test func `tags are put on and taken off`() throws {
    try withFolder { program in
      try Elsewhere.register(in: program)
      var session = Transcript(program)
      let tag = "\(Elsewhere.id); dormouse tag $(id b)"
      try session.type(tag)
      try session.type("\(tag) +good -draft +layer=12")
      try session.type("\(tag)")
      try session.type("dormouse list --where 'tag.layer >= 12 and tag = good' --columns name,tag")
      try session.type("\(tag) +good")
      try session.type("\(tag) -draft")
      try session.type("\(tag) draft")
      try session.type("\(tag) +x -x")
      try session.type("\(tag) --remove good --json")
      try session.type("\(tag) +")
      try session.type("dormouse tag ffff0000 +x")
      try session.expect("tag")
    }
  }

  @Test(arguments: [
    (["tag", "abcd", "+a", "-b"], ["tag", "abcd", "+a", "--remove=b"]),
    (
      ["tag", "abcd", "-q", "-quick", "--registry", "-odd"],
      ["tag", "abcd", "-q", "--remove=quick", "--registry", "-odd"]
    ),
    (["list", "-b"], ["list", "-b"]), (["tag", "abcd", "--", "-b"], ["tag", "abcd", "--", "-b"]),
    (["tag", "-h"], ["tag", "-h"]), (["tag", "-"], ["tag", "-"]), ([], []),
  ])
  func `a tag to take off is no option`(arguments: [String], expected: [String]) {
    #expect(TagCommand.rewriting(arguments) == expected)
  }
}
