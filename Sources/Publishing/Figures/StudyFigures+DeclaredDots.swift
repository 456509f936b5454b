import Determinism
import Rendering
import Statistics
import Studies

extension DeclaredDrawing {
  /// A place on the axis that is not of numbers: a level, or a named statistic.
  struct Category {
    let level: JSON
    /// Different from those of the others.
    let label: String
    /// In the layout.
    let index: Int
    let quantity: RunQuantity
  }

  private struct Dot {
    let panel: Int
    let line: Int
    let category: Int
    let sample: Sample
  }

  /// Estimates over seeds with their intervals: over levels that are numbers on lines, else in rows.
  func dots(_ categories: [Category], areOrdered: Bool) -> DrawnFigure? {
    var dots: [Dot] = []
    var missing = 0
    for panel in layout.panels.indices {
      for line in layout.lines.indices {
        for (index, category) in categories.enumerated() {
          let runs = runs(panel, line, level: category.index)
          missing += runs.count { isMissing(category.quantity, in: $0) }
          guard let sample = Sample(runs, phase: study.phase, category.quantity) else { continue }
          dots.append(Dot(panel: panel, line: line, category: index, sample: sample))
        }
      }
    }
    guard !dots.isEmpty else { return nil }
    var table = SampleTable(
      keys: keys + [
        figure.over.isEmpty
          ? ("statistic", "Statistic") : ("level", Self.heading(levelHeading))
      ])
    var notes = SampleNotes()
    for dot in dots {
      notes.add(dot.sample)
      table.append(
        cells(dot.panel, dot.line) + [cell(categories[dot.category])], dot.sample)
    }
    let texts = Set(categories.map(\.quantity.text)).sorted()
    let label = figure.y.label ?? (texts.count == 1 ? texts[0] : "")
    let axis = axis(
      label, dots.flatMap { Self.extent($0.sample) },
      areShares: categories.allSatisfy { isShare($0.quantity) })
    let beyond = dots.count {
      !(axis.lower...axis.upper).contains($0.sample.estimate.value)
    }
    let isLabelled = areOrdered && hasDirectLabels
    let panels = Set(dots.map(\.panel)).sorted().map { index -> Figure.Panel in
      let own = dots.filter { $0.panel == index }
      return panel(index, description: description(own, categories)) { width in
        if areOrdered { return linePanel(own, categories, axis, width: width) }
        return forestPanel(own, categories, axis).laidOut(width)
      }
    }
    let legend =
      layout.lines.count > 1 && areOrdered && !isLabelled
      ? Set(dots.map(\.line)).sorted().map { (style: style(0, $0), label: lineLabel($0)) } : []
    return finished(
      panels,
      subtitle: notes.text(study, unit: unit(label))
        + Self.remarks(missing: missing, beyond: beyond),
      legend: legend, data: table.data,
      how: how(
        texts.count == 1
          ? "\(texts[0]) of each run" : "statistics of each run: \(texts.joined(separator: "; "))"))
  }

  /// Whether a run performed the stages and has no number all the same.
  private func isMissing(_ quantity: RunQuantity, in run: RunView) -> Bool {
    run.phase == study.phase
      && quantity.references.allSatisfy { run.stage($0.stage) != nil }
      && (try? quantity.perRun(run.values)) == nil
  }

  /// A share of seeds, a rate with its counts, or what its name says to be a share.
  private func isShare(_ quantity: RunQuantity) -> Bool {
    quantity.expression.isShareByName
      || study.evidence.contains { run in
        switch try? quantity.perRun(run.values) {
        case .rate, .passed: true
        default: false
        }
      }
  }

  private static func extent(_ sample: Sample) -> [Double] {
    let estimate = sample.estimate
    return [estimate.value] + (estimate.hasInterval ? [estimate.lower, estimate.upper] : [])
      + sample.seeds.map(\.value) + sample.others.map(\.value)
  }

  private func description(_ dots: [Dot], _ categories: [Category]) -> String {
    dots.map { dot in
      let place = [lineLabel(dot.line), categories[dot.category].label].filter { !$0.isEmpty }
      return place.joined(separator: ", ") + ": " + dot.sample.text
    }.joined(separator: "; ")
  }

  /// The level as it is, where that says which one it is.
  private func cell(_ category: Category) -> CSV.Cell {
    category.label.utf8.elementsEqual(Words.value(category.level).utf8)
      ? Self.cell(category.level) : .text(category.label)
  }

  // MARK: Lines

  /// Names at the ends of their lines.
  private var hasDirectLabels: Bool { Self.haveShortNames(layout.lines.indices.map(lineLabel)) }

