/// Where a link leads. Only what these cases can say is ever linked.
package enum Link: Equatable, Sendable {
  /// A file of the site by its path from the root, e.g. `runs/3f…/index.html`; checked ASCII.
  case page(String, anchor: String? = nil)
  /// A place on the same page.
  case anchor(String)
  /// Another site: `https`, `http` or `mailto`.
  case external(String)

  /// The reference from a page that lies `base` (`""`, `"../"`, `"../../"`) below the root.
  package func reference(from base: String) -> String {
    switch self {
    case .page(let path, let anchor): base + path + (anchor.map { "#" + $0 } ?? "")
    case .anchor(let anchor): "#" + anchor
    case .external(let url): url
    }
  }

  /// The same place in the Markdown twins: every `index.html` has an `index.md` beside it.
  package var twin: Link {
    guard case .page(let path, let anchor) = self else { return self }
    let ending = Array("index.html".utf8)
    guard path.utf8.count >= ending.count, path.utf8.suffix(ending.count).elementsEqual(ending)
    else { return self }
    return .page(String(path.dropLast(4)) + "md", anchor: anchor)
  }

  /// Letters, digits, `-` and `_`, for anchors made from words; never empty.
  package static func anchorName(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        bytes.append(byte)
      default: if let last = bytes.last, last != UInt8(ascii: "-") { bytes.append(0x2D) }
      }
    }
    while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
    return bytes.isEmpty ? "section" : String(decoding: bytes, as: UTF8.self)
  }
}
