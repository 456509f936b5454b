import Rendering

/// What relative links in written prose mean on the site.
enum SiteLinks {
  /// `glossary`, `method`, `ledger`, `runs`, `compare`, `detectors`, a guide or a study, also with `../` in front, `#anchor` behind, or as
  /// `name.md`; nil for anything else.
  static func resolve(_ destination: String, _ index: SiteIndex, guides: [String] = []) -> Link? {
    let parts = destination.utf8.split(
      separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)
    var words = parts[0].split(separator: UInt8(ascii: "/")).map { Array($0) }
    while let first = words.first, first == [0x2E] || first == [0x2E, 0x2E] { words.removeFirst() }
    if let last = words.last, last == Array("index.html".utf8) || last == Array("README.md".utf8) {
      words.removeLast()
    }
    guard let last = words.last else { return nil }
    let stem = last.suffix(3) == Array(".md".utf8) ? Array(last.dropLast(3)) : last
    let name = String(decoding: stem, as: UTF8.self)
    let anchor =
      parts.count > 1 ? Link.anchorName(String(decoding: Array(parts[1]), as: UTF8.self)) : nil
    if ["glossary", "method", "ledger", "runs", "compare", "detectors"].contains(name) {
      return .page("\(name)/index.html", anchor: anchor)
    }
    if guides.contains(name) { return .page("guides/\(name)/index.html", anchor: anchor) }
    if let study = index.studies.first(where: { $0.folder == name }) {
      return .page(study.path, anchor: anchor)
    }
    return nil
  }
}
