import Determinism
import FoundationEssentials
import GRDB

/// A value as the index of terms has it: short, and in the order in which conditions compare.
///
/// Numbers, and texts that are numbers, stand for their size, other texts for their bytes. Values that a
/// condition tells apart may be one term, equal ones never are two: whoever finds a run by a term asks the run
/// itself.
enum Term: Hashable, Sendable {
  case integer(Int64)
  /// Neither NaN nor a whole number that an integer can be.
  case real(Double)
  case mark(Mark)
  case text([UInt8])

  /// What has no order; SQLite puts it between numbers and texts.
  enum Mark: String, Sendable {
    case null, no, yes
    case notANumber = "nan"
    /// Its elements are terms beside it.
    case list
    case object
  }

  init(_ number: ExactNumber) {
    switch number {
    case .integer(let integer):
      if let value = integer.int {
        self = .integer(Int64(value))
      } else {
        // Rounding keeps the order.
        self = .real(Double(integer.digits)!)
      }
    case .double(let value):
      if value.isNaN {
        self = .mark(.notANumber)
      } else if let whole = Int64(exactly: value) {
        self = .integer(whole)
      } else {
        self = .real(value)
      }
    }
  }

  /// Bytes of a text up to which terms are in its order.
  static let ordered = 16
  private static let longest = 24

  init(_ text: String) {
    if let number = ExactNumber(text) {
      self.init(number)
      return
    }
    let bytes = Array(text.utf8)
    // Paths and prompts begin alike: the digest tells them apart.
    self = .text(
      bytes.count <= Self.longest
        ? bytes : Array(bytes[..<Self.ordered]) + Digest(of: bytes).bytes.prefix(8))
  }

  /// Of a list its elements' are among them, because a condition holds when it holds for one of those.
  static func terms(of value: JSON) -> [Term] {
    switch value {
    case .null: [.mark(.null)]
    case .bool(let flag): [.mark(flag ? .yes : .no)]
    case .integer(let integer): [Term(.integer(integer))]
    case .double(let bits): [Term(.double(bits.value))]
    case .string(let text): [Term(text.value)]
    case .array(let elements): [.mark(.list)] + elements.flatMap(terms(of:))
    case .object: [.mark(.object)]
    }
  }

  /// Whether every value with this term equals whatever else has it, as conditions compare with a number or a
  /// text that is none.
  var isExact: Bool {
    switch self {
    case .integer: true
    case .real(let value): value.magnitude < 0x1p63
    case .mark: true
    case .text(let bytes): bytes.count < Self.longest
    }
  }

  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .real, .mark(.notANumber): true
    case .mark, .text: false
    }
  }

  /// Each once, in the order of the first.
  static func distinct(_ terms: [Term]) -> [Term] {
    var seen: Set<Term> = []
    return terms.filter { seen.insert($0).inserted }
  }

  var value: DatabaseValue {
    switch self {
    case .integer(let value): value.databaseValue
    case .real(let value): value.databaseValue
    case .mark(let mark): mark.rawValue.databaseValue
    case .text(let bytes): Data(bytes).databaseValue
    }
  }
}

/// A stretch of terms, both ends in it.
struct TermRange: Sendable {
  let lower: Term
  let upper: Term

  private static let least = Term.real(-.infinity)
  private static let largestNumber = Term.real(.infinity)
  private static let firstText = Term.text([])
  private static let last = Term.text([UInt8](repeating: 0xFF, count: 32))
  static let all = TermRange(lower: least, upper: last)
  static let numbers = TermRange(lower: least, upper: largestNumber)
  static let texts = TermRange(lower: firstText, upper: last)

  init(lower: Term, upper: Term) {
    self.lower = lower
    self.upper = upper
  }

  init(_ term: Term) { self.init(lower: term, upper: term) }

  /// The terms of all texts that begin so.
  init(prefix: [UInt8]) {
    let known = Array(prefix.prefix(Term.ordered))
    self.init(lower: .text(known), upper: Self.end(of: known))
  }

  /// Behind every term whose first bytes these are.
  private static func end(of bytes: [UInt8]) -> Term {
    .text(bytes + [UInt8](repeating: 0xFF, count: 32))
  }

  /// Where the terms of the values are for which a test can hold, and perhaps of others; nil where every value
  /// has to be asked.
  static func ranges(for test: RunCondition.Test) -> [TermRange]? {
    switch test {
    case .contains: nil
    case .exists: [all]
    case .equals(let literals): literals.flatMap(ranges(equalTo:))
    case .ordered(let order, let literal): ranges(order, literal)
    }
  }

  /// Whether the test holds for all values in its ranges but the excluded ones, and each is in one of them once.
  static func isExact(_ test: RunCondition.Test) -> Bool {
    switch test {
    case .contains: false
    case .exists: true
    // In quotes a text that looks like a number is none.
    case .equals(let literals):
      literals.count == 1 && ranges(equalTo: literals[0]).allSatisfy { $0.lower.isExact }
        && (literals[0].number != nil || !Term(literals[0].text).isNumber)
    case .ordered(_, let literal): literal.number.map { Term($0).isExact } ?? false
    }
  }

  static func excluded(by test: RunCondition.Test) -> [TermRange] {
    switch test {
    case .exists: [TermRange(.mark(.null))]
    case .ordered(.less, let literal), .ordered(.greater, let literal):
      literal.number.flatMap { $0.isNaN ? nil : [TermRange(Term($0))] } ?? []
    case .ordered, .equals, .contains: []
    }
  }

  private static func ranges(equalTo literal: Literal) -> [TermRange] {
    var ranges = [TermRange(literal.number.map { Term($0) } ?? Term(literal.text))]
    if !literal.isQuoted {
      if literal.text == "true" { ranges.append(TermRange(.mark(.yes))) }
      if literal.text == "false" { ranges.append(TermRange(.mark(.no))) }
    }
    return ranges
  }

  private static func ranges(_ order: RunCondition.Order, _ literal: Literal) -> [TermRange] {
    let isBelow = order == .less || order == .atMost
    if let number = literal.number {
      if number.isNaN { return [] }
      let bound = Term(number)
      return [
        isBelow
          ? TermRange(lower: least, upper: bound) : TermRange(lower: bound, upper: largestNumber)
      ]
    }
    let known = Array(literal.text.utf8.prefix(Term.ordered))
    // A text that is a number stands among the numbers, wherever its bytes would put it; "nan" with NaN.
    return [
      numbers, TermRange(.mark(.notANumber)),
      isBelow
        ? TermRange(lower: firstText, upper: end(of: known))
        : TermRange(lower: .text(known), upper: last),
    ]
  }
}
