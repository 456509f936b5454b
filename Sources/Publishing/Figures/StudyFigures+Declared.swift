import Determinism
import Rendering
import Statistics
import Studies

extension StudyFigures {
  /// The figures that the study file asks for, in its order; one without any recorded value is left out.
  func declared() -> [DrawnFigure] {
    guard let file = study.file else { return [] }
    return file.figures.compactMap { figure in
      let drawing = DeclaredDrawing(figures: self, file: file, figure: figure)
      switch figure.content {
      case .levels(let quantity, _):
        let labels = drawing.levelLabels
        return drawing.dots(
          drawing.layout.levels.indices.map { index in
            DeclaredDrawing.Category(
              level: drawing.layout.levels[index].first ?? .null, label: labels[index],
              index: index, quantity: quantity)
          }, areOrdered: drawing.layout.isOrdered)
      case .quantities(let quantities):
        return drawing.dots(
          quantities.map {
            DeclaredDrawing.Category(
              level: JSON($0.name), label: $0.name, index: 0, quantity: $0.value)
          }, areOrdered: false)
      case .series(let series): return drawing.lines(of: series)
      case .removal(let reference): return drawing.removal(of: reference)
      }
    }
  }
}

/// A declared figure with the runs that stand in its places.
struct DeclaredDrawing {
  let figures: StudyFigures
  let figure: DeclaredFigure
  let layout: FigureLayout
  private let file: Study
  private let arms: [String]
  private let runs: [FigureLayout.Place: [RunView]]

  init(figures: StudyFigures, file: Study, figure: DeclaredFigure) {
    self.figures = figures
    self.figure = figure
    self.file = file
    arms = figure.arms(of: file)
    layout = FigureLayout(figure, arms: arms, points: file.points)
    let evidence = Dictionary(grouping: figures.study.evidence) {
      $0.arm + "|" + $0.record.run.point.pointKey
    }
    // A place of several points has no one number a seed; checking the study file has said so.
    runs = layout.byPlace.filter { $0.value.count == 1 }.compactMapValues { cells in
      evidence[cells[0].arm + "|" + cells[0].point.pointKey]
    }
  }

  var study: StudyView { figures.study }

  /// Of both phases.
  func runs(_ panel: Int, _ line: Int, level: Int = 0) -> [RunView] {
    runs[FigureLayout.Place(panel: panel, line: line, level: level)] ?? []
  }

  // MARK: Names and looks

  static let styles = [
    Style(.first, .circle), Style(.second, .square), Style(.third, .triangle),
    Style(.fourth, .diamond), Style(.fifth, .cross), Style(.sixth, .circle),
    Style(.seventh, .square),
  ]

  private func name(_ facet: DeclaredFigure.Facet?, _ value: JSON) -> String {
    switch facet {
    case nil: ""
    case .arm: value.string ?? ""
    case .paths(let paths):
      Swift.zip(paths, paths.count == 1 ? [value] : value.array ?? []).map { Words.level($0, $1) }
        .joined(separator: ", ")
    }
  }

  func panelTitle(_ panel: Int) -> String {
    Self.heading(name(figure.panels, layout.panels[panel]))
  }

  /// With a capital, unless it begins with an identifier.
  static func heading(_ text: String) -> String {
    text.unicodeScalars.contains("_") ? text : Words.capitalised(text)
  }

  /// The value of the first path, and as much of the others as tells equal ones apart: `32`, `64 · 2`, `64 · 4`;
  /// `distilled · outburst_repeats 2`.
  var levelLabels: [String] {
    let texts = layout.levels.map { $0.map { Words.value($0) } }
    return layout.levels.indices.map { index in
      let alike = texts.filter { $0[0].utf8.elementsEqual(texts[index][0].utf8) }
      let others = figure.over.indices.dropFirst().filter { path in
        alike.contains { !$0[path].utf8.elementsEqual(texts[index][path].utf8) }
      }
      return
        ([texts[index][0]]
        + others.map { path in
          layout.isOrdered
            ? texts[index][path] : Words.level(figure.over[path], layout.levels[index][path])
        }).joined(separator: " · ")
    }
  }

  /// `d_model`, or `d_model · layers` where one alone does not say which level it is.
  var levelHeading: String {
    let isAmbiguous =
      Set(layout.levels.map { Words.value($0.first ?? .null) }).count
      < layout.levels.count
    return figure.over.prefix(isAmbiguous ? figure.over.count : 1).map(Words.setting)
      .joined(separator: " · ")
  }

  func lineLabel(_ line: Int) -> String { name(figure.by, layout.lines[line]) }

  /// A value keeps its look in all figures of the study.
  func style(_ panel: Int, _ line: Int) -> Style {
    switch figure.by {
    case .arm: return Words.style(arm: layout.lines[line].string ?? "")
    case .paths(let paths):
      let all = PointValues(paths[0], file.points)
      let index =
        paths.count == 1 && all.count <= Self.styles.count
        ? all.place(of: layout.lines[line]) : nil
      return Self.styles[(index ?? line) % Self.styles.count]
    case nil:
      let arm = figure.panels == .arm ? layout.panels[panel].string : arms.first
      return Words.style(arm: arm ?? "")
    }
  }

