/// One axis of a chart: domain, ticks, label.
package struct Axis: Sendable {
  package struct Tick: Equatable, Sendable {
    package let value: Double
    package let label: String
    package init(_ value: Double, _ label: String) {
      self.value = value
      self.label = label
    }
  }

  package let label: String
  package let lower: Double
  package let upper: Double
  package let ticks: [Tick]
  private let transform: @Sendable (Double) -> Double
  /// Whether its places are names: numbers between them mean nothing.
  private let isNamed: Bool

  /// - Parameter transform: of a linear axis none, or the natural logarithm.
  package init(
    _ label: String, from lower: Double, to upper: Double, ticks: [Tick],
    named isNamed: Bool = false,
    transform: @escaping @Sendable (Double) -> Double = { $0 }
  ) {
    precondition(lower < upper, "an axis has a length")
    self.label = label
    self.lower = lower
    self.upper = upper
    self.ticks = ticks
    self.isNamed = isNamed
    self.transform = transform
  }

  /// `lower upper`, after `log` where it is logarithmic; nothing where its places are names.
  var ends: String {
    guard !isNamed else { return "" }
    let isLinear = transform(lower) == lower && transform(upper) == upper
    return (isLinear ? "" : "log ")
      + [lower, upper].map { value in
        value == 0 || value.magnitude >= 0.01 ? NumberText.coordinate3(value) : value.description
      }.joined(separator: " ")
  }

  /// 0 to 1, whatever the data: rates are never magnified.
  package static func rate(_ label: String) -> Axis {
    Axis(
      label, from: 0, to: 1,
      ticks: [
        Tick(0, "0"), Tick(0.25, "0.25"), Tick(0.5, "0.5"), Tick(0.75, "0.75"), Tick(1, "1"),
      ])
  }

  /// Round bounds around the values, `including` what must be seen (a zero, a threshold).
  package static func covering(_ values: [Double], including: [Double] = [], _ label: String)
    -> Axis
  {
    let finite = (values + including).filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if high - low < 1e-9 * max(1, high.magnitude) {
      low -= 0.5
      high += 0.5
    }
    let step = roundStep((high - low) / 4)
    let first = (low / step).rounded(.down)
    let last = (high / step).rounded(.up)
    let decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : step >= 0.001 ? 3 : 5
    let isHuge = max(low.magnitude, high.magnitude) >= 1e6
    let ticks = (0...Int(last - first)).map { index -> Tick in
      let value = (first + Double(index)) * step
      let whole = decimals == 0 && !isHuge
      return Tick(
        value,
        isHuge
          ? NumberText.plain(value)
          : whole ? NumberText.count(Int(value)) : NumberText.decimal(value, decimals))
    }
    return Axis(label, from: first * step, to: last * step, ticks: ticks)
  }

  /// The next of 1, 2, 5 × 10ᵏ.
  private static func roundStep(_ rough: Double) -> Double {
    var power = 1.0
    while power * 10 <= rough { power *= 10 }
    while power > rough { power /= 10 }
    for factor in [1.0, 2, 5] where factor * power >= rough { return factor * power }
    return 10 * power
  }

  /// Training steps from 0 to the last one, whatever number that is. What counts from elsewhere, as years do, begins at
  /// its first: where nothing lies in the first half, 0 says nothing.
  package static func steps(from first: Int = 0, to last: Int, _ label: String) -> Axis {
    let end = Double(max(last, 1))
    let begin = Double(first) > end / 2 && Double(first) < end ? Double(first) : 0
    let step = max(1, roundStep((end - begin) / 4))
    let ticks = stride(from: (begin / step).rounded(.up) * step, through: end, by: step).map {
      Tick($0, NumberText.count(Int($0)))
    }
    return Axis(label, from: begin, to: end, ticks: ticks)
  }

  /// One place for each name.
  package static func places(_ names: [String], _ label: String) -> Axis {
    Axis(
      label, from: -0.5, to: Double(max(names.count, 1)) - 0.5,
      ticks: names.enumerated().map { Tick(Double($0.offset), $0.element) }, named: true)
  }

  /// Powers of ten, from 10^`exponent` to 1, for false-positive rates.
  ///
  /// - Parameter log: natural logarithm; the caller's, so that its bits are the caller's promise.
  package static func decades(
    _ label: String, from exponent: Int, log: @escaping @Sendable (Double) -> Double
  ) -> Axis {
    var ticks = [Tick(1, "1")]
    var value = 1.0
    for _ in 0..<(-exponent) {
      value /= 10
      ticks.insert(Tick(value, NumberText.coordinate3(value)), at: 0)
    }
    return Axis(label, from: value, to: 1, ticks: ticks, transform: log)
  }

  /// 0 at `lower`, 1 at `upper`; values outside stay outside.
  func position(_ value: Double) -> Double {
    let low = transform(lower)
    return (transform(value) - low) / (transform(upper) - low)
  }

  /// The label, as much of it as there is room for: charts of a page have room for fifty letters.
  func label(in width: Double) -> String {
    let most = 50 + Int(max(0, width - Figure.Panel.width) / TextWidth.plain("x"))
    let scalars = label.unicodeScalars
    return scalars.count > most
      ? String(String.UnicodeScalarView(scalars.prefix(most - 1))) + "…" : label
  }

  func clamped(_ value: Double) -> Double { min(max(value, lower), upper) }
}

extension NumberText {
  /// Up to four decimals, none to spare: labels of powers of ten.
  static func coordinate3(_ value: Double) -> String {
    var bytes = Array(fixed(value, 4).utf8)
    while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
