/// The ids and references of one of our own pages, read from its bytes.
struct PageLinks {
  private(set) var ids: Set<String> = []
  private(set) var duplicates: [String] = []
  /// `href` of anchors.
  private(set) var links: [String] = []
  /// What the browser loads: `src`, and `href` of `link` elements.
  private(set) var resources: [String] = []

  /// Our pages quote every attribute with `"` and escape quotes and angle brackets in values.
  init(_ bytes: [UInt8]) {
    var position = 0
    while let open = bytes[position...].firstIndex(of: UInt8(ascii: "<")) {
      guard let end = bytes[open...].firstIndex(of: UInt8(ascii: ">")) else { return }
      let tag = bytes[open..<end]
      position = end + 1
      guard tag.dropFirst().first != UInt8(ascii: "/") else { continue }
      let name = String(
        decoding: tag.dropFirst().prefix { $0 != 0x20 && $0 != UInt8(ascii: "/") }, as: UTF8.self)
      if let id = Self.value("id", tag), !ids.insert(id).inserted { duplicates.append(id) }
      if let href = Self.value("href", tag) {
        if name == "a" { links.append(href) } else { resources.append(href) }
      }
      if let source = Self.value("src", tag) { resources.append(source) }
    }
  }

  private static func value(_ name: String, _ tag: ArraySlice<UInt8>) -> String? {
    let needle = Array(" \(name)=\"".utf8)
    guard tag.count > needle.count else { return nil }
    for start in tag.startIndex...(tag.endIndex - needle.count)
    where tag[start] == 0x20 && tag[start..<start + needle.count].elementsEqual(needle) {
      let value = tag[(start + needle.count)...].prefix { $0 != UInt8(ascii: "\"") }
      return String(decoding: value, as: UTF8.self)
    }
    return nil
  }

  func problems(on path: String, pages: [String: PageLinks], files: Set<String>)
    -> [Publisher.Finding]
  {
    var problems = duplicates.map {
      Publisher.Finding(path: path, problem: "the id '\($0)' occurs twice")
    }
    for resource in resources {
      guard let target = Self.target(resource, from: path)?.path, files.contains(target) else {
        problems.append(
          Publisher.Finding(path: path, problem: "loads '\(resource)', not of the site"))
        continue
      }
    }
    for link in links where !Self.isExternal(link) {
      guard let (target, anchor) = Self.target(link, from: path), files.contains(target) else {
        problems.append(
          Publisher.Finding(path: path, problem: "links to '\(link)', which is not there"))
        continue
      }
      if let anchor, let page = pages[target], !page.ids.contains(Self.place(of: anchor)) {
        problems.append(
          Publisher.Finding(path: path, problem: "links to '\(link)', which has no such anchor"))
      }
    }
    return problems
  }

  /// What `#runs=a,b` leads to is the part of the page that reads the rest of it.
  private static func place(of anchor: String) -> String {
    String(decoding: anchor.utf8.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
  }

  private static func isExternal(_ link: String) -> Bool {
    ["https://", "http://", "mailto:"].contains { link.utf8.starts(with: $0.utf8) }
  }

  /// The file and anchor that a relative reference means; nil when it leaves the site.
  static func target(_ reference: String, from path: String) -> (path: String, anchor: String?)? {
    let parts = reference.utf8.split(
      separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)
    let anchor = parts.count > 1 ? String(decoding: Array(parts[1]), as: UTF8.self) : nil
    if parts[0].isEmpty { return (path, anchor) }
    if parts[0].contains(UInt8(ascii: ":")) || parts[0].first == UInt8(ascii: "/") { return nil }
    var folders = path.utf8.split(separator: UInt8(ascii: "/")).dropLast().map { Array($0) }
    for part in parts[0].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if part.elementsEqual("..".utf8) {
        guard !folders.isEmpty else { return nil }
        folders.removeLast()
      } else if !part.elementsEqual(".".utf8) {
        folders.append(Array(part))
      }
    }
    let joined = folders.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    return (joined, anchor)
  }
}
