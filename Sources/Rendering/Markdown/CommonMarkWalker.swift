import CMark

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// libcmark's tree into markup of ours: the only file that touches libcmark.
///
/// The tree is walked with libcmark's iterator, never by recursion, and every text goes through `Escaping`;
/// libcmark's own HTML renderer is not used.
struct CommonMarkWalker {
  let anchorPrefix: String
  let base: String
  let resolve: (String) -> Link?
  private var anchors: Set<String> = []
  private var isFirst = true

  init(anchorPrefix: String, base: String, resolve: @escaping (String) -> Link?) {
    self.anchorPrefix = anchorPrefix
    self.base = base
    self.resolve = resolve
  }

  mutating func segments(of source: String) -> [Markdown.Segment] {
    guard let document = Self.document(of: source) else { return [] }
    defer { cmark_node_free(document) }
    var segments: [Markdown.Segment] = []
    var html = HTML()
    var markdown: [String] = []
    func flush() {
      guard !markdown.isEmpty || !html.isEmpty else { return }
      let text = markdown.joined(separator: "\n\n")
      segments.append(.prose(Markdown.Piece(html: html, markdown: text)))
      html = HTML()
      markdown = []
    }
    var block = cmark_node_first_child(document)
    while let node = block {
      block = cmark_node_next(node)
      let isTitle = isFirst && Self.isHeading(node) && cmark_node_get_heading_level(node) == 1
      isFirst = false
      if isTitle { continue }
      if let name = Self.figureName(node) {
        flush()
        segments.append(.figure(name))
      } else {
        html += markup(of: node)
        let text = twin(of: node)
        if !text.isEmpty { markdown.append(text) }
      }
    }
    flush()
    return segments
  }

