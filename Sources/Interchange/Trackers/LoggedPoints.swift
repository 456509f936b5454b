import Determinism
import Records
import Studies

/// Numbers as tools log them: by name, with a step and a time, in any order and as often as it came.
///
/// A series here has one value for a step and rising steps. What that cannot hold (repeated steps, the time
/// of each point) stays in a table of all points, `import/points.csv`, verbatim.
struct LoggedPoints {
  struct Point {
    let step: Int
    /// As the source writes it.
    let time: Int
    let value: Double
  }

  /// A run with more is refused: its record would not fit a line of an archive.
  static let most = 4_000_000

  static let table = "import/points.csv"

  /// What the time of a point is, as the table's heading: `time_ms`.
  let heading: String
  /// The artifact that has all points.
  let kept: String
  private var names: [JSON.Text: Int] = [:]
  private(set) var logs: [(name: String, points: [Point])] = []
  private(set) var count = 0

  /// - Parameter kept: another artifact than the table, where the source has one that holds all points.
  init(heading: String, kept: String = table) {
    self.heading = heading
    self.kept = kept
  }

  mutating func add(_ value: Double, to name: String, at step: Int, time: Int) {
    let key = JSON.Text(name)
    let place: Int
    if let known = names[key] {
      place = known
    } else {
      place = logs.count
      names[key] = place
      logs.append((name: name, points: []))
    }
    logs[place].points.append(Point(step: step, time: time, value: value))
    count += 1
  }

  /// The points as scalars and series. A metric's scalar is its latest value: the largest step, then time,
  /// then value, as MLflow has it. One that was logged once, at step 0, is no series.
  func put(into values: inout RecordedValues, remarks: inout [String]) {
    for (name, unordered) in logs.sorted(by: { JSON.Text($0.name) < JSON.Text($1.name) }) {
      if let problem = ForeignSource.problem(withName: name) {
        remarks.append(
          "metric '\(Wording.shown(name))': a name \(problem); its points are in \(kept) alone"
        )
        continue
      }
      let points = Self.sorted(unordered)
      guard let latest = points.last else { continue }
      if values.scalars.updateValue(latest.value, forKey: name) != nil {
        remarks.append(
          "metric '\(Wording.shown(name))': another name differs in the form of its characters alone; "
            + "of both, all points are in \(kept)")
        continue
      }
      if points.count == 1, latest.step == 0 { continue }
      values.series[name] = series(points, name, &remarks)
    }
  }

  private func series(_ points: [Point], _ name: String, _ remarks: inout [String]) -> Series {
    var series = Series()
    if points.count > 1, points.allSatisfy({ $0.step == points[0].step }) {
      for (index, point) in points.enumerated() { series.append(point.value, at: index) }
      remarks.append("metric '\(Wording.shown(name))': logged without steps; numbered by time")
      return series
    }
    var repeated = 0
    for (index, point) in points.enumerated() {
      // Of one step the last counts.
      if index + 1 < points.count, points[index + 1].step == point.step {
        repeated += 1
        continue
      }
      series.append(point.value, at: point.step)
    }
    if repeated > 0 {
      remarks.append(
        "metric '\(Wording.shown(name))': several values of one step; the latest is in the series, "
          + "all are in \(kept)")
    }
    return series
  }

  /// By step, time, value; NaN before every number.
  private static func sorted(_ points: [Point]) -> [Point] {
    func isOrdered(_ left: Point, _ right: Point) -> Bool {
      if left.step != right.step { return left.step < right.step }
      if left.time != right.time { return left.time < right.time }
      if left.value.isNaN || right.value.isNaN { return left.value.isNaN && !right.value.isNaN }
      return left.value < right.value
    }
    // What a tool wrote in order stays so without the work.
    let isSorted = zip(points, points.dropFirst()).allSatisfy { !isOrdered($1, $0) }
    return isSorted ? points : points.sorted(by: isOrdered)
  }

  /// All points, names sorted, each name's in the order they were read; numbers shortest round-trip.
  var csv: [UInt8] {
    var text = "metric,step,\(heading),value\n"
    for (name, points) in logs.sorted(by: { JSON.Text($0.name) < JSON.Text($1.name) }) {
      let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
      for point in points {
        text += "\(quoted),\(point.step),\(point.time),\(point.value.description)\n"
      }
    }
    return Array(text.utf8)
  }
}
