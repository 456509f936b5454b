import Determinism
import Records
import Studies

/// A folder of the file store that has a file for each key; a slash in a key makes folders.
struct MLflowKeys {
  /// Keys of one run; more are refused.
  static let most = 100_000
  private static let largest = 16 << 20
  private static let mostLevels = 64

  private let folder: String

  init(_ run: String, _ kind: String) { folder = "\(run)/\(kind)" }

  /// Key and path, sorted by key. Links are not followed, and refused.
  func files() throws(ForeignProblem) -> [(key: String, file: String)] {
    var found: [(key: String, file: String)] = []
    var left: [(key: String, level: Int)] = [(key: "", level: 0)]
    while let (prefix, level) = left.popLast() {
      let place = prefix.isEmpty ? folder : "\(folder)/\(prefix)"
      for name in Path.names(in: place) {
        let key = prefix.isEmpty ? name : "\(prefix)/\(name)"
        let path = "\(folder)/\(key)"
        if Path.isRealFolder(path) {
          guard level < Self.mostLevels else {
            throw ForeignProblem(path, "folders deeper than \(Self.mostLevels) levels")
          }
          left.append((key: key, level: level + 1))
        } else {
          found.append((key: key, file: path))
        }
        guard found.count <= Self.most else {
          throw ForeignProblem(folder, "more than \(Self.most) keys of one run")
        }
      }
    }
    return found.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
  }

  /// Keys with the whole of their files.
  func texts() throws(ForeignProblem) -> [(key: String, value: String)] {
    var texts: [(key: String, value: String)] = []
    for (key, file) in try files() {
      let bytes = try ForeignFile.demand(file, atMost: Self.largest)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ForeignProblem(file, "is not valid UTF-8")
      }
      texts.append((key: key, value: text))
    }
    return texts
  }
}

/// A metric of the file store: a line for each point, `time value step`, with two more fields where it was
/// logged against a data set, and without a step in the oldest versions.
struct MLflowMetricFile {
  private static let largest = 1 << 30
  private static let longestLine = 4096

  let file: String
  let key: String

  func read(into run: inout MLflowRun) throws(ForeignProblem) {
    let bytes = try ForeignFile.demand(file, atMost: Self.largest)
    var number = 0
    var start = 0
    while start < bytes.count {
      number += 1
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      defer { start = end + 1 }
      guard end - start <= Self.longestLine else {
        throw problem(number, "has \(end - start) bytes", "'time value step' is expected")
      }
      let fields = bytes[start..<end].split { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
      if fields.isEmpty { continue }
      let point = point(fields)
      // MLflow ends every line. A writer that was killed leaves half of one, which may look like a whole
      // one: `12` of step 120.
      if end == bytes.count, number > 1 || point != nil {
        run.remarks.append(
          "metric '\(Wording.shown(key))': its last line is cut off and was left out")
        return
      }
      guard let point else {
        throw problem(
          number,
          "'\(Wording.shown(String(decoding: bytes[start..<end], as: UTF8.self)))' is no point",
          "'time value step' is expected")
      }
      guard run.points.count < LoggedPoints.most else {
        throw problem(number, "more than \(LoggedPoints.most) points of one run", nil)
      }
      run.points.add(point.value, to: key, at: point.step, time: point.time)
      if fields.count == 2, !run.lost.contains(Self.noSteps) { run.lost.append(Self.noSteps) }
      if fields.count >= 5 {
        let name = Array(fields[3..<fields.count - 1].joined(separator: [0x20]))
        run.metricDatasets.append(
          (
            metric: key,
            dataset: String(decoding: name, as: UTF8.self) + "@"
              + String(decoding: fields[fields.count - 1], as: UTF8.self)
          ))
      }
    }
  }

  private static let noSteps = "steps (an early version of MLflow wrote none)"

  private func problem(_ line: Int, _ message: String, _ hint: String?) -> ForeignProblem {
    ForeignProblem(file, at: .line(line), message, hint: hint)
  }

  private func point(_ fields: [ArraySlice<UInt8>]) -> LoggedPoints.Point? {
    guard [2, 3].contains(fields.count) || fields.count >= 5,
      let time = Int(String(decoding: fields[0], as: UTF8.self)),
      let value = DataTable.Cell.text(String(decoding: fields[1], as: UTF8.self)).number
    else { return nil }
    guard fields.count > 2 else { return LoggedPoints.Point(step: 0, time: time, value: value) }
    guard let step = Int(String(decoding: fields[2], as: UTF8.self)) else { return nil }
    return LoggedPoints.Point(step: step, time: time, value: value)
  }
}
