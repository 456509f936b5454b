/// A strict reader of the pages we write: a browser is more forgiving, so what passes here is well formed.
struct HTMLReader {
  struct Element: Equatable {
    let name: String
    let attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  private(set) var problems: [String] = []

  private static let empty: Set<String> = ["meta", "link", "br", "hr"]

  init(_ bytes: [UInt8]) {
    var open: [String] = []
    var position = 0
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else {
        if bytes[position] == UInt8(ascii: ">") { problems.append("a stray > at \(position)") }
        position += 1
        continue
      }
      guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else {
        problems.append("a tag without end at \(position)")
        return
      }
      let tag = Array(bytes[(position + 1)..<end])
      position = end + 1
      if tag.starts(with: "!DOCTYPE".utf8) { continue }
      if tag.first == UInt8(ascii: "/") {
        let name = String(decoding: tag.dropFirst(), as: UTF8.self)
        if open.popLast() != name { problems.append("</\(name)> closes something else") }
        continue
      }
      let isClosed = tag.last == UInt8(ascii: "/")
      let element = read(isClosed ? tag.dropLast() : tag[...])
      elements.append(element)
      if !isClosed, !Self.empty.contains(element.name) { open.append(element.name) }
    }
    if !open.isEmpty { problems.append("never closed: \(open)") }
  }

  private mutating func read(_ tag: ArraySlice<UInt8>) -> Element {
    let name = String(decoding: tag.prefix { $0 != 0x20 }, as: UTF8.self)
    var rest = tag.drop { $0 != 0x20 }
    var attributes: [String: String] = [:]
    while rest.first == 0x20 {
      rest = rest.dropFirst()
      let key = String(
        decoding: rest.prefix { $0 != UInt8(ascii: "=") && $0 != 0x20 }, as: UTF8.self)
      rest = rest.dropFirst(key.utf8.count)
      var value = ""
      if rest.first == UInt8(ascii: "=") {
        rest = rest.dropFirst()
        if rest.first != UInt8(ascii: "\"") { problems.append("\(name) \(key) is not quoted") }
        let text = rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        value = String(decoding: text, as: UTF8.self)
        rest = rest.dropFirst(text.count + 2)
      }
      if attributes.updateValue(value, forKey: key) != nil {
        problems.append("\(name) has \(key) twice")
      }
    }
    if !rest.isEmpty { problems.append("\(name): text between attributes") }
    return Element(name: name, attributes: attributes)
  }
}
