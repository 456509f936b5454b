/// Where a chart is drawn: pixels of the view box, y downward.
package struct Canvas: Sendable {
  let width: Double
  let height: Double
  private(set) var content: [HTML] = []
  /// Where values stand in it, for the script that answers a pointer: ``Frame/plot``.
  var plot: String?

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func add(_ html: HTML) { content.append(html) }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ classes: String
  ) {
    add(
      .element(
        "line",
        [
          "class": classes, "x1": c(x1), "y1": c(y1), "x2": c(x2), "y2": c(y2),
        ]))
  }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ classes: String
  ) {
    add(
      .element(
        "rect",
        [
          "class": classes, "x": c(x), "y": c(y), "width": c(max(0, width)),
          "height": c(max(0, height)),
        ]))
  }

  /// Straight segments through the points; what is not finite, or beyond any drawing, breaks the line.
  ///
  /// - Parameter series: its name, for the script that answers a pointer.
  mutating func path(
    _ points: [(x: Double, y: Double)], _ classes: String, closed: Bool = false,
    series: String? = nil
  ) {
    var commands: [UInt8] = []
    var last: (x: Int, y: Int)?
    func command(_ letter: UInt8, _ first: Int, _ second: Int? = nil) {
      commands.append(letter)
      NumberText.append(tenths: first, to: &commands)
      guard let second else { return }
      commands.append(UInt8(ascii: " "))
      NumberText.append(tenths: second, to: &commands)
    }
    for point in points {
      guard point.x.isFinite, point.y.isFinite, let x = NumberText.tenths(point.x),
        let y = NumberText.tenths(point.y)
      else {
        last = nil
        continue
      }
      switch last {
      case nil: command(UInt8(ascii: "M"), x, y)
      case (x, y)?: continue
      case (_, y)?: command(UInt8(ascii: "H"), x)
      case (x, _)?: command(UInt8(ascii: "V"), y)
      case _?: command(UInt8(ascii: "L"), x, y)
      }
      last = (x, y)
    }
    guard !commands.isEmpty else { return }
    if closed { commands.append(UInt8(ascii: "Z")) }
    var attributes: Attributes = ["class": classes]
    if let series { attributes.append("data-s", series) }
    attributes.append("d", String(decoding: commands, as: UTF8.self))
    add(.element("path", attributes))
  }

  /// Single seeds as dots, all in one path: a segment of no length with a round cap is a dot.
  mutating func dots(_ points: [(x: Double, y: Double)], _ style: Style) {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    guard !finite.isEmpty else { return }
    let commands = finite.map { "M\(c($0.x)) \(c($0.y))h0" }.joined()
    add(.element("path", ["class": "seeds \(style.colourClass)", "d": commands]))
  }

  /// A seed that no estimate counts: a small hollow circle.
  mutating func other(_ style: Style, x: Double, y: Double, radius: Double) {
    add(
      .element(
        "circle",
        ["class": "other \(style.colourClass)", "cx": c(x), "cy": c(y), "r": c(radius)]))
  }

  mutating func text(
    _ x: Double, _ y: Double, _ text: String, _ classes: String, anchor: String = "start"
  ) {
    var attributes: Attributes = ["class": classes, "x": c(x), "y": c(y)]
    if !anchor.utf8.elementsEqual("start".utf8) { attributes.append("text-anchor", anchor) }
    add(.element("text", attributes, HTML(text)))
  }

  mutating func marker(_ style: Style, x: Double, y: Double, radius r: Double, _ extra: String = "")
  {
    guard x.isFinite, y.isFinite else { return }
    let classes =
      "pt \(style.colourClass)" + (style.isHollow ? " hollow" : "") + (extra.isEmpty ? "" : " ")
      + extra
    switch style.marker {
    case .circle:
      add(.element("circle", ["class": classes, "cx": c(x), "cy": c(y), "r": c(r)]))
    case .square, .bar:
      rectangle(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76, classes)
    case .triangle:
      path(
        [(x, y - r * 1.15), (x + r * 1.1, y + r * 0.8), (x - r * 1.1, y + r * 0.8)], classes,
        closed: true)
    case .diamond:
      path(
        [(x, y - r * 1.3), (x + r * 1.1, y), (x, y + r * 1.3), (x - r * 1.1, y)], classes,
        closed: true)
    case .cross:
      let d = r * 0.9
      path(
        [
          (x - d, y - d), (x + d, y + d), (.nan, .nan), (x - d, y + d), (x + d, y - d),
        ], classes + " open")
    }
  }

  private func c(_ value: Double) -> String { NumberText.coordinate(value) }

  /// - Parameters:
  ///   - id: unique on the page.
  ///   - title: short; read out first.
  ///   - description: what the drawing shows, in words.
  func svg(id: String, title: String, description: String) -> HTML {
    var attributes: Attributes = [
      "class": "chart", "viewBox": "0 0 \(c(width)) \(c(height))", "role": "img",
      "width": c(width), "height": c(height), "aria-labelledby": "\(id)-t \(id)-d",
    ]
    if let plot { attributes.append("data-plot", plot) }
    return .element(
      "svg", attributes,
      .element("title", ["id": "\(id)-t"], HTML(title)),
      .element("desc", ["id": "\(id)-d"], HTML(description)), .joined(content))
  }
}
