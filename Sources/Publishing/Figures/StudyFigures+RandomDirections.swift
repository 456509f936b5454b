import Determinism
import Rendering
import Statistics
import Studies

/// What directions without any knowledge reach, as a stage recorded it: quantiles of max(AUROC, 1 − AUROC) and |d′|,
/// for such a direction has no sign.
struct RandomDirections {
  /// How many were drawn; nil where the runs do not agree.
  let count: Int?
  private let runs: [RunView]
  private let stage: String

  /// - Parameter runs: of one phase.
  init(_ runs: [RunView], stage: String) {
    self.runs = runs
    self.stage = stage
    let counts = Set(runs.compactMap { $0.stage(stage)?.step.options["random_directions"]?.int })
    count = counts.count == 1 ? counts.first : nil
  }

  /// `1000 random directions`.
  var words: String {
    count.map { NumberText.count($0) + " random directions" } ?? "random directions"
  }
  /// `best of 1000`.
  var best: String { "best of " + (count.map { NumberText.count($0) } ?? "them") }

  /// The mean over seeds of a quantile (`p50`, `p95`, `max`) as recorded; nil where it is not.
  func quantile(_ name: String, _ stem: String) -> Double? {
    let values = runs.compactMap { $0.scalar(stage, "\(stem).\(name)") }.filter(\.isFinite)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

extension StudyFigures {
  /// The probe among random directions: layer by layer before the band in which they lie and the line of the best
  /// of them, and at the primary layer among three kinds of them.
  func randomDirections(arm: String) -> DrawnFigure? {
    var data = DrawnData([
      .init("point", "Point"), .init("statistic", "Statistic"), .init("place", "Layer or kind"),
      .init("direction", "Direction"), .init("value", "Value"), .init("lower", "Lower"),
      .init("upper", "Upper"),
      .init("n", "Seeds"), .init("random_p50", "Median"), .init("random_p95", "95 in 100 below"),
      .init("random_max", "Best"), .init("random_directions", "Of"),
    ])
    var notes = SampleNotes()
    var counts: Set<String> = []
    var panels: [Figure.Panel] = []
    // One scale for all points.
    func draw(_ drafts: [Draft], _ separation: Separation) {
      let axis: Axis =
        separation == .auroc
        ? .rate(separation.label)
        : .covering(drafts.flatMap(\.extent), including: [0], separation.label)
      for draft in drafts {
        let id = panelID("random-directions", panels.count)
        panels.append(Figure.Panel(title: draft.title, drawing: draft.draw(axis, id)))
      }
    }
    for separation in [Separation.auroc, .dPrime] {
      draw(
        study.points.compactMap {
          amongLayers(separation, $0, study.runs(at: $0, arm: arm), &data, &notes, &counts)
        }, separation)
    }
    for separation in [Separation.auroc, .dPrime] {
      draw([amongKinds(separation, arm, &data, &notes, &counts)].compactMap { $0 }, separation)
    }
    guard !panels.isEmpty else { return nil }
    let stages = Set(["probe", "detectors"].flatMap(stageNames)).sorted().joined(separator: ", ")
    let procedures = ["probe", "detectors"].map(versions).filter { !$0.isEmpty }
    return finished(
      "random-directions", title: "The probe among random directions",
      subtitle: notes.text(
        study,
        unit: "\(arm), danger direction, triggered against token-matched swaps, at the decision")
        + " · grey, light and dark: where 95 and 50 in 100 of \(counts.sorted().joined(separator: " or ")) lie, as often in one sign as in the other; dark line or stroke: the best of them in each seed · all means over seeds",
      panels: panels, data: data,
      how:
        "stages \(stages) (\(procedures.joined(separator: ", "))), keys random*/decision/*/swap/{auroc,dprime}.{p50,p95,max}: quantiles of max(AUROC, 1 − AUROC) and |d′|. Isotropic: every direction as likely; covariance: as the activations vary; permuted: the contrast with its labels permuted. Not recorded, and so not drawn: their lower quantiles (auroc.p05), the median of |d′| by layer (random/decision/L*/swap/dprime.p50), and the ROC curve of any random direction."
    )
  }

  /// A panel before its scale is known.
  private struct Draft {
    let title: String
    let extent: [Double]
    let draw: (_ axis: Axis, _ id: String) -> HTML
  }

  private func amongLayers(
    _ separation: Separation, _ point: JSON.Object, _ runs: [RunView],
    _ data: inout DrawnData, _ notes: inout SampleNotes, _ counts: inout Set<String>
  ) -> Draft? {
    guard let (stage, keys) = probe(), !keys.layers.isEmpty else { return nil }
    let random = RandomDirections(runs.filter { $0.phase == study.phase }, stage: stage)
    let statistic = separation.statistic
    var points: [Point] = []
    var intervals: [(lower: Double, upper: Double)] = []
    var best: [Point] = []
    var outer: [(x: Double, lower: Double, upper: Double)] = []
    var inner = outer
    for (index, layer) in keys.layers.enumerated() {
      guard
        let sample = Sample(
          runs, phase: study.phase,
          {
            $0.scalar(stage, "danger/decision/\(layer)/swap/\(statistic)")
              .map { separation == .auroc ? .bounded($0, 0...1) : .number($0) }
          })
      else { continue }
      notes.add(sample)
      let x = Double(index)
      points.append(Point(x, sample.estimate.value))
      intervals.append((sample.estimate.lower, sample.estimate.upper))
      let stem = "random/decision/\(layer)/swap/\(statistic)"
      let (half, most, top) = (
        random.quantile("p50", stem), random.quantile("p95", stem), random.quantile("max", stem)
      )
      func edges(_ reached: Double) -> (x: Double, lower: Double, upper: Double) {
        (x, separation == .auroc ? 1 - reached : -reached, reached)
      }
      if let half { inner.append(edges(half)) }
      if let most { outer.append(edges(most)) }
      if let top { best.append(Point(x, top)) }
      append(&data, point, separation, layer, "danger", sample, half, most, top, random)
    }
    guard !points.isEmpty, !outer.isEmpty else { return nil }
    counts.insert(random.words)
    let style = Words.style(detector: "danger")
    var panel = LinePanel(
      x: .places(keys.layers, "layer (L0: the embedding)"), y: .rate(separation.label))
    panel.bands = [outer, inner].filter { !$0.isEmpty }.map {
      LinePanel.Band("", $0, Style(.muted))
    }
    var top = LinePanel.Line(random.best, best, Style(.ink, .diamond))
    top.isThin = true
    panel.lines = [
      top, LinePanel.Line("danger", points, style, intervals: intervals, markers: true),
    ]
    let chance = separation == .auroc ? 0.5 : 0
    panel.references = [
      LinePanel.Reference(
        "", [Point(-0.5, chance), Point(Double(keys.layers.count) - 0.5, chance)])
    ]
    let title = panelTitle(point, "\(separation.label) by layer")
    let description =
      "danger: \(points.map { NumberText.decimal($0.y, 2) }.joined(separator: ", ")); "
      + "\(random.best): \(best.map { NumberText.decimal($0.y, 2) }.joined(separator: ", "))"
    return Draft(
      title: title,
      extent: (points + best).map(\.y) + outer.flatMap { [$0.lower, $0.upper] }
        + intervals.flatMap { [$0.lower, $0.upper] }
    ) { [panel] axis, id in
      var panel = panel
      panel.y = axis
      return panel.svg(id: id, title: "Among random directions. \(title)", description: description)
    }
  }

  /// Kinds of random directions, as their keys name them: equally likely everywhere, as the activations vary, and
  /// the contrast with its labels permuted.
  private static let kinds = ["isotropic", "covariance", "permuted"]

  /// All points in one panel.
  private func amongKinds(
    _ separation: Separation, _ arm: String, _ data: inout DrawnData, _ notes: inout SampleNotes,
    _ counts: inout Set<String>
  ) -> Draft? {
    guard let stage = stageNames("detectors").first else { return nil }
    let statistic = separation.statistic
    var rows: [ForestPanel.Row] = []
    for point in study.points.prefix(Self.mostPoints) {
      let runs = study.runs(at: point, arm: arm)
      let random = RandomDirections(runs.filter { $0.phase == study.phase }, stage: stage)
      guard
        let sample = Sample(
          runs, phase: study.phase,
          {
            $0.scalar(stage, "mean-difference/decision/primary/swap/\(statistic)")
              .map { separation == .auroc ? .bounded($0, 0...1) : .number($0) }
          })
      else { continue }
      let first = rows.count
      for kind in Self.kinds {
        let stem = "random-\(kind)/decision/primary/swap/\(statistic)"
        guard let most = random.quantile("p95", stem) else { continue }
        let (half, top) = (random.quantile("p50", stem), random.quantile("max", stem))
        append(&data, point, separation, kind, "mean-difference", sample, half, most, top, random)
        var row = ForestPanel.Row(
          kind,
          text: sample.text
            + (top.map { " · \(random.best): \(NumberText.decimal($0, 2))" } ?? ""),
          value: sample.estimate.value, lower: sample.estimate.lower, upper: sample.estimate.upper,
          seeds: sample.seeds.map(\.value), otherSeeds: sample.others.map(\.value),
          style: Words.style(detector: "danger"))
        row.bands = [most, half].compactMap { reached in
          reached.flatMap { reached in
            let low = separation == .auroc ? 1 - reached : -reached
            return low <= reached ? low...reached : nil
          }
        }
        row.strokes = [top].compactMap { $0 }
        rows.append(row)
      }
      guard rows.count > first else { continue }
      notes.add(sample)
      counts.insert(random.words)
      let words = DetectorStudy(self, stages: []).heading(point)
      if !words.isEmpty { rows[first].heading = words }
    }
    guard !rows.isEmpty else { return nil }
    let title = "\(separation.label), primary layer"
    return Draft(
      title: title,
      extent: rows.flatMap { row in
        row.bands.flatMap { [$0.lowerBound, $0.upperBound] } + row.strokes + row.seeds
          + row.otherSeeds + [row.lower, row.upper]
      }
    ) { [rows] axis, id in
      var panel = ForestPanel(rows: rows, x: axis)
      panel.references = [(separation == .auroc ? 0.5 : 0, "chance")]
      return panel.svg(
        id: id, title: "Among random directions. \(title)",
        description: rows.map { "\($0.label): \($0.text)" }.joined(separator: "; "))
    }
  }

  /// Of one panel.
  private static let mostPoints = 12

  private func append(
    _ data: inout DrawnData, _ point: JSON.Object, _ separation: Separation, _ place: String,
    _ direction: String, _ sample: Sample, _ half: Double?, _ most: Double?, _ best: Double?,
    _ random: RandomDirections
  ) {
    func cell(_ value: Double?) -> CSV.Cell { value.map { .number($0) } ?? .missing }
    data.append([
      .text(Words.point(point)), .text(separation.label), .text(place), .text(direction),
      .number(sample.estimate.value), .number(sample.estimate.lower),
      .number(sample.estimate.upper), .integer(sample.estimate.n), cell(half), cell(most),
      cell(best), random.count.map { .integer($0) } ?? .missing,
    ])
  }
}
