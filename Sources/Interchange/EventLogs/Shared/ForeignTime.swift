import Determinism

/// Times as tools write them.
enum ForeignTime {
  /// Whole nanoseconds of seconds since 1970: between neighbouring doubles of our time lie 238 of them, so
  /// that nothing is lost. 0 for what is no time.
  static func nanoseconds(_ seconds: Double) -> Int {
    let whole = seconds.rounded(.down)
    guard whole.magnitude < 9e9 else { return 0 }
    return Int(whole) * 1_000_000_000 + Int(((seconds - whole) * 1e9).rounded())
  }

  /// Seconds since 1970, where a record takes them.
  static func moment(_ seconds: Double?) -> JSON? {
    guard let seconds, seconds >= 0, seconds < 253_402_300_800 else { return nil }
    return Int(exactly: seconds).map { JSON($0) } ?? JSON(seconds)
  }

  /// Nanoseconds of a text of RFC 3339, with or without its zone (then UTC); nil for another text.
  static func nanoseconds(of text: String) -> Int? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count,
        bytes[range].allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      return bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60,
      bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"), (1700..<2200).contains(year)
    else { return nil }
    var rest = bytes[19...]
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
      fraction = (digits.prefix(9) + Array(repeating: 0x30, count: max(0, 9 - digits.count)))
        .reduce(0) { $0 * 10 + Int($1) - 0x30 }
      rest = rest.dropFirst(1 + digits.count)
    }
    var offset = 0
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      let at = rest.startIndex
      guard let hours = number(at + 1..<at + 3), let minutes = number(at + 4..<at + 6) else {
        return nil
      }
      offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset
    return (minutes * 60 + second) * 1_000_000_000 + fraction
  }

  /// Days from 1970-01-01 to a civil date, after Hinnant's `days_from_civil`; years that are positive.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let yearOfEra = year % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return year / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
      - 719_468
  }
}
