import Determinism
import Records
import Statistics
import Studies

/// What the event files of one folder tell.
struct TensorBoardRun {
  static let tool = "tensorboard"

  /// TensorBoard's name of it: the folder below the one that was named.
  let name: String
  private(set) var points = LoggedPoints(heading: "time_ns")
  private(set) var hparams = TensorBoardHParams()
  private var precision: Set<String> = []
  private(set) var curves: [JSON.Text: [(step: Int, curve: ROCCurve)]] = [:]
  private var curveCount = 0
  private var lost: [String] = []

  /// Of one run.
  private static let mostCurves = 10_000
  private(set) var remarks: [String] = []
  private var plugins: [JSON.Text: (name: String?, isScalar: Bool)] = [:]
  /// By what they are.
  private var others: [String: Int] = [:]
  /// When its first file was opened: what tells it from another run of its name, however far it went on.
  private var opened: Double?
  private var first: Double?
  private var last: Double?
  private(set) var isCutOff = false

  init(name: String) { self.name = name }

  var isEmpty: Bool {
    points.count == 0 && curves.isEmpty && hparams.config.isEmpty && hparams.state == nil
  }

  // MARK: Reading

  mutating func read(_ file: ByteFile) throws(ForeignProblem) {
    var records = EventRecords(file)
    while let (bytes, offset) = try records.next() {
      do throws(ProtobufReader.Problem) {
        let event = try TensorBoardEvent(bytes)
        if event.time.isFinite {
          opened = opened ?? event.time
          first = min(first ?? event.time, event.time)
          last = max(last ?? event.time, event.time)
        }
        for value in event.values { try take(value, of: event) }
      } catch {
        throw file.problem(
          offset + error.position, error.message,
          hint: "the check sum is right: is it an event file of TensorBoard?")
      }
      guard points.count <= LoggedPoints.most else {
        throw file.problem(offset, "more than \(LoggedPoints.most) points of one run")
      }
    }
    if records.isCutOff { isCutOff = true }
  }

  private mutating func take(
    _ value: TensorBoardEvent.Value, of event: TensorBoardEvent
  ) throws(ProtobufReader.Problem) {
    let tag = JSON.Text(value.tag)
    if value.plugin != nil || value.isScalarClass {
      plugins[tag] = (value.plugin, value.isScalarClass)
    }
    let (plugin, isScalar) = plugins[tag] ?? (nil, false)
    if plugin == "hparams" {
      try hparams.take(value.content)
    } else if let number = value.number {
      precision.insert("float32")
      add(Double(number), value.tag, event)
    } else if plugin == "pr_curves", let bytes = value.tensor {
      if curveCount < Self.mostCurves, let tensor = try TensorBoardTensor(bytes) {
        take(tensor, value.tag, event.step)
      } else {
        others["pr_curves", default: 0] += 1
      }
    } else if plugin == "scalars" || isScalar, let bytes = value.tensor,
      let tensor = try TensorBoardTensor(bytes), tensor.numbers.count == 1
    {
      if tensor.isShort { precision.insert("float32") }
      add(tensor.numbers[0], value.tag, event)
    } else {
      others[value.other ?? plugin ?? "tensor", default: 0] += 1
    }
  }

  private mutating func add(_ number: Double, _ tag: String, _ event: TensorBoardEvent) {
    points.add(number, to: tag, at: event.step, time: ForeignTime.nanoseconds(event.time))
  }

  // MARK: Curves