  /// The text of one cell: CommonMark without blocks. What is more than a paragraph is shown as it is.
  mutating func inline(_ source: String) -> (html: HTML, markdown: String) {
    guard let document = Self.document(of: source) else {
      return (HTML(source), MarkdownText.escaped(source))
    }
    defer { cmark_node_free(document) }
    guard let paragraph = cmark_node_first_child(document), cmark_node_next(paragraph) == nil,
      cmark_node_get_type(paragraph) == CMARK_NODE_PARAGRAPH
    else { return (HTML(source), MarkdownText.escaped(source)) }
    let markup = markup(of: paragraph).markup.utf8.dropFirst("<p>".utf8.count)
      .dropLast("</p>\n".utf8.count)
    let twin = twin(of: paragraph).utf8.split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: " ")
    // A bar would end the cell; one that is escaped already stays so.
    var cell: [UInt8] = []
    for byte in twin.utf8 {
      if byte == UInt8(ascii: "|"), cell.last != UInt8(ascii: "\\") {
        cell.append(UInt8(ascii: "\\"))
      }
      cell.append(byte)
    }
    return (
      HTML(rendered: String(decoding: Array(markup), as: UTF8.self)),
      String(decoding: cell, as: UTF8.self)
    )
  }

  /// The caller frees it.
  private static func document(of source: String) -> OpaquePointer? {
    let bytes = Array(source.utf8)
    let parsed = bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) {
        cmark_parse_document($0.baseAddress, $0.count, CMARK_OPT_DEFAULT)
      }
    }
    if let parsed { cmark_consolidate_text_nodes(parsed) }
    return parsed
  }

  private static func isHeading(_ node: OpaquePointer) -> Bool {
    cmark_node_get_type(node) == CMARK_NODE_HEADING
  }

  /// The name in a paragraph that is only `{{figure: name}}`.
  private static func figureName(_ node: OpaquePointer) -> String? {
    guard cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH,
      let first = cmark_node_first_child(node), cmark_node_next(first) == nil,
      cmark_node_get_type(first) == CMARK_NODE_TEXT
    else { return nil }
    let words = plainText(of: node).utf8.split(separator: UInt8(ascii: " "))
    let isName = { (byte: UInt8) in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
    }
    guard words.count == 2, words[0].elementsEqual("{{figure:".utf8),
      words[1].suffix(2).elementsEqual("}}".utf8), words[1].dropLast(2).allSatisfy(isName)
    else { return nil }
    return String(words[1].dropLast(2))
  }

  private static func plainText(of node: OpaquePointer) -> String {
    var text = ""
    Self.walk(node) { event, child in
      guard event == CMARK_EVENT_ENTER else { return }
      switch cmark_node_get_type(child) {
      case CMARK_NODE_TEXT, CMARK_NODE_CODE: text += string(cmark_node_get_literal(child))
      case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: text += "\n"
      default: break
      }
    }
    return text
  }

  private static func walk(
    _ root: OpaquePointer, _ body: (cmark_event_type, OpaquePointer) -> Void
  ) {
    guard let iterator = cmark_iter_new(root) else { return }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { return }
      body(event, node)
    }
  }

  private static func string(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }

  private mutating func markup(of root: OpaquePointer) -> HTML {
    if cmark_node_get_type(root) == CMARK_NODE_HTML_BLOCK { return HTML() }
    var markup = ""
    var names = anchors
    Self.walk(root) { event, node in
      let isEntering = event == CMARK_EVENT_ENTER
      let tag = { (name: String) in markup += isEntering ? "<\(name)>" : "</\(name)>" }
      switch cmark_node_get_type(node) {
      case CMARK_NODE_TEXT: markup += Escaping.escaped(Self.string(cmark_node_get_literal(node)))
      case CMARK_NODE_SOFTBREAK: markup += "\n"
      case CMARK_NODE_LINEBREAK: markup += "<br>\n"
      case CMARK_NODE_THEMATIC_BREAK: markup += "<hr>\n"
      case CMARK_NODE_CODE:
        markup += "<code>\(Escaping.escaped(Self.string(cmark_node_get_literal(node))))</code>"
      case CMARK_NODE_CODE_BLOCK:
        let text = Escaping.escaped(Self.string(cmark_node_get_literal(node)))
        markup += "<pre tabindex=\"0\"><code>\(text)</code></pre>\n"
      case CMARK_NODE_EMPH: tag("em")
      case CMARK_NODE_STRONG: tag("strong")
      case CMARK_NODE_BLOCK_QUOTE: tag("blockquote")
      case CMARK_NODE_LIST:
        tag(cmark_node_get_list_type(node) == CMARK_ORDERED_LIST ? "ol" : "ul")
      case CMARK_NODE_ITEM: tag("li")
      case CMARK_NODE_PARAGRAPH: if !Self.isTight(node) { tag("p") }
      case CMARK_NODE_HEADING:
        let name = cmark_node_get_heading_level(node) <= 2 ? "h2" : "h3"
        if isEntering {
          let stem = anchorPrefix + Link.anchorName(Self.plainText(of: node))
          var id = stem
          var copy = 2
          while !names.insert(id).inserted {
            id = "\(stem)-\(copy)"
            copy += 1
          }
          markup += "<\(name) id=\"\(id)\">"
        } else {
          markup += "</\(name)>\n"
        }
      case CMARK_NODE_LINK:
        guard let link = link(of: node) else { break }
        if isEntering {
          markup += "<a href=\"\(Escaping.escaped(link.reference(from: base)))\""
          if case .external = link { markup += " rel=\"noopener noreferrer\"" }
          markup += ">"
        } else {
          markup += "</a>"
        }
      default: break  // Raw HTML is left out; of an image its words stay.
      }
    }
    anchors = names
    return HTML(rendered: markup + "\n")
  }

  private static func isTight(_ paragraph: OpaquePointer) -> Bool {
    guard let item = cmark_node_parent(paragraph),
      cmark_node_get_type(item) == CMARK_NODE_ITEM, let list = cmark_node_parent(item)
    else { return false }
    return cmark_node_get_list_tight(list) != 0
  }

  /// An anchor of this text gets the prefix that its heading got.
  private func link(of node: OpaquePointer) -> Link? {
    let link = LinkFilter.link(Self.string(cmark_node_get_url(node)), resolve: resolve)
    if case .anchor(let name) = link { return .anchor(anchorPrefix + name) }
    return link
  }

  /// The block as CommonMark, with the same links and without raw HTML. Changes the tree.
  private func twin(of root: OpaquePointer) -> String {
    var removed: [OpaquePointer] = []
    Self.walk(root) { event, node in
      guard event == CMARK_EVENT_ENTER else { return }
      switch cmark_node_get_type(node) {
      case CMARK_NODE_HTML_BLOCK, CMARK_NODE_HTML_INLINE: removed.append(node)
      case CMARK_NODE_LINK:
        cmark_node_set_url(node, link(of: node)?.twin.reference(from: base) ?? "")
      case CMARK_NODE_IMAGE: cmark_node_set_url(node, "")
      default: break
      }
    }
    if removed.contains(root) { return "" }
    for node in removed {
      cmark_node_unlink(node)
      cmark_node_free(node)
    }
    guard let text = cmark_render_commonmark(root, CMARK_OPT_DEFAULT, 0) else { return "" }
    defer { free(text) }
    var bytes = Array(String(cString: text).utf8)
    while bytes.last == 0x0A || bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
