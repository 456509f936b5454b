import Determinism
import Testing

@Suite struct JSONTests {
  // MARK: Round trips

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `25,000 random doubles come back bit for bit`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "json/doubles")
    for _ in 0..<250 {
      let values = (0..<100).map { _ in randomDouble(&stream) }
      let document = JSON.array(values.map { JSON($0) })
      let read = try JSON(parsing: document.canonicalBytes)
      #expect(read == document, "seed \(seed)")
      #expect(read.array!.map { $0.double!.bitPattern } == values.map(\.bitPattern))
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `random documents come back equal, canonical and indented`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "json/documents")
    for _ in 0..<1_000 {
      let document = randomDocument(&stream, depth: 0)
      let bytes = document.canonicalBytes
      let read = try JSON(parsing: bytes)
      #expect(read == document, "seed \(seed): \(document.canonicalText)")
      #expect(read.canonicalBytes == bytes, "seed \(seed)")
      #expect(try JSON(parsing: document.prettyText) == document, "seed \(seed)")
      #expect(Digest(of: read) == Digest(of: bytes))
    }
  }

  @Test(arguments: [
    "0", "-1", "9007199254740993", "18446744073709551616", "-9223372036854775809",
    "123456789012345678901234567890123456789012345678901234567890",
  ])
  func `integers of any size keep their digits`(digits: String) throws {
    #expect(try JSON(parsing: digits).canonicalText == digits)
    #expect(try JSON(parsing: "[\(digits)]").array?.first?.double != 9007199254740992)
  }

  @Test func `typed views give nil rather than a rounded number`() throws {
    #expect(JSON(9_007_199_254_740_993).double == nil)
    #expect(JSON(9_007_199_254_740_992).double == 9_007_199_254_740_992)
    #expect(JSON(UInt64(1) << 63).double == 0x1p63)
    #expect(JSON(UInt64.max).double == nil)
    #expect(JSON(UInt64.max).uint64 == .max)
    #expect(JSON(UInt64.max).int == nil)
    #expect(JSON(1.0).int == nil)
    #expect(JSON("1").int == nil)
    #expect(JSON(true).int == nil)
  }

  // MARK: The canonical form

  static let canonicalForms: [(JSON, String)] = [
    (JSON(1.0), "1.0"), (JSON(-1.5), "-1.5"), (JSON(0.1), "0.1"), (JSON(5e-324), "5e-324"),
    (JSON(1e16), "1e+16"), (JSON(1e22), "1e+22"), (JSON(123456.0), "123456.0"),
    (JSON(1.7976931348623157e308), "1.7976931348623157e+308"),
    (JSON(2.2250738585072011e-308), "2.225073858507201e-308"),
    (JSON(0.0), "0.0"), (JSON(-0.0), #"{"f64":"8000000000000000"}"#),
    (JSON(Double.infinity), #"{"f64":"7ff0000000000000"}"#),
    (JSON(-Double.infinity), #"{"f64":"fff0000000000000"}"#),
    (
      JSON(Double(bitPattern: 0x7ff8_0000_dead_beef)), #"{"f64":"7ff80000deadbeef"}"#
    ),
    (
      JSON(Double(bitPattern: 0xfff0_0000_0000_0001)), #"{"f64":"fff0000000000001"}"#
    ),
    (["b": 1, "a": [.null, true, false], "B": "x"], #"{"B":"x","a":[null,true,false],"b":1}"#),
    (
      JSON("\"\\/\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}"),
      "\"\\\"\\\\/\\n\\r\\t\\u0008\\u000c\\u0000\\u001f\u{7f}\""
    ),
    (JSON("\"\u{301}\u{2028}😀"), "\"\\\"\u{301}\u{2028}😀\""),
    (["é": 1, "e\u{301}": 2, "z": 3], "{\"e\u{301}\":2,\"z\":3,\"é\":1}"),
    ([:], "{}"), ([], "[]"),
  ]

  @Test(arguments: canonicalForms.indices)
  func `a value has one canonical text`(index: Int) throws {
    let (value, text) = Self.canonicalForms[index]
    #expect(Array(value.canonicalText.utf8) == Array(text.utf8))
    #expect(try JSON(parsing: text) == value)
  }

  @Test func `only what JSON cannot write is read from a pattern`() throws {
    for text in [
      #"{"f64":"3ff0000000000000"}"#, #"{"f64":"0000000000000000"}"#,
      #"{"f64":"7FF0000000000000"}"#,
      #"{"f64":"7ff"}"#, #"{"f64":1}"#, #"{"f64":"7ff0000000000000","x":1}"#,
    ] {
      let value = try JSON(parsing: text)
      #expect(value.object != nil, "\(text)")
      #expect(Array(value.canonicalText.utf8) == Array(text.utf8))
    }
  }

  @Test func `keys that only look equal are two keys`() throws {
    let value = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value.object?.count == 2)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSON("\u{E9}") != JSON("e\u{301}"))
  }

  @Test func `an object built from pairs keeps the later of equal keys`() {
    let object = JSON.Object([("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)])
    #expect(JSON.object(object).canonicalText == #"{"a":4,"b":3,"c":5}"#)
    var changed = object
    changed["b"] = nil
    changed["d"] = 6
    changed["nothing"] = nil
    #expect(JSON.object(changed).canonicalText == #"{"a":4,"c":5,"d":6}"#)
  }

  @Test func `what others write is read`() throws {
    #expect(try JSON(parsing: " \t\r\n[1 , 2.50 ]\n") == [1, 2.5])
    #expect(try JSON(parsing: #""\u00e9\ud83d\ude00\/\b\f""#) == "é😀/\u{8}\u{c}")
    #expect(try JSON(parsing: "-0") == JSON(-0.0))
    #expect(try JSON(parsing: "-0.0") == JSON(-0.0))
    #expect(try JSON(parsing: "1E2") == 100.0)
    #expect(try JSON(parsing: "1e-400") == 0.0)
    #expect(try JSON(parsing: "2.4703282292062328e-324") == JSON(5e-324))
    #expect(try JSON(parsing: #"{"\u0000":1}"#)["\u{0}"] == 1)
    #expect(try JSON(parsing: #"{"":1,"__proto__":2,"../x":3}"#).object?.count == 3)
  }

  @Test func `100,000 keys in falling order are read at once`() throws {
    let keys = (0..<100_000).map { 999_999 - $0 }
    let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    let object = try #require(try JSON(parsing: text).object)
    #expect(object.count == 100_000)
    #expect(object.keys.first == "900000")
  }

  // MARK: Refusals

  static let refusals: [(String, String)] = [
    ("", "1:1: the document ends where a value should be"),
    ("  ", "1:3: the document ends where a value should be"),
    ("\u{FEFF}1", "1:1: not a JSON value"),
    ("[1,2", "1:5: expected ',' or ']'"),
    ("[1,]", "1:4: not a JSON value"),
    ("{\"a\":1,}", "1:8: expected a key in quotes"),
    ("{\"a\" 1}", "1:6: expected ':'"),
    ("{a:1}", "1:2: expected a key in quotes"),
    ("{'a':1}", "1:2: expected a key in quotes"),
    ("{}{}", "1:3: text after the value"),
    ("{}\n{}", "2:1: text after the value"),
    ("{\"a\":1,\n \"b\":2,\n \"a\":3}", "3:2: duplicate key \"a\""),
    ("{\"a\":1,\"\\u0061\":2}", "1:8: duplicate key \"a\""),
    ("[NaN]", "1:2: not a JSON value"), ("Infinity", "1:1: not a JSON value"),
    ("-Infinity", "1:2: expected a digit"), ("nul", "1:1: not a JSON value"),
    ("True", "1:1: not a JSON value"), ("+1", "1:1: not a JSON value"),
    (".5", "1:1: not a JSON value"), ("1.", "1:3: expected a digit"),
    ("1e", "1:3: expected a digit"), ("1e+", "1:4: expected a digit"),
    ("01", "1:1: a number does not begin with 0"),
    ("[-01]", "1:2: a number does not begin with 0"), ("-", "1:2: expected a digit"),
    ("0x10", "1:2: text after the value"), ("1_000", "1:2: text after the value"),
    ("١", "1:1: not a JSON value"),
    ("1e400", "1:1: \"1e400\" does not fit a double"),
    ("[0, -1e999]", "1:5: \"-1e999\" does not fit a double"),
    ("\"\\ud800\"", "1:2: half of a surrogate pair"),
    ("\"\\udc00\"", "1:2: half of a surrogate pair"),
    ("\"\\ud800\\u0041\"", "1:2: half of a surrogate pair"),
    ("\"\\ud800x\"", "1:2: half of a surrogate pair"),
    ("\"\\u12\"", "1:2: \\u needs four hexadecimal digits"),
    ("\"\\u12", "1:2: \\u needs four hexadecimal digits"),
    ("\"\\u+123\"", "1:2: \\u needs four hexadecimal digits"),
    ("\"\\x\"", "1:2: unknown escape"), ("\"\\", "1:3: an escape without its character"),
    ("\"a\nb\"", "1:3: a control character must be escaped"),
    ("\"a\u{0}b\"", "1:3: a control character must be escaped"),
    ("\"abc", "1:1: a string without its closing quote"),
    ("/* */1", "1:1: not a JSON value"),
    ("\u{A0}1", "1:1: not a JSON value"),
  ]

  @Test(arguments: refusals.indices)
  func `a document that is not JSON is refused with its place`(index: Int) {
    let (text, message) = Self.refusals[index]
    let error = #expect(throws: JSONError.self, "\(text)") { try JSON(parsing: text) }
    #expect(error?.description == message)
  }

  @Test(
    arguments: [
      [0xFF], [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0xFE, 0xFF, 0x00, 0x31],
      [0x31, 0x00], [0x1F, 0x8B, 0x08, 0x00],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
  }

  @Test func `nesting is read to the limit and no further`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try JSON(parsing: nested(257)).canonicalText == nested(257))
    let message = "1:258: nested more than 256 deep"
    for text in [nested(258), String(repeating: "[", count: 1_000_000)] {
      let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
      #expect(error?.description == message)
    }
    #expect(throws: JSONError.self) {
      try JSON(parsing: String(repeating: "{\"a\":", count: 100_000))
    }
  }

  @Test func `a hostile name is cut and escaped in the message`() {
    let name = "\\u001b]0;" + String(repeating: "x", count: 100_000)
    let error = #expect(throws: JSONError.self) {
      try JSON(parsing: "{\"\(name)\":1,\"\(name)\":2}")
    }
    #expect(error?.message.utf8.count ?? .max < 120)
    #expect(error?.message.contains("\u{1b}") == false)
  }

  @Test func `every prefix of a document is refused`() {
    let text = #"{"a":[1.5e3,-2,"\u00e9\n"],"b":{"f64":"7ff0000000000000"},"c":null}"#
    for count in 0..<text.utf8.count {
      #expect(throws: JSONError.self, "\(count)") { try JSON(parsing: text.utf8.prefix(count)) }
    }
  }

  // MARK: Random values

  private func randomDouble(_ stream: inout RandomStream) -> Double {
    switch stream.below(8) {
    case 0: Double(bitPattern: 0x7FF0_0000_0000_0000 | stream.next())
    case 1: Double(bitPattern: stream.next() & 0x800F_FFFF_FFFF_FFFF)
    case 2: Double(stream.below(1 << 20)) / 1_000
    case 3: Double(Int64(bitPattern: stream.next()))
    case 4:
      stream.element(of: [
        0.0, -0.0, .infinity, -.infinity, .nan, .signalingNaN, .greatestFiniteMagnitude,
        .leastNonzeroMagnitude, .leastNormalMagnitude, 1, 0.1, 1e16, 1e15, 9007199254740993, 1e-5,
      ])
    default: Double(bitPattern: stream.next())
    }
  }

  @Test func `texts sort by their bytes, and are equal by them`() {
    let seed: UInt64 = 20
    var stream = RandomStream(seed: seed, "json-text")
    for _ in 0..<2000 {
      let (left, right) = (randomText(&stream), randomText(&stream))
      #expect(
        (JSON.Text(left) < JSON.Text(right)) == left.utf8.lexicographicallyPrecedes(right.utf8),
        "seed \(seed): \(left.debugDescription), \(right.debugDescription)")
      #expect(
        (JSON.Text(left) == JSON.Text(right)) == left.utf8.elementsEqual(right.utf8),
        "seed \(seed): \(left.debugDescription), \(right.debugDescription)")
    }
    // Canonically equivalent is not equal.
    #expect(JSON.Text("é") != JSON.Text("e\u{301}"))
    #expect(JSON.Text("") < JSON.Text("\u{0}"))
  }

  private func randomText(_ stream: inout RandomStream) -> String {
    let pieces = [
      "a", "B", "\"", "\\", "/", "\u{0}", "\u{1f}", "\n", "\u{7f}", "é", "e\u{301}", "\u{301}", "😀",
      "\u{2028}", "\u{FEFF}", "\u{202E}", "f64", "👩‍👩‍👧", "{", "\u{10FFFF}", "\r\n",
    ]
    return (0..<stream.below(6)).map { _ in stream.element(of: pieces) }.joined()
  }

  private func randomDocument(_ stream: inout RandomStream, depth: Int) -> JSON {
    switch stream.below(depth > 4 ? 5 : 8) {
    case 0: return stream.element(of: [.null, true, false])
    case 1: return JSON(Int64(bitPattern: stream.next()) >> Int64(stream.below(64)))
    case 2: return JSON(UInt64.max - UInt64(stream.below(10)))
    case 3: return JSON(randomDouble(&stream))
    case 4: return JSON(randomText(&stream))
    case 5:
      return .array((0..<stream.below(5)).map { _ in randomDocument(&stream, depth: depth + 1) })
    default:
      return .object(
        JSON.Object(
          (0..<stream.below(5)).map { _ in
            (randomText(&stream), randomDocument(&stream, depth: depth + 1))
          }))
    }
  }

  @Test func `the tokens of Python's json for what is not finite are read on request alone`() throws
  {
    let text = #"{"a": [NaN, Infinity, -Infinity, -1, -0.0], "b": "NaN"}"#
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
    let read = try JSON(parsing: Array(text.utf8), nonFinite: true)
    let bits = try #require(read["a"]?.array).map { $0.double?.bitPattern }
    #expect(
      bits == [
        0x7FF8_0000_0000_0000, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000,
        (-1.0).bitPattern, 0x8000_0000_0000_0000,
      ])
    #expect(read["b"]?.string == "NaN")
    #expect(try JSON(parsing: read.canonicalBytes) == read, "canonical JSON has no such tokens")
    for wrong in ["nan", "NAN", "Inf", "-NaN", "+Infinity", "Infinit", "NaN1", "-"] {
      #expect(throws: JSONError.self, "\(wrong)") {
        try JSON(parsing: Array(wrong.utf8), nonFinite: true)
      }
    }
  }

  @Test func `values are found again by their paths`() {
    let text = """
      {"a": 1,
        "list": [10, {"deep": [true]}],
        "é": {"x/y": 2}}
      """
    let wanted: Set<[String]> = [
      [], ["a"], ["list", "1", "deep", "0"], ["é", "x/y"], ["absent"], ["list", "7"],
    ]
    let places = JSON.places(of: wanted, in: Array(text.utf8))
    func place(_ key: (Int, Int), _ value: (Int, Int)) -> JSON.Place {
      JSON.Place(
        key: JSON.Place.Mark(line: key.0, column: key.1),
        value: JSON.Place.Mark(line: value.0, column: value.1))
    }
    #expect(
      places == [
        []: place((1, 1), (1, 1)), ["a"]: place((1, 2), (1, 7)),
        ["list", "1", "deep", "0"]: place((2, 26), (2, 26)),
        ["é", "x/y"]: place((3, 10), (3, 17)),
      ])
  }
}