  /// Rows of a PR curve: at each of n even thresholds from 0 to 1, how many score at least that.
  private mutating func take(_ tensor: TensorBoardTensor, _ tag: String, _ step: Int) {
    curveCount += 1
    func refuse(_ why: String) {
      remarks.append("curve '\(Wording.shown(tag))' at step \(step): \(why); left out")
    }
    let count = tensor.numbers.count / 6
    guard tensor.shape.count == 2, tensor.shape[0] == 6, tensor.shape[1] == count, count > 1,
      tensor.numbers.count == 6 * count
    else { return refuse("its tensor is not of 6 rows") }
    func row(_ index: Int) -> [Int]? {
      let numbers = tensor.numbers[index * count..<(index + 1) * count]
      let counts = numbers.compactMap { number -> Int? in
        // TensorFlow puts 1e-7 for nothing.
        let rounded = number.rounded()
        return (number - rounded).magnitude < 1e-6 ? Int(exactly: rounded) : nil
      }
      return counts.count == count && counts.allSatisfy { $0 >= 0 } ? counts : nil
    }
    guard let tp = row(0), let fp = row(1), let tn = row(2), let fn = row(3) else {
      return refuse("its counts are weighted")
    }
    // Where float32 has every whole number.
    guard (tp + fp + tn + fn).allSatisfy({ $0 <= 1 << 24 }) else {
      return refuse("counts beyond 16,777,216 were rounded in the file")
    }
    var points: [(threshold: Double, tp: Int, fp: Int)] = []
    for index in (0..<count).reversed() {
      let before = points.last.map { ($0.tp, $0.fp) } ?? (0, 0)
      guard (tp[index], fp[index]) != before else { continue }
      points.append((Double(index) / Double(count - 1), tp[index], fp[index]))
    }
    let curve = ROCCurve(
      thresholds: points.map(\.threshold), truePositives: points.map(\.tp),
      falsePositives: points.map(\.fp), positives: tp[0] + fn[0], negatives: fp[0] + tn[0])
    do { try curve.check() } catch { return refuse("\(error)") }
    let loss = "scores of PR curves: sorted into \(count - 1) bins"
    if !lost.contains(loss) { lost.append(loss) }
    curves[JSON.Text(tag), default: []].append((step, curve))
  }

  /// The latest of a tag has its name, an earlier one is `tag@step`.
  private func put(into values: inout RecordedValues, remarks: inout [String]) {
    for (tag, unordered) in curves.sorted(by: { $0.key < $1.key }) {
      let ordered = unordered.enumerated().sorted {
        ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
      }.map(\.element)
      for (index, (step, curve)) in ordered.enumerated() {
        let name = index == ordered.count - 1 ? tag.value : "\(tag.value)@\(step)"
        if let problem = ForeignSource.problem(withName: name) {
          remarks.append("curve '\(Wording.shown(name))': a name \(problem); left out")
        } else if values.curves.updateValue(curve, forKey: name) != nil {
          remarks.append("curve '\(Wording.shown(name))': several of one step; the last one counts")
        }
      }
    }
  }

  // MARK: The run

  func foreignRun(
    slug: String, largestArtifact: Int, folder: String
  ) throws(ForeignProblem) -> ForeignRun {
    var remarks = remarks
    var values = RecordedValues()
    var artifacts = ForeignArtifacts(largest: largestArtifact)
    points.put(into: &values, remarks: &remarks)
    put(into: &values, remarks: &remarks)
    if points.count > 0 {
      artifacts.add(points.csv, as: LoggedPoints.table, mediaType: "text/csv")
    }
    values.artifacts = artifacts.references
    if isCutOff {
      remarks.append(
        "run '\(Wording.shown(name))' ends within a record: what stands before it is imported, as interrupted"
      )
    }
    if !others.isEmpty {
      let counts = others.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
      remarks.append(
        "left out: "
          + counts.map { "\($0.value) × \(Wording.shown($0.key))" }.joined(separator: ", "))
    }
    var source = ForeignSource(tool: Self.tool)
    source.facts["run"] = JSON(name)
    if let opened { source.facts["opened"] = JSON(opened) }
    if let first { source.facts["first_event"] = JSON(first) }
    if let last { source.facts["last_event"] = JSON(last) }
    if !hparams.facts.isEmpty { source.facts["hparams"] = .object(hparams.facts) }
    for what in precision.sorted() { source.lose("precision: \(what)") }
    for what in lost { source.lose(what) }
    if hparams.state == nil { source.lose("whether the run was finished") }
    let record = RegisteredRunRecord(
      slug: slug, name: ForeignSource.problem(withName: name) == nil ? name : "",
      clientID: try ForeignSource.clientID(Self.tool, "\(name)@\(opened ?? 0)", in: folder),
      config: hparams.config,
      tags: [],
      state: isCutOff ? .interrupted : hparams.state ?? .completed, parent: nil, notes: "",
      values: values,
      circumstances: source.circumstances(
        started: ForeignTime.moment(first), finished: ForeignTime.moment(last)))
    return ForeignRun(
      record: record, artifacts: artifacts.bytes, remarks: remarks + artifacts.remarks)
  }
}
