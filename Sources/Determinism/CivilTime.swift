/// Seconds since 1970 as a date and a time of day in UTC, without the C library's time zone.
package struct CivilTime: Equatable, Sendable {
  package let year: Int
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int

  /// Days to a civil date after Hinnant's `civil_from_days`; fractions of a second are dropped.
  ///
  /// nil before 1970 and from the year 10000 on.
  package init?(secondsSince1970 seconds: Double) {
    guard seconds >= 0, seconds < 253_402_300_800 else { return nil }
    let total = Int(seconds)
    let days = total / 86400 + 719_468
    let era = days / 146_097
    let day = days - era * 146_097
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365
    let ofYear = day - (365 * year + year / 4 - year / 100)
    let shifted = (5 * ofYear + 2) / 153
    month = shifted < 10 ? shifted + 3 : shifted - 9
    self.year = year + era * 400 + (month <= 2 ? 1 : 0)
    self.day = ofYear - (153 * shifted + 2) / 5 + 1
    hour = total % 86400 / 3600
    minute = total % 3600 / 60
    second = total % 60
  }

  /// `2026-11-20`.
  package var date: String { "\(year)-\(Self.two(month))-\(Self.two(day))" }
  /// `23:41`.
  package var hourAndMinute: String { "\(Self.two(hour)):\(Self.two(minute))" }
  /// `23:41:05`.
  package var time: String { "\(hourAndMinute):\(Self.two(second))" }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
