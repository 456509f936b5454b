import Determinism
import Records
import Studies

/// Rows of values as tools log them: a step, a time, and values by name, nested or not. Numbers become points;
/// what is none is kept as it is, row by row.
struct LoggedRows {
  /// What is no number.
  static let rest = "import/history.jsonl"
  /// Bytes of it.
  private static let longestRest = 64 << 20

  private(set) var points = LoggedPoints(heading: "time_ns")
  private(set) var lost: Set<String> = []
  private var others: [UInt8] = []
  private var otherNames: Set<JSON.Text> = []
  private var isWhole = true

  /// - Parameter time: nanoseconds since 1970.
  mutating func take(_ row: [(name: String, value: JSON)], at step: Int, time: Int) {
    var rest = JSON.Object()
    for (name, value) in row {
      for (name, value) in Self.leaves(value, name) {
        if let number = number(value) {
          points.add(number, to: name, at: step, time: time)
        } else {
          rest[name] = value
          otherNames.insert(JSON.Text(name))
        }
      }
    }
    guard !rest.isEmpty else { return }
    guard others.count <= Self.longestRest else {
      isWhole = false
      return
    }
    rest["_step"] = JSON(step)
    others += JSON.object(rest).canonicalBytes
    others.append(0x0A)
  }

  /// The number that a value is; a whole one that no double holds becomes the nearest, and that is noted.
  mutating func number(_ value: JSON) -> Double? {
    if let double = value.double { return double }
    guard case .integer(let integer) = value, let nearest = Double(integer.digits) else {
      return nil
    }
    lost.insert("whole numbers beyond 2^53: the nearest doubles")
    return nearest
  }

  /// The values in a mapping by names joined with points; media are mappings with a type, and one value.
  static func leaves(_ value: JSON, _ name: String) -> [(name: String, value: JSON)] {
    guard let object = value.object, !object.isEmpty, object["_type"] == nil else {
      return [(name, value)]
    }
    return object.members.flatMap { leaves($0.value, "\(name).\($0.key.value)") }
  }

  func put(
    into values: inout RecordedValues, _ artifacts: inout ForeignArtifacts,
    remarks: inout [String]
  ) {
    points.put(into: &values, remarks: &remarks)
    if points.count > 0 {
      artifacts.add(points.csv, as: LoggedPoints.table, mediaType: "text/csv")
    }
    guard !others.isEmpty else { return }
    artifacts.add(others, as: Self.rest, mediaType: "application/jsonl")
    let names = otherNames.sorted().prefix(20).map { Wording.shown($0.value) }
    remarks.append(
      "history that is no number is kept in \(Self.rest): \(names.joined(separator: ", "))")
    if !isWhole { remarks.append("of it, only the first \(Self.longestRest >> 20) MiB are kept") }
  }
}