  /// For a drawing; the data has it whole.
  static func shortened(_ text: String, to limit: Int) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > limit else { return text }
    return String(String.UnicodeScalarView(scalars.prefix(limit - 1))) + "…"
  }

  // MARK: Data and words

  /// Columns for what tells the rows apart.
  var keys: [(name: String, title: String)] {
    [("panel", figure.panels), ("line", figure.by)].compactMap { name, facet in
      facet.map { (name, Self.heading(words($0))) }
    }
  }

  private func words(_ facet: DeclaredFigure.Facet) -> String {
    switch facet {
    case .arm: "arm"
    case .paths(let paths): paths.map(Words.setting).joined(separator: ", ")
    }
  }

  func cells(_ panel: Int, _ line: Int) -> [CSV.Cell] {
    var cells: [CSV.Cell] = []
    for (facet, value) in [(figure.panels, layout.panels[panel]), (figure.by, layout.lines[line])] {
      guard let facet else { continue }
      cells.append(value.array == nil ? Self.cell(value) : .text(name(facet, value)))
    }
    return cells
  }

  static func cell(_ value: JSON) -> CSV.Cell {
    if let integer = value.int { return .integer(integer) }
    if case .double(let bits) = value { return .number(bits.value) }
    return .text(Words.value(value))
  }

  /// What is drawn, and of which runs.
  func unit(_ label: String) -> String {
    var parts = [label]
    if !figure.showsArms { parts.append(arms.joined(separator: ", ")) }
    parts += figure.where.members.map {
      Words.setting($0.key.value) + " " + Words.value($0.value)
    }
    return parts.filter { !$0.isEmpty }.joined(separator: " · ")
  }

  /// `evaluate@1` of the stages that the values come from.
  func how(_ values: String) -> String {
    let stages = Set(figure.references.map(\.stage)).sorted()
    let procedures = study.evidence.flatMap(\.stages).filter { stages.contains($0.name) }
      .compactMap(\.record).map { "\($0.step.kind)@\($0.step.version)" }
    return "declared in the study file: \(values), stage\(stages.count == 1 ? "" : "s") "
      + "\(stages.joined(separator: ", ")) (\(Set(procedures).sorted().joined(separator: ", ")))."
  }

  /// Room for the labels of an axis, at the left.
  static func room(for axis: Axis) -> Double {
    let longest = axis.ticks.map { $0.label.unicodeScalars.count }.max() ?? 0
    return max(38, 12 + 6.6 * Double(longest))
  }

  /// The axis of numbers, one for all panels.
  func axis(_ label: String, _ values: [Double], areShares: Bool) -> Axis {
    guard let range = figure.y.range else {
      return areShares ? .rate(label) : .covering(values, label)
    }
    if range == 0...1 { return .rate(label) }
    let ticks = Axis.covering([range.lowerBound, range.upperBound], label).ticks
    return Axis(
      label, from: range.lowerBound, to: range.upperBound,
      ticks: ticks.filter { range.contains($0.value) })
  }

  /// Runs without a number, and numbers that the axis does not reach, said below the title.
  static func remarks(missing: Int, beyond: Int) -> String {
    (missing > 0 ? " · \(Words.plural(missing, "run")) without the value left out" : "")
      + (beyond > 0
        ? " · \(Words.plural(beyond, "number")) beyond the axis, drawn at its edge" : "")
  }

  func finished(
    _ panels: [Figure.Panel], subtitle: String, legend: [(style: Style, label: String)],
    data: DrawnData, how: String
  ) -> DrawnFigure {
    var data = data
    let caption = data.abridge()
    return figures.finished(
      figure.id, anchor: study.anchor(ofFigure: figure.id), title: figure.title,
      subtitle: subtitle, panels: panels, legend: legend, data: data, how: how,
      tableCaption: caption)
  }

  func panel(
    _ index: Int, description: String, _ chart: @escaping @Sendable (_ width: Double) -> any Chart
  ) -> Figure.Panel {
    let title = panelTitle(index)
    return Figure.Panel(
      title: title, id: "panel-\(figure.id)-\(index + 1)",
      name: [figure.title, title].filter { !$0.isEmpty }.joined(separator: ". "),
      description: description, chart)
  }
}

/// The values of a path over a study's points, in their order.
private struct PointValues {
  private var keys: [String] = []
  private let path: String

  init(_ path: String, _ points: [JSON.Object]) {
    self.path = path
    for point in points {
      guard let value = point[path], place(of: value) == nil else { continue }
      keys.append(key(value))
    }
  }

  var count: Int { keys.count }
  func place(of value: JSON) -> Int? { keys.firstIndex(of: key(value)) }
  private func key(_ value: JSON) -> String { JSON.Object([(path, value)]).pointKey }
}
