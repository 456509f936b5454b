import Determinism

/// What an unquoted YAML scalar means: the core schema of YAML 1.2, without octal and hexadecimal.
///
/// `no`, `on`, `1:30`, `0o7`, `010` and `1_000` are text: YAML 1.1 and 1.2 disagree about them, and where a
/// number or a flag is wanted the type check says so.
enum PlainScalar: Equatable {
  case value(JSON)
  case refused(String, hint: String?)

  init(_ text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .value(.null)
    case "true", "True", "TRUE": self = .value(true)
    case "false", "False", "FALSE": self = .value(false)
    case _ where Self.nonFinite(text) != nil:
      self = .refused("'\(text)' is not a finite number", hint: nil)
    default: self = Self.number(Array(text.utf8), text) ?? .value(JSON(text))
    }
  }

  /// The NaN or infinity that a plain scalar spells.
  static func nonFinite(_ text: String) -> Double? {
    switch text {
    case ".nan", ".NaN", ".NAN": .nan
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .infinity
    case "-.inf", "-.Inf", "-.INF": -.infinity
    default: nil
    }
  }

  private static func number(_ bytes: [UInt8], _ text: String) -> PlainScalar? {
    var position = 0
    func digits() -> ArraySlice<UInt8> {
      let start = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      return bytes[start..<position]
    }
    var isNegative = false
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      position = 1
    }
    let whole = digits()
    if position == bytes.count {
      guard !whole.isEmpty, whole.count == 1 || whole.first != 0x30 else { return nil }
      let magnitude = String(decoding: whole, as: UTF8.self)
      let digits = isNegative && magnitude != "0" ? "-" + magnitude : magnitude
      // The reader of canonical JSON keeps integers of any size.
      return (try? JSON(parsing: digits)).map { .value($0) }
    }
    var isZero = whole.allSatisfy { $0 == 0x30 }
    var hasDigits = !whole.isEmpty
    if bytes[position] == UInt8(ascii: ".") {
      position += 1
      let fraction = digits()
      isZero = isZero && fraction.allSatisfy { $0 == 0x30 }
      hasDigits = hasDigits || !fraction.isEmpty
    }
    guard hasDigits, whole.count <= 1 || whole.first != 0x30 else { return nil }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D {
        position += 1
      }
      guard !digits().isEmpty else { return nil }
    }
    guard position == bytes.count else { return nil }
    // `5.` and `.5` are numbers in YAML and not in Swift.
    let padded = text.replacingFirstDot()
    guard let value = Double(padded) else { return nil }
    guard value.isFinite, isZero || value != 0 else {
      return .refused("\(Wording.shown(text)) does not fit a double", hint: nil)
    }
    return .value(JSON(value))
  }
}

extension String {
  /// Puts a zero wherever a decimal point lacks a digit beside it.
  fileprivate func replacingFirstDot() -> String {
    var out: [UInt8] = []
    let bytes = Array(utf8)
    for (index, byte) in bytes.enumerated() {
      let isDot = byte == UInt8(ascii: ".")
      if isDot, index == 0 || !(0x30...0x39).contains(bytes[index - 1]) { out.append(0x30) }
      out.append(byte)
      if isDot, index + 1 == bytes.count || !(0x30...0x39).contains(bytes[index + 1]) {
        out.append(0x30)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
