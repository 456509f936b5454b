/// Rows of a dot with its interval on one axis, each named above its line so that it reads on a narrow screen, and
/// beside it where there is room.
package struct ForestPanel: Chart {
  package struct Row: Sendable {
    /// Above the first of several rows that have it in common.
    package var heading: String?
    package let label: String
    /// At the right: the number in words.
    package let text: String
    package let value: Double
    package let lower: Double
    package let upper: Double
    package let seeds: [Double]
    /// Seeds that the estimate does not count, drawn hollow.
    package let otherSeeds: [Double]
    package let style: Style
    /// Behind the row: where others lie that it is to be told from, the wider first.
    package var bands: [ClosedRange<Double>] = []
    /// Short strokes across the row: the best of those others.
    package var strokes: [Double] = []
    package init(
      _ label: String, text: String, value: Double, lower: Double, upper: Double, seeds: [Double],
      otherSeeds: [Double] = [], style: Style
    ) {
      self.label = label
      self.text = text
      self.value = value
      self.lower = lower
      self.upper = upper
      self.seeds = seeds
      self.otherSeeds = otherSeeds
      self.style = style
    }
  }

  package var rows: [Row]
  package var x: Axis
  /// A line down the panel: chance, zero, a threshold.
  package var references: [(value: Double, label: String)] = []
  package var width = 360.0

  package init(rows: [Row], x: Axis) {
    self.rows = rows
    self.x = x
  }

  /// From here on label, interval and number of a row stand beside each other.
  private static let wide = 480.0
  private var isWide: Bool { width >= Self.wide }
  private var rowHeight: Double { isWide ? 20 : 38 }
  private var headingHeight: Double { isWide ? 24 : 26 }

  package var leastWidth: Double {
    let widest = rows.map { row in
      max(
        TextWidth.strong(row.label) + 12 + TextWidth.plain(row.text),
        TextWidth.strong(row.heading ?? ""))
    }
    return 20 + max(widest.max() ?? 0, TextWidth.plain(x.label(in: 0)))
  }

  /// Left and right of the axis, for the labels and numbers that stand beside it.
  private var margins: (left: Double, right: Double) {
    guard isWide else { return (10, 10) }
    func widest(_ widths: [Double]) -> Double { min(width * 0.36, widths.max() ?? 0) + 14 }
    return (
      widest(rows.map { TextWidth.strong($0.label) }),
      widest(rows.map { TextWidth.plain($0.text) })
    )
  }

  package func canvas() -> Canvas {
    let top = references.isEmpty ? 4.0 : 20.0
    // Where each row begins, and the last one ends.
    let bases = rows.reduce(into: [top]) { bases, row in
      bases.append(bases.last! + rowHeight + (row.heading == nil ? 0 : headingHeight))
    }
    let height = bases.last! + 44
    var canvas = Canvas(width: width, height: height)
    let margins = margins
    let frame = Frame(
      x: x, y: .rate(""), left: margins.left, top: top,
      width: width - margins.left - margins.right, height: bases.last! - top)
    for tick in x.ticks {
      let at = frame.px(tick.value)
      canvas.line(at, frame.top, at, frame.bottom, "grid")
      canvas.text(at, frame.bottom + 17, tick.label, "tick", anchor: "middle")
    }
    canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, "axis")
    let middle = frame.left + frame.width / 2
    canvas.text(
      middle, frame.bottom + 36, x.label(in: 2 * min(middle, width - middle)), "axis-label",
      anchor: "middle")
    for reference in references {
      let at = frame.px(x.clamped(reference.value))
      canvas.line(at, frame.top - 3, at, frame.bottom, "ref")
      let isLeft = at > frame.left + frame.width / 2
      canvas.text(at, frame.top - 7, reference.label, "note", anchor: isLeft ? "end" : "start")
    }
    for (row, base) in zip(rows, bases) { draw(row, at: base, frame, &canvas) }
    return canvas
  }

  private func draw(_ row: Row, at top: Double, _ frame: Frame, _ canvas: inout Canvas) {
    // Texts begin at the panel's edge where they stand beside the axis, and at the axis where they do not.
    let left = isWide ? 2 : frame.left
    let right = isWide ? width - 2 : frame.right
    var base = top
    if let heading = row.heading {
      canvas.text(left, base + 19, heading, "group")
      base += headingHeight
    }
    let y = base + (isWide ? 10 : 26)
    canvas.text(left, base + 14, row.label, "direct \(row.style.colourClass)")
    canvas.text(right, base + 14, row.text, "value", anchor: "end")
    for band in row.bands {
      let (from, to) = (frame.px(x.clamped(band.lowerBound)), frame.px(x.clamped(band.upperBound)))
      canvas.rectangle(from, y - 7, to - from, 14, "band c-muted")
    }
    for stroke in row.strokes where stroke.isFinite {
      let at = frame.px(x.clamped(stroke))
      canvas.line(at, y - 9, at, y + 9, "whisker c-ink")
    }
    canvas.dots(
      row.seeds.map { (x: $0.isFinite ? frame.px(x.clamped($0)) : .nan, y: y) }, row.style)
    for seed in row.otherSeeds where seed.isFinite {
      canvas.other(row.style, x: frame.px(x.clamped(seed)), y: y, radius: 2.2)
    }
    if row.lower.isFinite, row.upper.isFinite {
      canvas.line(
        frame.px(x.clamped(row.lower)), y, frame.px(x.clamped(row.upper)), y,
        "whisker \(row.style.colourClass)")
    }
    if row.value.isFinite {
      canvas.marker(row.style, x: frame.px(x.clamped(row.value)), y: y, radius: 4.4)
    }
  }
}
