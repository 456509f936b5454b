/// The key of a series in a legend.
enum Swatch {
  static func html(_ style: Style) -> HTML {
    .element(
      "svg", ["class": "swatch", "viewBox": "0 0 26 12", "aria-hidden": "true"],
      .joined(canvas(style).content))
  }

  static func canvas(_ style: Style) -> Canvas {
    var canvas = Canvas(width: 26, height: 12)
    if style.marker == .bar {
      let kind = (style.isPale ? " pale" : "") + (style.isDotted ? " dotted" : "")
      canvas.rectangle(5, 1, 16, 10, "bar \(style.colourClass)\(kind)")
    } else {
      let dash = style.isDotted ? " dotted" : ""
      canvas.path([(0, 6), (26, 6)], "ln \(style.colourClass)\(dash)")
      canvas.marker(style, x: 13, y: 6, radius: 3.6)
    }
    return canvas
  }
}
