/// The plotting rectangle of a panel and its two axes.
struct Frame {
  let x: Axis
  let y: Axis
  let left: Double
  let top: Double
  let width: Double
  let height: Double

  var right: Double { left + width }
  var bottom: Double { top + height }

  func px(_ value: Double) -> Double { left + width * x.position(value) }
  func py(_ value: Double) -> Double { bottom - height * y.position(value) }
  func point(_ point: Point) -> (x: Double, y: Double) { (px(point.x), py(point.y)) }

  /// `left right top bottom|x|y`, pixels and what the axes have at their ends.
  var plot: String {
    [left, right, top, bottom].map(NumberText.coordinate).joined(separator: " ")
      + "|\(x.ends)|\(y.ends)"
  }

  /// Hairlines at the ticks of y, labels of both axes.
  func draw(on canvas: inout Canvas, xTicks: Bool = true) {
    for tick in y.ticks {
      let at = py(tick.value)
      canvas.line(left, at, right, at, "grid")
      canvas.text(left - 7, at + 4, tick.label, "tick", anchor: "end")
    }
    canvas.line(left, bottom, right, bottom, "axis")
    if xTicks {
      for tick in x.ticks {
        let at = px(tick.value)
        canvas.line(at, bottom, at, bottom + 4, "axis")
        canvas.text(at, bottom + 17, tick.label, "tick", anchor: "middle")
      }
    }
    if !x.label.isEmpty {
      canvas.text(left + width / 2, bottom + 35, x.label, "axis-label", anchor: "middle")
    }
    if !y.label.isEmpty { canvas.text(2, top - 12, y.label(in: canvas.width), "axis-label") }
  }

  /// Places for labels that must not overlap: as near to what is wanted as `gap` allows, inside the frame.
  func spread(_ wanted: [Double], gap: Double) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var placed = wanted
    var last = -Double.infinity
    for index in order {
      placed[index] = max(wanted[index], last + gap)
      last = placed[index]
    }
    var limit = bottom + 4
    for index in order.reversed() {
      placed[index] = min(placed[index], limit)
      limit = placed[index] - gap
    }
    return placed
  }
}

/// A point of a chart, in the units of its axes.
package struct Point: Equatable, Sendable {
  package let x: Double
  package let y: Double
  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}
