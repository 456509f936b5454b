import Determinism
import Testing

@testable import Interchange

@Suite struct JSONMembersTests {
  private func members(_ text: String) throws -> [String] {
    let bytes = Array(text.utf8)
    var reader = try JSONMembers(bytes)
    var found: [String] = []
    while let member = try reader.next() {
      found.append("\(member.key)=\(try reader.parsed(member.value).canonicalText)")
    }
    return found
  }

  @Test(
    arguments: [
      ("{}", []), (" [ ] ", []), (#"{"a": 1}"#, ["a=1"]),
      (
        #" { "a" : [1, {"b": "]}"}] , "c\"\\" : "x,\"" , "d":{} ,"e": null , "f":-1.5 } "#,
        [#"a=[1,{"b":"]}"}]"#, #"c"\="x,\"""#, "d={}", "e=null", "f=-1.5"]
      ),
      (
        #"["a", 1 ,[], {"b": 2}, NaN]"#,
        [#"="a""#, "=1", "=[]", #"={"b":2}"#, "={\"f64\":\"7ff8000000000000\"}"]
      ),
    ] as [(String, [String])])
  func `members are found with their values`(_ text: String, _ expected: [String]) throws {
    #expect(try members(text) == expected)
  }

  @Test(arguments: [
    ("", 0, "expected a JSON object"), ("7", 0, "expected a JSON object"),
    ("{", 1, "the document ends within a value"), (#"{"a"}"#, 4, "expected ':'"),
    (#"{"a": }"#, 6, "not a JSON value"), (#"{"a": 1 "b": 2}"#, 6, "text after the value"),
    (#"{a: 1}"#, 1, "expected a key in quotes"),
    (#"{"a": "b}"#, 6, "a string without its closing quote"),
    (#"{"a": [1, 2}"#, 6, "expected ',' or ']'"),
    ("[1,\n  tru]", 6, "not a JSON value"),
    (#"{"a": 1,}"#, 8, "expected a key in quotes"), (#"{"a": "b" 1}"#, 10, "expected ',' or '}'"),
    (#"{"a": "\"#, 6, "a string without its closing quote"),
  ])
  func `what is no JSON is told with its byte`(_ text: String, _ offset: Int, _ message: String) {
    let problem = #expect(throws: JSONMembers.Problem.self) { try members(text) }
    // Of a value with text after it, the place is where that begins.
    #expect(problem?.message == message)
    #expect(problem.map { $0.offset >= offset } == true)
  }

  @Test func `depth costs nothing where nobody looks`() throws {
    let deep = String(repeating: "[", count: 1_000_000) + String(repeating: "]", count: 1_000_000)
    let bytes = Array(#"{"events": \#(deep), "id": 7}"#.utf8)
    let object = try JSONMembers.object(bytes, atMost: 100) { $0 == "id" }
    #expect(object == JSON.members(["id": 7]))
    #expect(throws: JSONMembers.Problem.self) {
      try JSONMembers.object(bytes, atMost: 100) { $0 == "events" }
    }
  }

  @Test func `random documents divide as they parse`() throws {
    for seed in UInt64(0)..<200 {
      var random = RandomStream(seed: seed, "json-members")
      let object = JSON.Object(
        (0..<5).map { ("k\($0)", Self.value(&random, depth: 0)) })
      let bytes = JSON.object(object).canonicalBytes
      let read = try JSONMembers.object(bytes, atMost: 1 << 20) { _ in true }
      #expect(read == object, "seed \(seed)")
    }
  }

  private static func value(_ random: inout RandomStream, depth: Int) -> JSON {
    switch random.next() % (depth > 3 ? 4 : 6) {
    case 0: JSON(Double(bitPattern: random.next()))
    case 1: JSON(Int(truncatingIfNeeded: random.next()))
    case 2: JSON(String((0..<4).map { _ in Array("\"\\{}[],:aé\n")[Int(random.next() % 11)] }))
    case 3: random.next() % 2 == 0 ? .null : true
    case 4: .array((0..<Int(random.next() % 4)).map { _ in value(&random, depth: depth + 1) })
    default:
      .object(
        JSON.Object(
          (0..<Int(random.next() % 4)).map { ("m\($0)", value(&random, depth: depth + 1)) }))
    }
  }
}
