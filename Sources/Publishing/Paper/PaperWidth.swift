/// What a paper's drawings and tables have to fit.
package enum PaperWidth: Equatable, Sendable {
  /// One column of 5.5 in.
  case neurips
  /// Two columns of 3.25 in, together 6.75 in.
  case icml
  /// Any other column, in CSS pixels: 96 to the inch.
  case pixels(Int)

  package static let pixels = 300...1600

  /// `neurips`, `icml`, or a number of pixels.
  package init?(_ text: String) {
    switch text {
    case "neurips": self = .neurips
    case "icml": self = .icml
    default:
      guard let pixels = Int(text), Self.pixels.contains(pixels) else { return nil }
      self = .pixels(pixels)
    }
  }

  /// Of a column, in inches.
  var column: Double {
    switch self {
    case .neurips: 5.5
    case .icml: 3.25
    case .pixels(let pixels): Double(pixels) / 96
    }
  }

  /// Of the page's text, in inches.
  var page: Double { self == .icml ? 6.75 : column }

  var hasColumns: Bool { page > column }

  /// Of the page's text, in inches, in each of these styles.
  static let height = 9.0
  /// Higher drawings leave a page no room for their captions.
  static let highest = 8.2

  /// Of PostScript and CSS.
  static let pointsPerInch = 72.0
  /// Of TeX.
  static let texPointsPerInch = 72.27
}