  private func linePanel(
    _ dots: [Dot], _ categories: [Category], _ axis: Axis, width whole: Double
  ) -> LinePanel {
    let numbers = categories.map { $0.level.double ?? .nan }
    let label = figure.x.label ?? levelHeading
    let places =
      figure.x.isLogarithmic ? numbers : categories.indices.map(Double.init)
    let left = Self.room(for: axis)
    // Of a panel without labels at its right; with them more labels of x are left out than need be.
    let width = whole - left - (hasDirectLabels ? 80 : 14)
    var panel = LinePanel(
      x: figure.x.isLogarithmic
        ? Self.logarithmic(label, categories.map(\.label), numbers, width: width)
        : Self.ranks(label, categories.map(\.label), width: width), y: axis)
    panel.width = whole
    panel.left = left
    panel.hasDirectLabels = hasDirectLabels
    let count = layout.lines.count
    let gap = min(9, 0.6 * width / Double(max(categories.count, 1) * max(count, 1)))
    for line in layout.lines.indices {
      let own = dots.filter { $0.line == line }.sorted { places[$0.category] < places[$1.category] }
      guard let first = own.first else { continue }
      func points(_ values: (Sample) -> [Double]) -> [Point] {
        own.flatMap { dot in values(dot.sample).map { Point(places[dot.category], $0) } }
      }
      var drawn = LinePanel.Line(
        lineLabel(line), points { [$0.estimate.value] }, style(first.panel, line),
        intervals: own.map { ($0.sample.estimate.lower, $0.sample.estimate.upper) }, markers: true)
      drawn.seeds = points { $0.seeds.map(\.value) }
      drawn.otherSeeds = points { $0.others.map(\.value) }
      drawn.shift = (Double(line) - Double(count - 1) / 2) * gap
      drawn.isThin = true
      panel.lines.append(drawn)
    }
    return panel
  }

  /// Levels in their order; where there is no room for every label, only some have one.
  private static func ranks(_ label: String, _ names: [String], width: Double) -> Axis {
    let all = Axis.places(names, label)
    let longest = names.map { $0.unicodeScalars.count }.max() ?? 0
    let room = width / Double(max(names.count, 1))
    let every = max(1, Int(((6.8 * Double(longest) + 8) / room).rounded(.up)))
    return Axis(
      label, from: all.lower, to: all.upper,
      ticks: all.ticks.enumerated().filter { $0.offset.isMultiple(of: every) }.map(\.element),
      named: true)
  }

  /// Positive numbers, with a label at each that has room.
  private static func logarithmic(
    _ label: String, _ names: [String], _ numbers: [Double], width: Double
  ) -> Axis {
    let logs = numbers.map { $0 > 0 ? Elementary.log($0) : .nan }.filter(\.isFinite)
    let (low, high) = (logs.min() ?? 0, logs.max() ?? 1)
    let margin = max(0.12 * (high - low), 0.05)
    var ticks: [Axis.Tick] = []
    var last = -Double.infinity
    for (number, name) in zip(numbers, names).sorted(by: { $0.0 < $1.0 }) where number > 0 {
      let at = width * (Elementary.log(number) - low + margin) / (high - low + 2 * margin)
      let half = 3.4 * Double(name.unicodeScalars.count) + 4
      guard at - half >= last else { continue }
      ticks.append(Axis.Tick(number, name))
      last = at + half
    }
    return Axis(
      label, from: Elementary.exp(low - margin), to: Elementary.exp(high + margin), ticks: ticks,
      transform: Elementary.log)
  }

  // MARK: Rows

  private func forestPanel(_ dots: [Dot], _ categories: [Category], _ axis: Axis) -> ForestPanel {
    // Lines of a category stand below its name; where there are none the category is the row.
    let hasLines = layout.lines.count > 1
    let rows = categories.indices.flatMap { category in
      let label = categories[category].label
      return dots.filter { $0.category == category }.enumerated().map { place, dot in
        let estimate = dot.sample.estimate
        var row = ForestPanel.Row(
          Self.shortened(hasLines ? lineLabel(dot.line) : label, to: 32), text: dot.sample.text,
          value: estimate.value, lower: estimate.lower, upper: estimate.upper,
          seeds: dot.sample.seeds.map(\.value), otherSeeds: dot.sample.others.map(\.value),
          style: style(dot.panel, dot.line))
        if hasLines, place == 0 { row.heading = Self.shortened(label, to: 50) }
        return row
      }
    }
    return ForestPanel(rows: rows, x: axis)
  }
}
