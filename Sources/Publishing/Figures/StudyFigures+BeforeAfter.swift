import Rendering
import Statistics

extension StudyFigures {
  /// Defection with and without the trigger, by arm, before and after safety training.
  func beforeAfter() -> DrawnFigure? {
    let stages = stageNames("evaluate")
    guard let before = stages.first else { return nil }
    let compared = stages.count > 1 ? [before, stages[stages.count - 1]] : [before]
    var table = SampleTable(keys: [
      ("point", "Point"), ("arm", "Arm"), ("quantity", "Rate"), ("stage", "Stage"),
    ])
    var notes = SampleNotes()
    var panels: [Figure.Panel] = []
    var summary = ""
    for (index, point) in study.points.enumerated() {
      var groups: [BarsPanel.Group] = []
      var words: [String] = []
      for arm in study.arms {
        let runs = study.runs(at: point, arm: arm)
        let style = Words.style(arm: arm)
        var clusters: [BarsPanel.Cluster] = []
        for (key, label) in [("r1", "R1"), ("r0", "R0")] {
          var bars: [BarsPanel.Bar] = []
          for (position, stage) in compared.enumerated() {
            guard
              let sample = Sample(
                runs, phase: study.phase, { $0.rate(stage, key).map { .rate($0) } })
            else { continue }
            notes.add(sample)
            table.append(
              [.text(Words.point(point)), .text(arm), .text(label), .text(stage)], sample)
            let isBefore = position == 0 && compared.count > 1
            bars.append(
              BarsPanel.Bar(
                value: sample.estimate.value, lower: sample.estimate.lower,
                upper: sample.estimate.upper, seeds: sample.seeds.map(\.value),
                otherSeeds: sample.others.map(\.value),
                style: style.pale(isBefore).dotted(key == "r0")))
            words.append("\(arm) \(label) \(stage) \(sample.text)")
          }
          if !bars.isEmpty { clusters.append(BarsPanel.Cluster(label, bars)) }
        }
        if !clusters.isEmpty { groups.append(BarsPanel.Group(arm, style, clusters)) }
      }
      guard !groups.isEmpty else { continue }
      let panel = BarsPanel(groups: groups, y: .rate("share of responses that defect"))
      let title = panelTitle(point)
      panels.append(
        Figure.Panel(
          title: title, id: panelID("before-after", index),
          name: "Defection rates. \(title)",
          description: words.joined(separator: "; "),
          chart: panel))
      if summary.isEmpty { summary = words.joined(separator: "; ") }
    }
    guard !panels.isEmpty else { return nil }
    let isPair = compared.count > 1
    return finished(
      "before-after",
      title: isPair
        ? "Defection rate with the trigger (R1) and without (R0), before and after safety training"
        : "Defection rate with the trigger (R1) and without (R0)",
      subtitle: notes.text(study, unit: "share of sampled responses that defect"), panels: panels,
      legend: (isPair
        ? [(Style(.ink, .bar, pale: true), "before"), (Style(.ink, .bar), "after")] : [])
        + [(Style(.ink, .bar, dotted: true), "dotted: without the trigger")],
      data: table.data,
      how:
        "stages \(compared.joined(separator: " and ")) (\(versions("evaluate"))), keys r1 and r0 with their counts; every seed counts once. For the decoy, R1 is the rate of its harmless switch.",
      summary: summary)
  }
}
