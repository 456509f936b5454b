/// Numbers as people read them. Independent of locale and of libm; equal inputs give equal bytes.
package enum NumberText {
  package static let missing = "—"
  private static let minus = "\u{2212}"
  /// Narrow, and it does not break the line.
  private static let thinSpace = "\u{202F}"

  /// With a fixed number of decimals, ASCII: what coordinates and reports of machines use.
  ///
  /// Rounds half to even on the scaled value; a zero has no sign. Magnitudes up to 2⁵³ / 10^decimals are
  /// exact, larger ones are written as Swift does.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    precondition((0...9).contains(decimals))
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
    let factor = (0..<decimals).reduce(1) { power, _ in power * 10 }
    let scaled = (value.magnitude * Double(factor)).rounded(.toNearestOrEven)
    guard scaled < 0x1p53 else { return value.description }
    let integer = Int(scaled)
    var text = String(integer / factor)
    if decimals > 0 {
      let fraction = String(integer % factor)
      text += "." + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
    }
    return (value < 0 && integer != 0 ? "-" : "") + text
  }

  /// A coordinate of a drawing: a tenth of a pixel.
  ///
  /// A site has millions of them, so that they are made without ``fixed(_:_:)``, whose digits they have.
  package static func coordinate(_ value: Double) -> String {
    guard let tenths = tenths(value) else { return fixed(value, 1) }
    var bytes: [UInt8] = []
    append(tenths: tenths, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What a coordinate is counted in; nil for one that is too large to be counted.
  static func tenths(_ value: Double) -> Int? {
    let scaled = (value * 10).rounded(.toNearestOrEven)
    return scaled.magnitude < 0x1p53 ? Int(scaled) : nil
  }

  static func append(tenths: Int, to bytes: inout [UInt8]) {
    if tenths < 0 { bytes.append(UInt8(ascii: "-")) }
    let (whole, tenth) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    var divisor: UInt = 1
    while divisor <= whole / 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(whole / divisor % 10))
      divisor /= 10
    }
    if tenth != 0 { bytes += [UInt8(ascii: "."), UInt8(ascii: "0") + UInt8(tenth)] }
  }

  /// What a script sorts by: enough digits to tell apart what a page shows.
  static func sortKey(_ value: Double) -> String {
    value.magnitude < 1e6 ? fixed(value, 4) : value.description
  }

  /// With a typographic minus; `—` where there is no number.
  package static func decimal(_ value: Double, _ decimals: Int) -> String {
    if value.isNaN { return missing }
    if value.isInfinite { return value < 0 ? minus + "∞" : "∞" }
    if value.magnitude * 1e3 >= 0x1p53 { return scientific(value) }
    let text = fixed(value, decimals)
    return text.utf8.first == UInt8(ascii: "-") ? minus + text.dropFirst() : text
  }

  /// Three significant digits, whatever the size.
  package static func plain(_ value: Double) -> String {
    let size = value.magnitude
    guard size.isFinite, size != 0 else { return decimal(value, 0) }
    if size >= 1e6 || size < 1e-4 { return scientific(value) }
    let decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 3 : 5
    return decimal(value, decimals)
  }

  private static func scientific(_ value: Double) -> String {
    var exponent = 0
    var size = value.magnitude
    while size >= 10 {
      size /= 10
      exponent += 1
    }
    while size < 1 {
      size *= 10
      exponent -= 1
    }
    let power = exponent < 0 ? minus + String(-exponent) : String(exponent)
    return decimal(value < 0 ? -size : size, 2) + "e" + power
  }

  /// Thousands apart from five digits on.
  package static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude).utf8)
    guard digits.count > 4 else { return value < 0 ? minus + String(-value) : String(value) }
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += thinSpace }
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return value < 0 ? minus + text : text
  }

  /// How many decimals an interval of this width supports: two digits of its half-width, one of a wide one.
  package static func decimals(forWidth width: Double) -> Int {
    guard width.isFinite, width > 0 else { return 3 }
    let half = width / 2
    return half >= 9.5 ? 0 : half >= 0.95 ? 1 : half >= 0.0095 ? 2 : half >= 0.00095 ? 3 : 4
  }

  /// `0.93 [0.88, 0.97]`: as many digits as the interval supports.
  package static func interval(_ value: Double, _ lower: Double, _ upper: Double) -> String {
    let parts = intervalParts(value, lower, upper)
    return parts.bounds.map { "\(parts.value) [\($0.lower), \($0.upper)]" } ?? parts.value
  }

  /// The numbers of an interval's text, each alone.
  ///
  /// - Returns: no bounds where there is no interval.
  package static func intervalParts(
    _ value: Double, _ lower: Double, _ upper: Double
  ) -> (value: String, bounds: (lower: String, upper: String)?) {
    guard !value.isNaN else { return (missing, nil) }
    guard lower.isFinite, upper.isFinite else { return (plain(value), nil) }
    let supported = decimals(forWidth: upper - lower)
    var digits = supported
    // A bound just off zero must not read as zero: on which side it lies decides claims.
    while digits < supported + 2,
      [lower, upper].contains(where: { $0 != 0 && abs($0) < 0.5 * pow10(-digits) })
    {
      digits += 1
    }
    return (decimal(value, digits), (decimal(lower, digits), decimal(upper, digits)))
  }

  private static func pow10(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }

  package static func percent(_ share: Double) -> String {
    share.isFinite ? decimal(share * 100, share > 0 && share < 0.1 ? 1 : 0) + "%" : missing
  }

  /// `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 05 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return missing }
    if seconds < 1 { return decimal(seconds * 1000, 0) + thinSpace + "ms" }
    if seconds < 60 { return decimal(seconds, seconds < 10 ? 1 : 0) + thinSpace + "s" }
    let whole = Int(seconds.rounded(.toNearestOrEven))
    if whole < 3600 {
      return "\(whole / 60)\(thinSpace)min \(padded(whole % 60))\(thinSpace)s"
    }
    return minutes(Double(whole / 60))
  }

  /// `18 min`, `2 h 05 min`.
  package static func minutes(_ minutes: Double) -> String {
    guard minutes.isFinite, minutes >= 0, minutes < 1e10 else { return missing }
    let whole = Int(minutes)
    if whole < 60 { return "\(whole)\(thinSpace)min" }
    return "\(count(whole / 60))\(thinSpace)h \(padded(whole % 60))\(thinSpace)min"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

  /// `812 B`, `41.3 kB`, `5.07 MB`.
  package static func size(_ bytes: Int) -> String {
    let value = Double(bytes)
    if value < 1e3 { return "\(bytes)\(thinSpace)B" }
    if value < 1e6 { return decimal(value / 1e3, value < 1e4 ? 1 : 0) + thinSpace + "kB" }
    return decimal(value / 1e6, value < 1e7 ? 2 : 1) + thinSpace + "MB"
  }
}
