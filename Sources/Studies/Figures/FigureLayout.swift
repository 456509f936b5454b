import Determinism

/// Which points and arms stand in which panel, line and level of a declared figure.
package struct FigureLayout: Equatable, Sendable {
  /// An arm, what a path is set to, or a list of what several are; one, null, where the figure has no panels. In the order of the study
  /// file, as lines and levels are.
  package let panels: [JSON]
  package let lines: [JSON]
  /// What the paths of `over` are set to; one, empty, without them.
  package let levels: [[JSON]]
  package let cells: [Cell]

  package struct Place: Hashable, Sendable {
    package let panel: Int
    package let line: Int
    package let level: Int
    package init(panel: Int, line: Int, level: Int) {
      self.panel = panel
      self.line = line
      self.level = level
    }
  }

  /// The runs of one arm at one point, one for each seed.
  package struct Cell: Equatable, Sendable {
    package let place: Place
    package let arm: String
    package let point: JSON.Object
  }

  /// - Parameter points: of the study; those that the figure does not select are left out, and those that do not
  ///   set what it tells apart.
  package init(_ figure: DeclaredFigure, arms: [String], points: [JSON.Object]) {
    var (panels, lines, levels) = (Distinct(), Distinct(), Distinct())
    var cells: [Cell] = []
    func value(_ facet: DeclaredFigure.Facet?, _ arm: String, _ point: JSON.Object) -> JSON? {
      switch facet {
      case nil: .null
      case .arm: JSON(arm)
      case .paths(let paths):
        paths.count == 1
          ? point[paths[0]]
          : paths.allSatisfy { point[$0] != nil } ? .array(paths.map { point[$0]! }) : nil
      }
    }
    for point in points where figure.where.selects(point: point) {
      let level = figure.over.compactMap { point[$0] }
      guard level.count == figure.over.count else { continue }
      for arm in arms {
        guard let panel = value(figure.panels, arm, point), let line = value(figure.by, arm, point)
        else { continue }
        cells.append(
          Cell(
            place: Place(
              panel: panels.place(of: panel), line: lines.place(of: line),
              level: levels.place(of: .array(level))),
            arm: arm, point: point))
      }
    }
    self.panels = panels.values
    self.lines = lines.values
    self.levels = levels.values.map { $0.array ?? [] }
    self.cells = cells
  }

  /// The cells of each place, in order; more than one where the figure does not tell points or arms apart.
  package var byPlace: [Place: [Cell]] { Dictionary(grouping: cells, by: \.place) }

  /// Whether the levels are numbers, so that there is a way from one to the next.
  package var isOrdered: Bool {
    levels.allSatisfy { level in level.first.map { $0.double != nil } ?? false }
  }
}

/// Values in the order in which they came first.
private struct Distinct {
  private(set) var values: [JSON] = []
  private var known: [String: Int] = [:]

  mutating func place(of value: JSON) -> Int {
    let key = value.comparable.canonicalText
    if let place = known[key] { return place }
    known[key] = values.count
    values.append(value)
    return values.count - 1
  }
}
