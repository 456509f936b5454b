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
}
