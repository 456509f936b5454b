/// Bars on a rate axis in groups, each with its interval and the single seeds.
package struct BarsPanel: Chart {
  package struct Bar: Sendable {
    package let value: Double
    package let lower: Double
    package let upper: Double
    package let seeds: [Double]
    /// Seeds that the bar and its interval do not count, drawn hollow.
    package let otherSeeds: [Double]
    package let style: Style
    package init(
      value: Double, lower: Double, upper: Double, seeds: [Double], otherSeeds: [Double] = [],
      style: Style
    ) {
      self.value = value
      self.lower = lower
      self.upper = upper
      self.seeds = seeds
      self.otherSeeds = otherSeeds
      self.style = style
    }
  }

  /// Bars that are compared directly, e.g. R1 before and after.
  package struct Cluster: Sendable {
    package let label: String
    package let bars: [Bar]
    package init(_ label: String, _ bars: [Bar]) {
      self.label = label
      self.bars = bars
    }
  }

  package struct Group: Sendable {
    package let label: String
    package let style: Style
    package let clusters: [Cluster]
    package init(_ label: String, _ style: Style, _ clusters: [Cluster]) {
      self.label = label
      self.style = style
      self.clusters = clusters
    }
  }

  package var groups: [Group]
  package var y: Axis
  package var width = 360.0
  package var height = 260.0

  package init(groups: [Group], y: Axis) {
    self.groups = groups
    self.y = y
  }

  package var leastWidth: Double {
    let widest = groups.map { max(48, TextWidth.strong($0.label) + 4) }.max() ?? 0
    return max(44 + widest * Double(groups.count), 2 + TextWidth.plain(y.label(in: 0)))
  }

  package func canvas() -> Canvas {
    var canvas = Canvas(width: width, height: height)
    let frame = Frame(
      x: .places(groups.map(\.label), ""), y: y, left: 38, top: 28, width: width - 44,
      height: height - 28 - 42)
    frame.draw(on: &canvas, xTicks: false)
    let groupWidth = frame.width / Double(max(groups.count, 1))
    for (index, group) in groups.enumerated() {
      let start = frame.left + Double(index) * groupWidth
      canvas.text(
        start + groupWidth / 2, frame.bottom + 36, group.label,
        "direct \(group.style.colourClass)", anchor: "middle")
      let units = group.clusters.reduce(0.0) { $0 + Double($1.bars.count) + 0.9 } + 0.6
      let unit = min(22, groupWidth / units)
      var at = start + (groupWidth - unit * (units - 1.5)) / 2
      for cluster in group.clusters {
        let clusterWidth = unit * Double(cluster.bars.count)
        canvas.text(
          at + clusterWidth / 2, frame.bottom + 17, cluster.label, "tick", anchor: "middle")
        for bar in cluster.bars {
          draw(bar, at: at, width: unit, frame, &canvas)
          at += unit
        }
        at += 0.9 * unit
      }
    }
    canvas.plot = frame.plot
    return canvas
  }

  private func draw(
    _ bar: Bar, at x: Double, width: Double, _ frame: Frame, _ canvas: inout Canvas
  ) {
    guard bar.value.isFinite else {
      canvas.text(x + width / 2, frame.bottom - 5, NumberText.missing, "tick", anchor: "middle")
      return
    }
    let colour = bar.style.colourClass
    let top = frame.py(y.clamped(bar.value))
    let classes =
      "bar \(colour)" + (bar.style.isPale ? " pale" : "") + (bar.style.isDotted ? " dotted" : "")
    canvas.rectangle(x + 1, top, width - 2, frame.bottom - top, classes)
    let middle = x + width / 2
    let dots = bar.seeds.enumerated().map { index, seed in
      let spread = Double((index * 5) % 7 - 3) / 3 * (width * 0.28)
      return (x: middle + spread, y: seed.isFinite ? frame.py(y.clamped(seed)) : .nan)
    }
    canvas.dots(dots, bar.style)
    for (index, seed) in bar.otherSeeds.enumerated() where seed.isFinite {
      let spread = Double((index * 3) % 5 - 2) / 2 * (width * 0.3)
      canvas.other(bar.style, x: middle + spread, y: frame.py(y.clamped(seed)), radius: 1.9)
    }
    guard bar.lower.isFinite, bar.upper.isFinite else { return }
    canvas.line(
      middle, frame.py(y.clamped(bar.lower)), middle, frame.py(y.clamped(bar.upper)), "interval")
  }
}
