/// One panel of a figure, laid out for a width.
///
/// Its letters have the same size at any width: a narrower chart has less room, and is not a smaller picture.
package protocol Chart: Sendable {
  /// Units of its view box, which are pixels of a page.
  var width: Double { get set }
  /// Below this its texts would run into each other or out of it.
  var leastWidth: Double { get }
  func canvas() -> Canvas
}

extension Chart {
  /// - Parameters:
  ///   - id: unique on the page.
  ///   - title: short; read out first.
  ///   - description: what the drawing shows, in words.
  package func svg(id: String, title: String, description: String) -> HTML {
    canvas().svg(id: id, title: title, description: description)
  }

  package func laidOut(_ width: Double) -> Self {
    var copy = self
    copy.width = width
    return copy
  }
}

/// How wide a text is drawn, roughly: what lays charts out cannot measure letters.
enum TextWidth {
  /// Of a sans serif at 12 pixels, the widest that is likely.
  static func plain(_ text: String) -> Double { 5.9 * Double(text.unicodeScalars.count) }
  static func strong(_ text: String) -> Double { 6.6 * Double(text.unicodeScalars.count) }

  /// The text in lines no wider than `room`, broken at spaces; a longer word has a line to itself.
  static func wrapped(_ text: String, to room: Double) -> [String] {
    var lines: [String] = []
    for word in text.utf8.split(separator: UInt8(ascii: " ")) {
      let word = String(decoding: Array(word), as: UTF8.self)
      if let last = lines.last, strong(last + " " + word) <= room {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}
