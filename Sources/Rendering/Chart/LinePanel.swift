/// Lines over a continuous or a stepped x: curves of training, layer sweeps, ROC curves.
package struct LinePanel: Chart {
  package struct Line: Sendable {
    package let label: String
    package let points: [Point]
    package let style: Style
    /// Half-widths of intervals at the points, drawn as whiskers.
    package let intervals: [(lower: Double, upper: Double)]
    package let hasMarkers: Bool
    /// Single seeds, drawn as dots at their points, and those that no estimate counts, hollow.
    package var seeds: [Point] = []
    package var otherSeeds: [Point] = []
    /// Short strokes across the line: where watching ended.
    package var strokes: [Point] = []
    /// Pixels to the right, so that lines with the same x stand side by side.
    package var shift = 0.0
    /// What is between estimates is no measurement: a thin line only leads the eye.
    package var isThin = false
    package init(
      _ label: String, _ points: [Point], _ style: Style,
      intervals: [(lower: Double, upper: Double)] = [], markers: Bool = false
    ) {
      self.label = label
      self.points = points
      self.style = style
      self.intervals = intervals
      hasMarkers = markers
    }
  }

  /// A region between two curves: an interval, or what random directions reach.
  package struct Band: Sendable {
    package let label: String
    package let edges: [(x: Double, lower: Double, upper: Double)]
    package let style: Style
    package init(
      _ label: String, _ edges: [(x: Double, lower: Double, upper: Double)], _ style: Style
    ) {
      self.label = label
      self.edges = edges
      self.style = style
    }
  }

  package struct Reference: Sendable {
    package let label: String
    package let points: [Point]
    package init(_ label: String, _ points: [Point]) {
      self.label = label
      self.points = points
    }
  }

  package var lines: [Line] = []
  package var bands: [Band] = []
  /// Single seeds, faint, behind.
  package var faint: [Line] = []
  package var references: [Reference] = []
  package var x: Axis
  package var y: Axis
  /// Labels at the ends of the lines; without, the figure's legend names them.
  package var hasDirectLabels = true
  /// Long series are thinned to this many columns of first, lowest, highest and last point.
  package var columns = 160
  package var width = 360.0
  package var height = 250.0
  /// Room for the labels of y.
  package var left = 38.0

  package init(x: Axis, y: Axis) {
    self.x = x
    self.y = y
  }

  /// Lines that are named at their ends.
  private var labelled: [Line] {
    hasDirectLabels ? lines.filter { !$0.label.isEmpty } : []
  }

  /// Right of the frame.
  private var room: Double {
    let longest = labelled.map { TextWidth.strong($0.label) }.max()
    return longest.map { min(150, 12 + $0) } ?? 14
  }

  package var leastWidth: Double {
    let frame = max(130, TextWidth.plain(x.label))
    return max(left + frame + room, 2 + TextWidth.plain(y.label(in: 0)))
  }

  package func canvas() -> Canvas {
    let labelled = labelled
    var canvas = Canvas(width: width, height: height)
    let frame = Frame(
      x: x, y: y, left: left, top: 28, width: width - left - room, height: height - 28 - 44)
    frame.draw(on: &canvas)
    for band in bands {
      let upper = band.edges.map { frame.point(Point($0.x, y.clamped($0.upper))) }
      let lower = band.edges.reversed().map { frame.point(Point($0.x, y.clamped($0.lower))) }
      canvas.path(upper + lower, "band \(band.style.colourClass)", closed: true)
      if !band.label.isEmpty, let first = band.edges.first {
        let at = frame.py(y.clamped(first.lower))
        canvas.text(frame.px(first.x) + 5, at - 5, band.label, "note")
      }
    }
    for reference in references {
      canvas.path(reference.points.map(frame.point), "ref")
      if let last = reference.points.last, !reference.label.isEmpty {
        canvas.text(
          frame.px(last.x) - 3, frame.py(last.y) - 4, reference.label, "note", anchor: "end")
      }
    }
    for line in faint { draw(line, "faint", frame, &canvas) }
    for line in lines { draw(line, "", frame, &canvas) }
    let ends = labelled.map { line in
      line.points.last { $0.x.isFinite && $0.y.isFinite }.map { frame.py(y.clamped($0.y)) }
        ?? frame.bottom
    }
    for (line, at) in zip(labelled, frame.spread(ends, gap: 14)) {
      canvas.text(frame.right + 8, at + 4, line.label, "direct \(line.style.colourClass)")
    }
    canvas.plot = frame.plot
    return canvas
  }

  private func draw(_ line: Line, _ extra: String, _ frame: Frame, _ canvas: inout Canvas) {
    let shown = Envelope.reduced(line.points, columns: columns, in: x)
    let colour = line.style.colourClass
    let classes =
      "ln \(colour)" + (line.style.isDotted ? " dotted" : "") + (line.isThin ? " thin" : "")
      + (extra.isEmpty ? "" : " " + extra)
    func place(_ point: Point) -> (x: Double, y: Double) {
      let (px, py) = frame.point(Point(x.clamped(point.x), y.clamped(point.y)))
      return (px + line.shift, py)
    }
    canvas.path(shown.map(place), classes, series: extra.isEmpty ? line.label : nil)
    canvas.dots(line.seeds.map(place), line.style)
    for seed in line.otherSeeds.map(place) {
      canvas.other(line.style, x: seed.x, y: seed.y, radius: 2.2)
    }
    for stroke in line.strokes.map(place) {
      canvas.line(stroke.x, stroke.y - 5, stroke.x, stroke.y + 5, "whisker \(colour)")
    }
    for (point, interval) in zip(line.points, line.intervals)
    where interval.lower.isFinite && interval.upper.isFinite {
      let at = frame.px(point.x) + line.shift
      canvas.line(
        at, frame.py(y.clamped(interval.lower)), at, frame.py(y.clamped(interval.upper)),
        "whisker \(colour)")
    }
    guard line.hasMarkers else { return }
    for point in line.points {
      canvas.marker(
        line.style, x: frame.px(point.x) + line.shift, y: frame.py(y.clamped(point.y)),
        radius: extra.isEmpty ? 3.6 : 2.2, extra)
    }
  }
}

extension LinePanel {
  /// A path through the corners of a step curve only.
  package static func corners(_ points: [Point]) -> [Point] {
    var kept: [Point] = []
    for point in points {
      if kept.count >= 2 {
        let (a, b) = (kept[kept.count - 2], kept[kept.count - 1])
        if a.x == b.x && b.x == point.x || a.y == b.y && b.y == point.y { kept.removeLast() }
      }
      kept.append(point)
    }
    return kept
  }
}

/// Long series, thinned for drawing so that no spike is lost.
enum Envelope {
  /// First, lowest, highest and last point of every pixel column, in the order of the series.
  static func reduced(_ points: [Point], columns: Int, in axis: Axis) -> [Point] {
    guard points.count > 2 * columns else { return points }
    var kept: [Point] = []
    var first = 0
    var low = 0
    var high = 0
    var current = Int.min
    func close(before end: Int) {
      var last = -1
      for index in [first, min(low, high), max(low, high), end - 1] where index > last {
        kept.append(points[index])
        last = index
      }
    }
    for index in points.indices {
      let position = axis.position(points[index].x) * Double(columns)
      let place = position.isFinite ? Int(min(max(position, -1), Double(columns) + 1)) : current
      if place != current {
        if index > 0 { close(before: index) }
        current = place
        (first, low, high) = (index, index, index)
      }
      if points[index].y < points[low].y { low = index }
      if points[index].y > points[high].y { high = index }
    }
    close(before: points.count)
    return kept
  }
}
