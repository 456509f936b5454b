/// One row of the predictions board: where the claim holds, the estimate with its interval, the threshold, and
/// what the paper found.
package struct IntervalGlyph: Sendable {
  package var lower: Double
  package var upper: Double
  package var value: Double?
  package var interval: (lower: Double, upper: Double)?
  package var seeds: [Double] = []
  /// Stretches of the axis on which the claim holds.
  package var holds: [ClosedRange<Double>] = []
  package var thresholds: [Double] = []
  package var paper: Double?
  package var style: Style
  package var lowerLabel: String
  package var upperLabel: String

  package init(
    from lower: Double, to upper: Double, lowerLabel: String, upperLabel: String, style: Style
  ) {
    precondition(lower < upper)
    self.lower = lower
    self.upper = upper
    self.lowerLabel = lowerLabel
    self.upperLabel = upperLabel
    self.style = style
  }

  package func svg(id: String, title: String, description: String) -> HTML {
    var canvas = Canvas(width: 260, height: 44)
    let left = 8.0
    let width = 244.0
    let y = 17.0
    func px(_ value: Double) -> Double {
      left + width * (min(max(value, lower), upper) - lower) / (upper - lower)
    }
    for range in holds {
      let start = px(range.lowerBound)
      canvas.rectangle(start, y - 11, max(px(range.upperBound) - start, 1.5), 22, "holds")
    }
    canvas.line(left, y + 11, left + width, y + 11, "axis")
    canvas.text(left, y + 25, lowerLabel, "tick")
    canvas.text(left + width, y + 25, upperLabel, "tick", anchor: "end")
    for threshold in thresholds where threshold.isFinite {
      canvas.line(px(threshold), y - 13, px(threshold), y + 15, "threshold")
    }
    canvas.dots(seeds.map { (x: $0.isFinite ? px($0) : .nan, y: y) }, style)
    if let interval, interval.lower.isFinite, interval.upper.isFinite {
      canvas.line(
        px(interval.lower), y, px(interval.upper), y, "whisker thick \(style.colourClass)")
    }
    if let paper, paper.isFinite {
      canvas.marker(Style(.ink, .diamond, hollow: true), x: px(paper), y: y, radius: 4.6)
    }
    if let value, value.isFinite { canvas.marker(style, x: px(value), y: y, radius: 5) }
    return canvas.svg(id: id, title: title, description: description)
  }
}
