/// Histograms under each other on one axis, one row a group of scores.
package struct HistogramPanel: Chart {
  package struct Row: Sendable {
    package let label: String
    package let counts: [Int]
    package let style: Style
    package init(_ label: String, counts: [Int], style: Style) {
      self.label = label
      self.counts = counts
      self.style = style
    }
    package var total: Int { counts.reduce(0, +) }
  }

  package var rows: [Row]
  package var x: Axis
  package var references: [(value: Double, label: String)] = []
  package var width = 360.0

  package init(rows: [Row], x: Axis) {
    self.rows = rows
    self.x = x
  }

  /// Counts in equal bins over the axis; what lies outside is in the outer bins.
  package static func counts(_ scores: [Double], bins: Int, on axis: Axis)
    -> [Int]
  {
    var counts = [Int](repeating: 0, count: bins)
    for score in scores where !score.isNaN {
      let place = axis.position(axis.clamped(score)) * Double(bins)
      counts[min(bins - 1, max(0, Int(place)))] += 1
    }
    return counts
  }

  package var leastWidth: Double {
    let widest = rows.map { TextWidth.strong($0.label) + 72 }
    return 20 + max(widest.max() ?? 0, TextWidth.plain(x.label))
  }

  package func canvas() -> Canvas {
    let rowHeight = 50.0
    let top = 18.0
    let height = top + rowHeight * Double(rows.count) + 42
    var canvas = Canvas(width: width, height: height)
    let frame = Frame(
      x: x, y: .rate(""), left: 10, top: top, width: width - 20,
      height: rowHeight * Double(rows.count))
    for (index, row) in rows.enumerated() {
      let bottom = top + Double(index + 1) * rowHeight
      let total = Double(max(row.total, 1))
      let peak = max(0.2, row.counts.map { Double($0) / total }.max() ?? 1)
      let step = frame.width / Double(max(row.counts.count, 1))
      var outline: [(x: Double, y: Double)] = [(frame.left, bottom)]
      for (bin, count) in row.counts.enumerated() {
        let y = bottom - (rowHeight - 17) * Double(count) / total / peak
        let x = frame.left + Double(bin) * step
        outline += [(x, y), (x + step, y)]
      }
      outline.append((frame.right, bottom))
      let kind = row.style.isDotted ? " dotted" : ""
      canvas.path(outline, "hist \(row.style.colourClass)\(kind)", closed: true)
      canvas.line(frame.left, bottom, frame.right, bottom, "grid")
      canvas.text(frame.left, bottom - rowHeight + 13, row.label, "direct \(row.style.colourClass)")
      canvas.text(
        frame.right, bottom - rowHeight + 13, "n = \(NumberText.count(row.total))", "note",
        anchor: "end")
    }
    for reference in references where reference.value >= x.lower && reference.value <= x.upper {
      let at = frame.px(reference.value)
      canvas.line(at, frame.top - 4, at, frame.bottom, "ref")
      let isLeft = at > frame.left + frame.width / 2
      canvas.text(at, frame.top - 8, reference.label, "note", anchor: isLeft ? "end" : "start")
    }
    canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, "axis")
    for tick in x.ticks {
      canvas.text(frame.px(tick.value), frame.bottom + 16, tick.label, "tick", anchor: "middle")
    }
    canvas.text(
      frame.left + frame.width / 2, frame.bottom + 34, x.label, "axis-label", anchor: "middle")
    return canvas
  }
}
