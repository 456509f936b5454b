/// Why a claim cannot be read, and where in its text.
package struct ClaimProblem: Error, Equatable, Sendable {
  /// Unicode scalars from the start of the claim.
  package let offset: Int
  package let message: String
  package let hint: String?
}

extension Claim {
  /// - Throws: `ClaimProblem` at the first word that does not fit the grammar.
  package init(parsing text: String) throws(ClaimProblem) {
    guard text.utf8.count <= 4096 else {
      throw ClaimProblem(offset: 0, message: "a claim has at most 4096 bytes", hint: nil)
    }
    var parser = ClaimParser(text: text)
    let conditions = try parser.conditions(insidePasses: false)
    guard parser.atEnd else { throw parser.unexpected("'and' or the end of the claim") }
    self.init(conditions: conditions, text: text)
  }

  /// What stands before a comparison, of one run.
  static func expression(parsing text: String) throws(ClaimProblem) -> ClaimExpression {
    guard text.utf8.count <= 4096 else {
      throw ClaimProblem(offset: 0, message: "a statistic has at most 4096 bytes", hint: nil)
    }
    var parser = ClaimParser(text: text)
    if let name = parser.next, LevelStatistic(rawValue: name) != nil, parser.isCall {
      throw parser.problem(
        "\(name)(…) is of several runs; a figure draws a number of each run",
        hint: "'over' draws the levels")
    }
    let expression: ClaimExpression
    if let passes = try parser.passes(insidePasses: false) {
      expression = passes
    } else {
      expression = try parser.sum()
    }
    guard parser.atEnd else {
      throw parser.unexpected(
        "the end of the statistic", hint: "a figure draws the statistic; only a claim compares it")
    }
    return expression
  }
}

extension ClaimReference {
  /// - Throws: `ClaimProblem` where it is not `stage:key`.
  package init(parsing text: String) throws(ClaimProblem) {
    var parser = ClaimParser(text: text)
    self = try parser.reference()
    guard parser.atEnd else { throw parser.unexpected("the end of the value") }
  }
}

private struct ClaimParser {
  struct Word {
    let text: String
    let offset: Int
  }

  let words: [Word]
  let scalars: [Unicode.Scalar]
  var position = 0
  var depth = 0

