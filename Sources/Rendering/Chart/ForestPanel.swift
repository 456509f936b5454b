/// Rows of a dot with its interval on one axis, each named above its line so that it reads on a narrow screen.
package struct ForestPanel: Sendable {
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

  package func svg(id: String, title: String, description: String) -> HTML {
    let rowHeight = 38.0
    let headingHeight = 26.0
    let top = references.isEmpty ? 4.0 : 20.0
    // Where each row begins, and the last one ends.
    let bases = rows.reduce(into: [top]) { bases, row in
      bases.append(bases.last! + rowHeight + (row.heading == nil ? 0 : headingHeight))
    }
    let height = bases.last! + 44
    var canvas = Canvas(width: width, height: height)
    let frame = Frame(
      x: x, y: .rate(""), left: 10, top: top, width: width - 20, height: bases.last! - top)
    for tick in x.ticks {
      let at = frame.px(tick.value)
      canvas.line(at, frame.top, at, frame.bottom, "grid")
      canvas.text(at, frame.bottom + 17, tick.label, "tick", anchor: "middle")
    }
    canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, "axis")
    canvas.text(
      frame.left + frame.width / 2, frame.bottom + 36, x.label, "axis-label", anchor: "middle")
    for reference in references {
      let at = frame.px(x.clamped(reference.value))
      canvas.line(at, frame.top - 3, at, frame.bottom, "ref")
      let isLeft = at > frame.left + frame.width / 2
      canvas.text(at, frame.top - 7, reference.label, "note", anchor: isLeft ? "end" : "start")
    }
    for (index, row) in rows.enumerated() {
      var base = bases[index]
      if let heading = row.heading {
        canvas.text(frame.left, base + 19, heading, "group")
        base += headingHeight
      }
      let y = base + 26
      canvas.text(frame.left, base + 14, row.label, "direct \(row.style.colourClass)")
      canvas.text(frame.right, base + 14, row.text, "value", anchor: "end")
      for band in row.bands {
        let (from, to) = (
          frame.px(x.clamped(band.lowerBound)), frame.px(x.clamped(band.upperBound))
        )
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
    return canvas.svg(id: id, title: title, description: description)
  }
}
