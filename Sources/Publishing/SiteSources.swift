import Determinism
import Records
import Rendering
import Studies

extension Site {
  package struct Options: Sendable {
    /// What each stage kind does, in a sentence, for the method page.
    package var stageSummaries: [String: String]
    /// Files carried along, e.g. archives: bytes by path from the root. They may not collide with pages.
    package var attachments: [String: [UInt8]]
    package var runPages: RunPages
    /// With archives, pages name the commands that take them.
    package var archives: SiteArchives
    /// Where the site will be, with a slash at its end: it then has a feed and a map of its pages.
    package var baseURL: String?
    /// Runs that have a page together.
    package var comparisons: [Pair] = []
    package init(
      stageSummaries: [String: String] = [:], attachments: [String: [UInt8]] = [:],
      runPages: RunPages = .all,
      archives: SiteArchives = .absent, baseURL: String? = nil
    ) {
      self.baseURL = baseURL
      self.archives = archives
      self.stageSummaries = stageSummaries
      self.attachments = attachments
      self.runPages = runPages
    }
  }

  /// Everything besides the records that a site is a function of.
  package struct Sources: Sendable {
    /// Markdown by study slug.
    package let narratives: [String: String]
    /// Study files by slug, for the figures that they declare: like narratives, figures show what was recorded
    /// and are in no record.
    package let studies: [String: Study]
    /// Markdown by name; the name becomes part of a path. `glossary` and `method` replace ours.
    package let guides: [String: String]
    package let hypotheses: HypothesisMap?
    package var options: Options

    package init(
      narratives: [String: String] = [:], studies: [String: Study] = [:],
      guides: [String: String] = [:], hypotheses: HypothesisMap? = nil, options: Options = Options()
    ) {
      self.narratives = narratives
      self.studies = studies
      self.guides = guides
      self.hypotheses = hypotheses
      self.options = options
    }
  }
}

extension Site.Sources {
  /// Digests of everything that a site of such a registry is a function of, besides the records, which its head
  /// names: prose, templates, attachments, and what has no record yet.
  func document(_ templates: TemplateSet, _ standing: RegistryStanding) -> JSON {
    func texts(_ texts: [String: String]) -> JSON {
      .object(JSON.Object(texts.map { ($0.key, JSON(Digest(of: $0.value))) }))
    }
    let attachments = options.attachments.map { ($0.key, JSON(Digest(of: $0.value))) }
    let figures = studies.filter { !$0.value.figures.isEmpty }
      .map { ($0.key, JSON($0.value.figuresDigest)) }
    let unfinished = standing.unfinished.map { run -> JSON in
      [JSON(run.run), JSON(run.state.rawValue), JSON(Digest(of: run.note))]
    }
    return [
      "format": JSON(Site.format), "narratives": texts(narratives), "guides": texts(guides),
      "templates": texts(templates.files), "stages": texts(options.stageSummaries),
      "own": texts(["glossary": Glossary.source, "method": Method.source]),
      "attachments": .object(JSON.Object(attachments)), "unfinished": .array(unfinished),
      "live": .array(standing.live.map { JSON($0) }), "archives": JSON(options.archives.root),
      "run-pages": JSON(options.runPages.rawValue),
      "compare": .array(options.comparisons.map { [JSON($0.first), JSON($0.second)] }),
      "base-url": JSON(options.baseURL),
      "hypotheses": JSON(hypotheses?.digest.hex), "figures": .object(JSON.Object(figures)),
    ]
  }
}

extension Study {
  /// Of what its figures are drawn by: the points are the order of levels, and which runs a figure takes.
  var figuresDigest: Digest {
    Digest(
      of: [
        .array(figures.map(\.document)), .array(points.map { .object($0) }),
        .array(arms.map { JSON($0) }),
      ] as JSON)
  }
}
