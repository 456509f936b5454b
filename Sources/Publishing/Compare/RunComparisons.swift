import Determinism
import Records
import Rendering

extension SiteIndex {
  /// The whole of a registered run.
  func record(of run: RegisteredRunView) throws(PublishingError) -> RegisteredRunRecord {
    do { return try snapshot.record(of: run.outline) } catch {
      throw .record(run: run.id.hex, problem: "\(error)")
    }
  }

  /// Everything that `dormouse diff` would read of a run; nil where there is none of this id.
  func details(of id: Digest) throws(PublishingError) -> RunDetails? {
    if let run = runs.first(where: { $0.id == id }) { return RunDetails(run, in: snapshot) }
    guard let run = registered.first(where: { $0.id == id }) else { return nil }
    return RunDetails(run, try record(of: run))
  }

  /// Of pairs that were asked for those whose runs are here, each once.
  func known(_ pairs: [Site.Options.Pair]) -> [Site.Options.Pair] {
    let here = Set(runs.map(\.id)).union(registered.map(\.id))
    var seen: Set<Site.Options.Pair> = []
    return pairs.filter {
      here.contains($0.first) && here.contains($0.second) && seen.insert($0).inserted
    }
  }

  func comparison(_ pair: Site.Options.Pair) throws(PublishingError) -> ComparisonPage {
    var runs: [RunDetails] = []
    for id in [pair.first, pair.second] { if let run = try details(of: id) { runs.append(run) } }
    return ComparisonPage(
      index: self, comparison: RunComparison(runs), folder: ComparisonPage.folder(pair))
  }

  /// What a run is called beside others.
  func comparedName(of id: Digest) -> String {
    if let run = runs.first(where: { $0.id == id }) { return RunFacts(run).name }
    return registered.first { $0.id == id }?.title ?? id.short
  }
}

extension Site.Options {
  /// Two runs whose comparison gets a page of its own.
  package struct Pair: Hashable, Sendable {
    package let first: Digest
    package let second: Digest
    package init(_ first: Digest, _ second: Digest) {
      self.first = first
      self.second = second
    }
  }
}

/// Where readers choose runs and see them side by side, by the page's script; without it, how a terminal does, and
/// the comparisons that have a page.
enum ComparePage {
  static let path = "compare/index.html"
  /// What stands before `=` in the page's address; also an anchor.
  static let anchor = "runs"

  static func page(_ index: SiteIndex, _ made: [Site.Options.Pair]) -> Page {
    var blocks: [Block] = [
      .lead([
        "Two to four runs side by side: what was asked for, which stage results they share, and where their numbers differ, bit for bit."
      ])
    ]
    if !index.runs.isEmpty || !index.registered.isEmpty {
      blocks.append(RunsFinder(index: index).block)
    }
    blocks.append(.comparer(id: anchor, folder: "compare/"))
    blocks.append(.heading(2, "In the terminal", anchor: "terminal"))
    blocks += [
      .paragraph([
        "The command compares any runs of a registry, with every recorded value, series, curve and artifact; here stand the values that reports are made of."
      ]), .code("dormouse diff RUN RUN"),
      .paragraph([
        "A page for two runs, complete without a script, is made with the site. Its address never moves:"
      ]), .code("dormouse site build --compare RUN..RUN"),
    ]
    if !made.isEmpty {
      blocks.append(.heading(2, "Comparisons with a page", anchor: "made"))
      blocks.append(
        .list(
          made.map { pair in
            let names = [pair.first, pair.second].map(index.comparedName)
            return [
              .link(
                [.text(names.joined(separator: " beside "))],
                to: .page("\(ComparisonPage.folder(pair))/index.html"))
            ]
          }))
    }
    return Page(
      path: path, title: "Compare runs", kicker: "Registry",
      summary: "Two to four runs of the registry side by side.", blocks: blocks)
  }

  /// Leads to the page with these runs chosen.
  static func link(_ runs: [Digest]) -> Link {
    .page(path, anchor: anchor + "=" + runs.map { $0.hex.prefixText(16) }.joined(separator: ","))
  }

  // MARK: From a run's page

  /// Links of a run's page: the other arms of its seed, and the next seeds of its arm.
  static func neighbours(of run: RunView, in study: StudyView) -> [Block] {
    line(run.id, beside(run, in: study))
  }

  static func beside(_ run: RunView, in study: StudyView) -> [(id: Digest, label: String)] {
    let point = study.runs.filter { $0.id != run.id && $0.record.run.point == run.record.run.point }
    let arms = point.filter { $0.seed == run.seed && $0.arm != run.arm }
    let seeds = point.filter { $0.arm.utf8.elementsEqual(run.arm.utf8) && $0.seed != run.seed }
      .sorted {
        ($0.phase != run.phase ? 1 : 0, $0.seed) < ($1.phase != run.phase ? 1 : 0, $1.seed)
      }
    let names =
      arms.prefix(mostNeighbours).map { ($0, $0.arm) }
      + seeds.prefix(mostNeighbours).map { ($0, "seed \($0.seed)") }
    return names.map { (id: $0.0.id, label: $0.1) }
  }

  /// The runs that stand around a place of their study's table.
  static func near(_ place: Int, in runs: [RegisteredRunView]) -> [RegisteredRunView] {
    (max(0, place - 2)..<min(runs.count, place + 3)).filter { $0 != place }.map { runs[$0] }
  }

  /// Those, and the run that it goes on from.
  static func neighbours(of run: RegisteredRunView, near: [RegisteredRunView]) -> [Block] {
    let parent = run.outline.parent.map { (id: $0, label: "the run that it goes on from") }
    return line(
      run.id,
      (parent.map { [$0] } ?? [])
        + near.filter { $0.id != run.outline.parent }.map { (id: $0.id, label: $0.title) })
  }

  private static let mostNeighbours = 4

  private static func line(_ run: Digest, _ others: [(id: Digest, label: String)]) -> [Block] {
    var words: [Inline] = [.muted(["Compare with "])]
    for other in others {
      words += [.link([.text(other.label)], to: link([run, other.id])), " · "]
    }
    words.append(.link(["any other"], to: link([run])))
    return [.paragraph(words)]
  }
}
