import Determinism

extension Study {
  package static let maximumPoints = 10_000

  /// How many points there are, or nil when more than that.
  package var pointCount: Int? {
    var count = max(1, zip.count)
    for values in sweep.values {
      count = count.multipliedReportingOverflow(by: values.count).partialValue
      guard (0...Self.maximumPoints).contains(count) else { return nil }
    }
    return count
  }

  /// Every point as the file writes it: each element of `zip` crossed with the product of the sweep, paths in
  /// sorted order, values in the order of the file. At least one, which may be empty.
  package var points: [JSON.Object] {
    var points = zip.isEmpty ? [JSON.Object()] : zip
    for path in sweep.keys.sorted() {
      points = points.flatMap { point in
        sweep[path]!.map { value in
          var point = point
          point[path] = value
          return point
        }
      }
    }
    return points
  }
}

/// The points that a prediction's own runs are at, by level.
package struct PredictionLayout: Equatable, Sendable {
  /// What the paths of `over` are set to, in the order in which the points come; one, empty, without `over`.
  package private(set) var levels: [[JSON]] = []
  /// In the order of levels.
  package private(set) var cells: [Cell] = []

  package struct Cell: Equatable, Sendable {
    /// Index into `levels`.
    package let level: Int
    package let point: JSON.Object
  }

  /// How many points each level has: one, or those that the other paths make of a factorial.
  package var cellsPerLevel: [Int] {
    levels.indices.map { level in cells.count { $0.level == level } }
  }

  /// - Parameter points: of a study, or of runs; those that the prediction does not select are left out, and a
  ///   repeated one counts once.
  package init(_ prediction: Prediction, points: [JSON.Object]) {
    for point in points where prediction.selects(point: point) {
      guard !cells.contains(where: { $0.point.isSamePoint(as: point) }) else { continue }
      let values = prediction.over.map { point[$0] ?? .null }
      let known = levels.firstIndex { level in
        Swift.zip(level, values).allSatisfy { $0.isSameValue(as: $1) }
      }
      if known == nil { levels.append(values) }
      cells.append(Cell(level: known ?? levels.count - 1, point: point))
    }
    cells = levels.indices.flatMap { level in cells.filter { $0.level == level } }
  }
}

extension JSON.Object {
  /// Whether both set the same paths to the same values.
  package func isSamePoint(as other: JSON.Object) -> Bool {
    let own = members
    return own.count == other.members.count
      && own.allSatisfy { other[$0.key.value]?.isSameValue(as: $0.value) ?? false }
  }
}
