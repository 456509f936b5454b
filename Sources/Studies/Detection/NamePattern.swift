/// A pattern for names of files and tensors, on bytes: `*` is any row of bytes but slashes, `?` one of them,
/// `{layer}` digits, everything else itself.
package struct NamePattern: Equatable, Sendable {
  package let text: String
  private enum Piece: Equatable {
    case byte(UInt8)
    case one, many, layer
  }
  private let pieces: [Piece]

  package init(_ text: String) {
    self.text = text
    var rest = Array(text.utf8)[...]
    var pieces: [Piece] = []
    while let byte = rest.first {
      if rest.starts(with: Self.placeholder) {
        pieces.append(.layer)
        rest = rest.dropFirst(Self.placeholder.count)
        continue
      }
      switch byte {
      case UInt8(ascii: "*"): if pieces.last != .many { pieces.append(.many) }
      case UInt8(ascii: "?"): pieces.append(.one)
      default: pieces.append(.byte(byte))
      }
      rest = rest.dropFirst()
    }
    self.pieces = pieces
  }

  private static let placeholder = Array("{layer}".utf8)

  package var namesLayer: Bool { pieces.contains(.layer) }
  /// Whether it stands for more than one name.
  package var isPlain: Bool { pieces.allSatisfy { if case .byte = $0 { true } else { false } } }

  /// nil when the name is another; else the layer, if the pattern names one. In O(name × pattern).
  package func match(_ name: String) -> Match? {
    let bytes = Array(name.utf8)
    // reach[i]: how the first i bytes were matched, with the digits that stood for the layer.
    var reach: [Match?] = Array(repeating: nil, count: bytes.count + 1)
    reach[0] = Match(layer: nil)
    for piece in pieces {
      var next: [Match?] = Array(repeating: nil, count: bytes.count + 1)
      for (place, match) in reach.enumerated() {
        guard let match else { continue }
        switch piece {
        case .byte(let byte):
          if place < bytes.count, bytes[place] == byte { next[place + 1] = match }
        case .one:
          if place < bytes.count, bytes[place] != UInt8(ascii: "/") { next[place + 1] = match }
        case .many:
          var end = place
          while next[end] == nil {
            next[end] = match
            guard end < bytes.count, bytes[end] != UInt8(ascii: "/") else { break }
            end += 1
          }
        case .layer: Self.takeDigits(bytes, from: place, into: &next)
        }
      }
      reach = next
    }
    return reach[bytes.count]
  }

  package struct Match: Equatable, Sendable {
    package let layer: Int?
  }

  /// All digits that stand here: a layer is not cut in two.
  private static func takeDigits(_ bytes: [UInt8], from start: Int, into next: inout [Match?]) {
    if start > 0, (0x30...0x39).contains(bytes[start - 1]) { return }
    var (end, value) = (start, 0)
    while end < bytes.count, (0x30...0x39).contains(bytes[end]), end - start < 6 {
      value = 10 * value + Int(bytes[end] - 0x30)
      end += 1
    }
    guard end > start, end == bytes.count || !(0x30...0x39).contains(bytes[end]) else { return }
    next[end] = Match(layer: value)
  }
}
