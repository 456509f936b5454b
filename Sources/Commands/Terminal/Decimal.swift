/// Decimals for people: fixed places, without the C library's locale.
enum Decimal {
  /// - Parameter places: digits after the point, 0 to 9.
  static func text(_ value: Double, places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return value.description }
    let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
    let scaled = (value.magnitude * scale).rounded(.toNearestOrEven)
    let whole = (scaled / scale).rounded(.down)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(Int(whole))" }
    let fraction = String(Int(scaled - whole * scale))
    let zeros = String(repeating: "0", count: max(0, places - fraction.count))
    return "\(sign)\(Int(whole)).\(zeros)\(fraction)"
  }

  /// Seconds as people say them: `42 s`, `3 min 20 s`, `1 h 05 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "—" }
    let whole = Int(max(0, seconds).rounded())
    if whole < 60 { return seconds < 10 ? "\(text(max(0, seconds), places: 1)) s" : "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}

/// `1 run`, `2 runs`.
func counted(_ count: Int, _ noun: String, _ many: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : many ?? noun + "s")"
}
