import Determinism

/// A number as people and records write it, compared without rounding: integers of any size, doubles.
package enum ExactNumber: Sendable {
  case integer(JSON.Integer)
  case double(Double)

  package init?(_ value: JSON) {
    switch value {
    case .integer(let integer): self = .integer(integer)
    case .double(let bits): self = .double(bits.value)
    default: return nil
    }
  }

  /// JSON's notation with a sign in front, or `nan`, `inf`, `-inf` in any case: `-3`, `+0.5`, `1e-3`. Anything
  /// else is nil.
  package init?(_ text: String) {
    var bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "nan": self = .double(.nan)
    case "inf", "infinity": self = .double(.infinity)
    case "-inf", "-infinity": self = .double(-.infinity)
    default:
      guard let first = bytes.first, first == 0x2D || (0x30...0x39).contains(first),
        let value = try? JSON(parsing: bytes)
      else { return nil }
      self.init(value)
    }
  }

  var isNaN: Bool { if case .double(let value) = self { value.isNaN } else { false } }

  /// A double with the same order to every other double, if there is one.
  var asDouble: Double? {
    switch self {
    case .double(let value): value
    case .integer(let integer): JSON.integer(integer).double
    }
  }

  /// -1, 0 or 1; nil when either is NaN.
  static func order(_ left: ExactNumber, _ right: ExactNumber) -> Int? {
    switch (left, right) {
    case (.double(let a), .double(let b)):
      return a.isNaN || b.isNaN ? nil : a < b ? -1 : a > b ? 1 : 0
    case (.integer(let a), .integer(let b)): return order(a, b)
    case (.integer(let a), .double(let b)): return order(a, b)
    case (.double(let a), .integer(let b)): return order(b, a).map { -$0 }
    }
  }

  private static func order(_ left: JSON.Integer, _ right: JSON.Integer) -> Int {
    if let a = left.int, let b = right.int { return a < b ? -1 : a > b ? 1 : 0 }
    let (a, b) = (Array(left.digits.utf8), Array(right.digits.utf8))
    let (isNegative, otherIsNegative) = (a[0] == 0x2D, b[0] == 0x2D)
    if isNegative != otherIsNegative { return isNegative ? -1 : 1 }
    let size =
      a.count != b.count
      ? (a.count < b.count ? -1 : 1)
      : a.lexicographicallyPrecedes(b) ? -1 : b.lexicographicallyPrecedes(a) ? 1 : 0
    return isNegative ? -size : size
  }

  private static func order(_ left: JSON.Integer, _ right: Double) -> Int? {
    if right.isNaN { return nil }
    if right.isInfinite { return right > 0 ? -1 : 1 }
    if let integer = left.int, right.magnitude < 0x1p63 {
      let whole = right.rounded(.towardZero)
      if integer != Int(whole) { return integer < Int(whole) ? -1 : 1 }
      return whole < right ? -1 : whole > right ? 1 : 0
    }
    return order(left, JSON.Integer(wholePartOf: right))
  }
}

extension JSON.Integer {
  /// The whole part of a double, exactly.
  fileprivate init(wholePartOf value: Double) {
    let whole = value.rounded(.towardZero)
    guard whole.magnitude >= 0x1p63 else {
      self.init(Int(whole))
      return
    }
    // Significand times a power of two, in decimal limbs from the lowest.
    var limbs = [whole.significandBitPattern | 1 << 52]
    for _ in 0..<(Int(whole.exponent) - 52) {
      var carry: UInt64 = 0
      for index in limbs.indices {
        let doubled = limbs[index] * 2 + carry
        carry = doubled / 1_000_000_000_000_000_000
        limbs[index] = doubled % 1_000_000_000_000_000_000
      }
      if carry > 0 { limbs.append(carry) }
    }
    var digits = String(limbs[limbs.count - 1])
    for limb in limbs.dropLast().reversed() {
      let text = String(limb)
      digits += String(repeating: "0", count: 18 - text.utf8.count) + text
    }
    self = JSON.Integer.parsing((whole < 0 ? "-" : "") + digits)
  }

  private static func parsing(_ digits: String) -> JSON.Integer {
    guard case .integer(let integer)? = try? JSON(parsing: digits) else {
      preconditionFailure("digits are an integer")
    }
    return integer
  }
}