  init(text: String) {
    let scalars = Array(text.unicodeScalars)
    var words: [Word] = []
    var start: Int?
    func word(_ range: Range<Int>) -> Word {
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars[range])
      return Word(text: text, offset: range.lowerBound)
    }
    for (index, scalar) in scalars.enumerated() {
      let isSpace = scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
      let isMark = "()[],".unicodeScalars.contains(scalar)
      if isSpace || isMark {
        if let begun = start { words.append(word(begun..<index)) }
        start = nil
        if isMark { words.append(word(index..<index + 1)) }
      } else if start == nil {
        start = index
      }
    }
    if let begun = start { words.append(word(begun..<scalars.count)) }
    self.scalars = scalars
    self.words = words
  }

  var next: String? { position < words.count ? words[position].text : nil }
  /// Whether a parenthesis follows the next word.
  var isCall: Bool { position + 1 < words.count && words[position + 1].text == "(" }
  var atEnd: Bool { position == words.count }
  var offset: Int { position < words.count ? words[position].offset : scalars.count }

  func problem(_ message: String, hint: String? = nil, at offset: Int? = nil) -> ClaimProblem {
    ClaimProblem(offset: offset ?? self.offset, message: message, hint: hint)
  }

  func unexpected(_ expected: String, hint: String? = nil) -> ClaimProblem {
    let found = next.map { "found '\(Wording.shown($0))'" } ?? "the claim ends"
    return problem("expected \(expected), \(found)", hint: hint)
  }

  mutating func take(_ word: String) throws(ClaimProblem) {
    guard next == word else { throw unexpected("'\(word)'") }
    position += 1
  }

  mutating func conditions(insidePasses: Bool) throws(ClaimProblem) -> [Condition] {
    var conditions = [try condition(insidePasses: insidePasses)]
    while next == "and" {
      position += 1
      conditions.append(try condition(insidePasses: insidePasses))
    }
    return conditions
  }

  mutating func condition(insidePasses: Bool) throws(ClaimProblem) -> Condition {
    let start = offset
    let expression: ClaimExpression
    if let passes = try passes(insidePasses: insidePasses) {
      expression = passes
    } else if let statistic = next.flatMap(LevelStatistic.init(rawValue:)), isCall {
      guard !insidePasses else {
        throw problem("\(statistic.rawValue)(…) does not stand inside passes(…)")
      }
      position += 2
      let inner = try sum()
      try take(")")
      expression = .overLevels(statistic, inner)
    } else {
      expression = try sum()
    }
    let comparison = try self.comparison()
    let end = words[position - 1]
    var text = ""
    text.unicodeScalars.append(
      contentsOf: scalars[start..<end.offset + end.text.unicodeScalars.count])
    return Condition(expression: expression, comparison: comparison, text: text)
  }

  /// `passes(…)`, if that comes next.
  mutating func passes(insidePasses: Bool) throws(ClaimProblem) -> ClaimExpression? {
    guard next == "passes", isCall else { return nil }
    guard !insidePasses else { throw problem("passes(…) does not stand inside passes(…)") }
    position += 2
    let inner = try conditions(insidePasses: true)
    try take(")")
    return .passes(inner)
  }

  mutating func comparison() throws(ClaimProblem) -> Comparison {
    let start = offset
    guard let word = next else {
      throw unexpected("a comparison (>=, <=, >, <, in)", hint: "e.g. 'evaluate-after:r1 >= 0.95'")
    }
    switch word {
    case ">=", "<=", ">", "<":
      position += 1
      let bound = try number()
      return switch word {
      case ">=": .atLeast(bound)
      case "<=": .atMost(bound)
      case ">": .above(bound)
      default: .below(bound)
      }
    case "in":
      position += 1
      try take("[")
      let lower = try number()
      try take(",")
      let upper = try number()
      try take("]")
      guard lower <= upper else { throw problem("the interval is empty", at: start) }
      return .within(lower...upper)
    default:
      throw unexpected(
        "a comparison (>=, <=, >, <, in)", hint: "operators have spaces around them")
    }
  }

  mutating func number() throws(ClaimProblem) -> Double {
    guard let word = next, let value = Self.number(word) else { throw unexpected("a number") }
    position += 1
    return value
  }

  static func number(_ word: String) -> Double? {
    guard case .value(let value) = PlainScalar(word) else { return nil }
    return value.double
  }

  mutating func sum() throws(ClaimProblem) -> ClaimExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 64 else { throw problem("nested more than 64 deep") }
    var left = try product()
    while let sign = next, sign == "+" || sign == "-" {
      position += 1
      let right = try product()
      left = sign == "+" ? .sum(left, right) : .difference(left, right)
    }
    return left
  }

  mutating func product() throws(ClaimProblem) -> ClaimExpression {
    var left = try factor()
    while let sign = next, sign == "*" || sign == "/" {
      position += 1
      let right = try factor()
      left = sign == "*" ? .product(left, right) : .quotient(left, right)
    }
    return left
  }

  mutating func factor() throws(ClaimProblem) -> ClaimExpression {
    guard let word = next else { throw unexpected("a value") }
    if word == "(" {
      position += 1
      let inner = try sum()
      try take(")")
      return inner
    }
    if word == "-" {
      position += 1
      depth += 1
      defer { depth -= 1 }
      guard depth <= 64 else { throw problem("nested more than 64 deep") }
      return .negated(try factor())
    }
    if isCall { return try function(word) }
    if let number = Self.number(word) {
      position += 1
      return .number(number)
    }
    if let meaning = Claim.shortNames[word] {
      position += 1
      var inner = ClaimParser(text: meaning)
      return try inner.sum()
    }
    return .value(try reference())
  }

  mutating func function(_ name: String) throws(ClaimProblem) -> ClaimExpression {
    let standingAlone = ["passes"] + LevelStatistic.allCases.map(\.rawValue)
    let functions =
      ["abs", "mean", "last", "removal-time", "max", "min"] + standingAlone
    guard functions.contains(name) else {
      throw problem(
        Wording.unknown("function", name, among: functions),
        hint: Wording.known("functions", functions))
    }
    guard !standingAlone.contains(name) else {
      throw problem(
        "\(name)(…) stands alone before its comparison",
        hint: name == "passes"
          ? "e.g. 'passes(evaluate:r1 >= 0.9) >= 0.8'" : "e.g. '\(name)(evaluate:r1) > 0.2'")
    }
    position += 2
    let expression: ClaimExpression
    switch name {
    case "abs": expression = .absolute(try sum())
    case "max": expression = .greatest(try several())
    case "min": expression = .least(try several())
    case "mean": expression = .mean(try reference())
    case "removal-time": expression = .removalTime(try reference())
    default: expression = .last(try reference())
    }
    try take(")")
    return expression
  }

  /// Two expressions or more.
  mutating func several() throws(ClaimProblem) -> [ClaimExpression] {
    var expressions = [try sum()]
    repeat {
      try take(",")
      expressions.append(try sum())
    } while next == ","
    return expressions
  }

  mutating func reference() throws(ClaimProblem) -> ClaimReference {
    guard let word = next else { throw unexpected("a value such as 'evaluate:r1'") }
    let parts = word.utf8.split(
      separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw problem(
        Wording.unknown("name", word, among: Claim.shortNames.keys.sorted()),
        hint: "a value is 'stage:key', e.g. 'evaluate-after:r1'; operators have spaces around them")
    }
    position += 1
    return ClaimReference(
      stage: String(decoding: Array(parts[0]), as: UTF8.self),
      key: String(decoding: Array(parts[1]), as: UTF8.self))
  }
}
