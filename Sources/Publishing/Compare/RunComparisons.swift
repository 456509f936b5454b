import Determinism
import Records
import Rendering

extension SiteIndex {
  /// Everything that `dormouse diff` would read of a run; nil where there is none of this id.
  func details(of id: Digest) -> RunDetails? {
    if let run = runs.first(where: { $0.id == id }) { return RunDetails(run, in: snapshot) }
    return registered.first { $0.id == id }.map { RunDetails($0) }
  }

  /// Of pairs that were asked for those whose runs are here, each once.
  func known(_ pairs: [Site.Options.Pair]) -> [Site.Options.Pair] {
    let here = Set(runs.map(\.id)).union(registered.map(\.id))
    var seen: Set<Site.Options.Pair> = []
    return pairs.filter {
      here.contains($0.first) && here.contains($0.second) && seen.insert($0).inserted
    }
  }

  /// A page for each.
  func comparisons(_ pairs: [Site.Options.Pair]) -> [ComparisonPage] {
    known(pairs).map { pair in
      ComparisonPage(
        index: self, comparison: RunComparison([pair.first, pair.second].compactMap(details)),
        folder: ComparisonPage.folder(pair))
    }
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

  static func page(_ index: SiteIndex, _ made: [ComparisonPage]) -> Page {
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
        .list(made.map { [.link([.text($0.title)], to: .page($0.path))] }))
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
    let point = study.runs.filter { $0.id != run.id && $0.record.run.point == run.record.run.point }
    let arms = point.filter { $0.seed == run.seed && $0.arm != run.arm }
    let seeds = point.filter { $0.arm.utf8.elementsEqual(run.arm.utf8) && $0.seed != run.seed }
      .sorted {
        ($0.phase != run.phase ? 1 : 0, $0.seed) < ($1.phase != run.phase ? 1 : 0, $1.seed)
      }
    let names =
      arms.prefix(mostNeighbours).map { ($0, $0.arm) }
      + seeds.prefix(mostNeighbours).map { ($0, "seed \($0.seed)") }
    return line(run.id, names.map { (id: $0.0.id, label: $0.1) })
  }

  /// The runs that were registered just before and after it, and the one that it goes on from.
  static func neighbours(of run: RegisteredRunView, in study: StudyView) -> [Block] {
    let others = study.registered
    guard let place = others.firstIndex(where: { $0.id == run.id }) else { return [] }
    var near = (max(0, place - 2)..<min(others.count, place + 3)).map { others[$0] }
      .filter { $0.id != run.id }
    if let parent = others.first(where: { $0.id == run.record.parent }),
      !near.contains(where: { $0.id == parent.id })
    {
      near.insert(parent, at: 0)
    }
    return line(run.id, near.map { (id: $0.id, label: $0.title) })
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
