import Determinism

/// A time as records tell it, in the one form that exports write: `2026-11-20T23:41:05+00:00`.
struct Moment: Comparable {
  /// Date, `T`, time with milliseconds where some are told, offset.
  let text: String

  /// From RFC 3339, or seconds since 1970; nil for anything else.
  init?(_ json: JSON?) {
    if let text = json?.string {
      self.init(text)
    } else if let seconds = json?.double, let moment = CivilTime(secondsSince1970: seconds) {
      self.init(moment)
    } else {
      return nil
    }
  }

  private init?(_ text: String) {
    guard RunDocumentReader.isMoment(text) else { return nil }
    let bytes = Array(text.utf8)
    var moment = bytes[..<19]
    moment[10] = UInt8(ascii: "T")
    var rest = bytes[19...]
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
      moment.append(UInt8(ascii: "."))
      moment += digits.prefix(3) + repeatElement(0x30, count: max(0, 3 - digits.count))
      rest = rest.dropFirst(1 + digits.count)
    }
    let isUTC = rest.first == UInt8(ascii: "Z") || rest.first == UInt8(ascii: "z")
    moment += isUTC ? Array("+00:00".utf8)[...] : rest
    self.text = String(decoding: moment, as: UTF8.self)
  }

  private init(_ moment: CivilTime) { text = "\(moment.date)T\(moment.time)+00:00" }

  /// `2026-11-20`.
  var day: String { String(decoding: text.utf8.prefix(10), as: UTF8.self) }

  /// By their text: exact among times of one offset, which is what our own records have.
  static func < (left: Moment, right: Moment) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}
