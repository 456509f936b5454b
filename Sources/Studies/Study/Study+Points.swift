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
  package let cells: [Cell]

  package struct Cell: Equatable, Sendable {
    /// Index into `levels`.
    package let level: Int
    package let point: JSON.Object
  }

  /// How many points each level has: one, or those that the other paths make of a factorial.
  package let cellsPerLevel: [Int]

  /// - Parameter points: of a study, or of runs; those that the prediction does not select are left out, and a
  ///   repeated one counts once.
  package init(_ prediction: Prediction, points: [JSON.Object]) {
    var byLevel: [[Cell]] = []
    var known: [String: Int] = [:]
    var seen: Set<String> = []
    for point in points where prediction.selects(point: point) {
      guard seen.insert(point.pointKey).inserted else { continue }
      let values = prediction.over.map { point[$0] ?? .null }
      let key = JSON.array(values.map(\.comparable)).canonicalText
      let level = known[key] ?? levels.count
      if level == levels.count {
        known[key] = level
        levels.append(values)
        byLevel.append([])
      }
      byLevel[level].append(Cell(level: level, point: point))
    }
    cells = byLevel.flatMap { $0 }
    cellsPerLevel = byLevel.map(\.count)
  }
}

extension JSON {
  /// Numbers as doubles, so that values that are the same have the same text.
  var comparable: JSON {
    if let array { return .array(array.map(\.comparable)) }
    return double.map { JSON($0) } ?? self
  }
}

extension JSON.Object {
  /// Whether a point is among those that a `where` selects. Paths that the point does not have are settings
  /// common to all points: reading the study has checked them.
  package func selects(point: JSON.Object) -> Bool {
    members.allSatisfy { point[$0.key.value]?.isSameValue(as: $0.value) ?? true }
  }

  /// Equal for points that set the same paths to the same values.
  package var pointKey: String {
    JSON.object(JSON.Object(members.map { ($0.key.value, $0.value.comparable) })).canonicalText
  }
}
