import Records
import Rendering

/// What only a site with an address has: a feed of its studies (Atom, RFC 4287) and a map of its pages
/// (sitemaps.org). Times are the records', never the clock's.
struct Syndication {
  let index: SiteIndex
  /// Ends in a slash.
  let base: String

  /// Studies with a completed run, the newest first.
  var feed: String {
    let entries = index.studies.compactMap { study in
      RunFacts.newest(study.runs).flatMap(Self.moment).map { (study: study, time: $0) }
    }.sorted { ($1.time, $0.study.slug) < ($0.time, $1.study.slug) }
    let newest = entries.first?.time ?? "1970-01-01T00:00:00Z"
    return """
      <?xml version="1.0" encoding="utf-8"?>
      <feed xmlns="http://www.w3.org/2005/Atom">
      <title>Dormouse: a study registry</title>
      <id>\(text(base))</id>
      <link rel="self" href="\(text(base + "feed.xml"))"/>
      <link href="\(text(base))"/>
      <updated>\(newest)</updated>
      <author><name>dormouse</name></author>
      \(entries.map { entry($0.study, $0.time) }.joined(separator: "\n"))
      </feed>

      """
  }

  private func entry(_ study: StudyView, _ time: String) -> String {
    let rows = PredictionRow.rows(of: study)
    let came = rows.isEmpty ? "No predictions." : PredictionsBoard.counts(rows) + "."
    return """
      <entry>
      <title>\(text(study.title))</title>
      <id>\(text(base + study.path))</id>
      <link href="\(text(base + study.path))"/>
      <updated>\(time)</updated>
      <summary>\(text((study.question.isEmpty ? "" : study.question + " ") + came))</summary>
      </entry>
      """
  }

  /// - Parameter pages: paths of all pages.
  func sitemap(_ pages: [String]) -> String {
    let urls = pages.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map {
      "<url><loc>\(text(base + $0))</loc></url>"
    }
    return """
      <?xml version="1.0" encoding="utf-8"?>
      <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      \(urls.joined(separator: "\n"))
      </urlset>

      """
  }

  /// RFC 3339 of a time as pages have it, `2026-11-21 20:11 UTC`; nil for what a foreign record may say otherwise.
  private static func moment(_ time: String) -> String? {
    let bytes = Array(time.utf8)
    let form = Array("0000-00-00 00:00".utf8)
    let fits =
      bytes.count >= form.count
      && zip(bytes, form).allSatisfy { byte, sign in
        sign == 0x30 ? (0x30...0x39).contains(byte) : byte == sign
      }
    guard fits else { return nil }
    return String(decoding: bytes[..<10], as: UTF8.self) + "T"
      + String(decoding: bytes[11..<16], as: UTF8.self) + ":00Z"
  }

  private func text(_ text: String) -> String { Escaping.escaped(text) }
}
