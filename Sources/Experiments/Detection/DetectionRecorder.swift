import Determinism
import Probing
import Statistics
import Studies
import Transformers

/// Turns scores into recorded values: `<detector>/<position>/<layer>/<set>/<statistic>`, the layer being `L3`,
/// `primary`, or `all` for what has none.
struct DetectionRecorder {
  struct Place {
    let position: String
    let layer: Int
    let isPrimary: Bool
    var name: String { "\(position)/L\(layer)" }
  }

  private let examples: DetectionExamples
  private let settings: DetectionPlan.Settings
  private let seed: UInt64
  private(set) var scalars: [String: Double] = [:]
  private(set) var curves: [String: ROCCurve] = [:]
  private(set) var notChecked: [(what: String, why: String)] = []
  private var scores: [(name: String, shape: [Int], values: ArraySlice<Float>)] = []
  private var directions: [(name: String, shape: [Int], values: ArraySlice<Float>)] = []

  /// Below so many controls the threshold is simply their maximum.
  static let fewestControls = 100
  static let mostSets = 64
  /// Below so many different controls nothing is said of a false positive in a thousand.
  static let fewestForRare = 10_000

  init(_ examples: DetectionExamples, settings: DetectionPlan.Settings, seed: Int) {
    self.examples = examples
    self.settings = settings
    self.seed = UInt64(bitPattern: Int64(seed))
  }

  /// Once for each.
  mutating func leaveOut(_ what: String, _ why: String) {
    if !notChecked.contains(where: { $0.what == what }) { notChecked.append((what, why)) }
  }

  mutating func keep(_ vector: [Double], of detector: String, at place: Place) {
    directions.append(
      ("\(detector)/\(place.name)", [vector.count], vector.map { Float($0) }[...]))
  }

  // MARK: Detectors

  /// - Parameters:
  ///   - tested: of the test examples, positives first.
  ///   - nulls: at this layer.
  mutating func record(
    _ detector: String, at place: Place, calibration: [Double], tested: [Double],
    nulls: [(DirectionNull.Kind, NullDistribution)]
  ) throws {
    let tested = tested.map { Double(Float($0)) }
    guard tested.allSatisfy(\.isFinite), calibration.allSatisfy(\.isFinite) else {
      leaveOut("\(detector) at \(place.position) L\(place.layer)", "its scores are not finite")
      return
    }
    let (positives, negatives) = split(tested)
    let curve = try ROCCurve(positives: positives, negatives: negatives)
    let stem = "\(detector)/\(place.name)/test/"
    scalars[stem + "auroc"] = curve.auroc
    scalars[stem + "dprime"] = try dPrime(positives: positives, negatives: negatives)
    for (kind, null) in nulls {
      scalars[stem + "percentile.\(kind.rawValue)"] = null.share(below: curve.auroc)
    }
    guard place.isPrimary else { return }
    scores.append(
      ("\(detector)/\(place.position)", [tested.count], tested.map { Float($0) }[...]))
    let full = "\(detector)/\(place.position)/primary/"
    curves[full + "test"] = curve.corners
    try recordArea(curve, tested, as: full + "test/")
    scalars[full + "test/dprime"] = scalars[stem + "dprime"]
    try recordOperatingPoint(
      full, positives: positives, tested: tested,
      calibration: calibration.map { Double(Float($0)) })
    try recordSets(full, tested)
  }

  private func split(_ tested: [Double]) -> (positives: [Double], negatives: [Double]) {
    (Array(tested[..<examples.testPositives]), Array(tested[examples.testPositives...]))
  }

  private func isPositive(_ place: Int) -> Bool { place < examples.testPositives }

  private mutating func recordArea(_ curve: ROCCurve, _ tested: [Double], as stem: String) throws {
    scalars[stem + "auroc"] = curve.auroc
    let delong = curve.delong()
    scalars[stem + "auroc.delong.lower"] = delong.lower
    scalars[stem + "auroc.delong.upper"] = delong.upper
    guard settings.bootstrap > 0 else { return }
    let bootstrap = try Estimate.auroc(
      scores: tested, labels: tested.indices.map(isPositive), units: examples.units,
      replicates: settings.bootstrap, seed: seed, name: "detection-bootstrap")
    scalars[stem + "auroc.bootstrap.lower"] = bootstrap.lower
    scalars[stem + "auroc.bootstrap.upper"] = bootstrap.upper
  }

  /// Recall and realised false-positive rates at the threshold that flags at most 1% of the controls of role
  /// calibrate, and nothing else decided.
  private mutating func recordOperatingPoint(
    _ stem: String, positives: [Double], tested: [Double], calibration: [Double]
  ) throws {
    guard !calibration.isEmpty else { return }
    let threshold = try Threshold(controls: calibration, falsePositiveRate: 0.01)
    scalars[stem + "threshold"] = threshold.value
    scalars[stem + "test/tpr-at-1pct"] = try threshold.flagged(of: positives).value
    scalars[stem + "test/fpr-realised"] = try threshold.flagged(of: split(tested).negatives).value
    var sets: [String: [Double]] = [:]
    for (name, places) in examples.members(of: \.dataset).prefix(Self.mostSets) {
      let negatives = places.filter { !isPositive($0) }.map { tested[$0] }
      guard !negatives.isEmpty else { continue }
      sets[name] = negatives
      scalars[stem + "dataset=\(name)/fpr-realised"] = try threshold.flagged(of: negatives).value
    }
    if let worst = try threshold.worstDataset(of: sets) {
      scalars[stem + "worst-fpr"] = worst.rate.value
    }
    let benign = tested.indices.filter { !isPositive($0) && examples.row($0).trigger == true }
    if examples.outcome == .defected, !benign.isEmpty {
      scalars[stem + "triggered-benign/fpr-realised"] =
        try threshold.flagged(of: benign.map { tested[$0] }).value
    }
  }

  /// Recall at the threshold that flags at most 0.1% of enough different controls.
  ///
  /// - Parameter controls: of rows that are not tested, each once.
  mutating func record(
    rare detector: String, at place: Place, controls: [Double], _ tested: [Double]
  ) throws {
    guard controls.count >= Self.fewestForRare else {
      leaveOut(
        "0.1% false positives",
        "\(controls.count) different controls of role calibrate that are not tested, \(Self.fewestForRare) "
          + "are needed")
      return
    }
    let scores = (controls + tested).map { Double(Float($0)) }
    guard scores.allSatisfy(\.isFinite) else { return }
    let threshold = try Threshold(
      controls: Array(scores[..<controls.count]), falsePositiveRate: 0.001)
    let positives = scores[controls.count...].prefix(examples.testPositives)
    scalars["\(detector)/\(place.position)/primary/test/tpr-at-0.1pct"] =
      try threshold.flagged(of: Array(positives)).value
  }

  /// What the scores are worth as probabilities, which are fitted without a test example.
  mutating func record(
    probabilitiesOf detector: String, at place: Place, _ tested: [Double], prevalence: Double,
    fit: () throws(DetectionProbabilities.Undefined) -> DetectionProbabilities
  ) throws {
    let scores = tested.map { Double(Float($0)) }
    guard scores.allSatisfy(\.isFinite) else { return }
    do throws(DetectionProbabilities.Undefined) {
      let probabilities = try fit()
      let labels = scores.indices.map(isPositive)
      let stem = "\(detector)/\(place.position)/primary/test/"
      do throws(StatisticsError) {
        scalars[stem + "ece"] = try probabilities.error(of: scores, labels: labels)
        let score = try probabilities.logScore(of: scores, labels: labels, prevalence: prevalence)
        guard score.isFinite else {
          throw .malformed("it was certain of what was not so")
        }
        scalars[stem + "log-score"] = score
      } catch {
        throw DetectionProbabilities.Undefined(what: "log-score of \(detector)", why: "\(error)")
      }
    } catch { leaveOut(error.what, error.why) }
  }

  /// Each data set and group that has both classes on its own, and the worst of them.
  private mutating func recordSets(_ stem: String, _ tested: [Double]) throws {
    let columns: [(String, (ExampleTable.Row) -> String?)] = [
      ("dataset", { $0.dataset }), ("group", { $0.group }),
    ]
    for (column, value) in columns {
      var areas: [Double] = []
      for (name, places) in examples.members(of: value).prefix(Self.mostSets) {
        let positives = places.filter(isPositive).map { tested[$0] }
        let negatives = places.filter { !isPositive($0) }.map { tested[$0] }
        guard !positives.isEmpty, !negatives.isEmpty else { continue }
        let area = try ROCCurve(positives: positives, negatives: negatives).auroc
        areas.append(area)
        scalars[stem + "\(column)=\(name)/auroc"] = area
      }
      if let worst = areas.min() { scalars[stem + "worst-\(column)/auroc"] = worst }
    }
  }

  // MARK: Controls

  mutating func record(
    _ null: NullDistribution, _ kind: DirectionNull.Kind, at place: Place
  ) throws {
    let stem = "random-\(kind.rawValue)/\(place.name)/test/auroc."
    scalars[stem + "p50"] = try null.quantile(0.5)
    scalars[stem + "p95"] = try null.quantile(0.95)
    scalars[stem + "max"] = null.maximum
  }

  /// Scores that need no activations. Positive as they come: a control has no sign fixed by a contrast, so look
  /// at its distance from one half.
  mutating func recordControls(_ table: ExampleTable, position: String) throws {
    let rows = examples.scored.map { table.rows[$0] }
    let lengths = rows.compactMap(\.tokens)
    if lengths.count == rows.count {
      try record(control: "length", lengths, position)
    } else {
      leaveOut(
        "length",
        lengths.isEmpty
          ? "no column n_tokens" : "\(rows.count - lengths.count) test rows without n_tokens")
    }
    let texts = rows.compactMap(\.text)
    // The skyline's rows where there are some, so that it is told as much; else the contrast's.
    let isTold = min(examples.outcomePositive.count, examples.outcomeNegative.count) > 0
    let fit = [
      isTold ? examples.outcomePositive : examples.contrastPositive,
      isTold ? examples.outcomeNegative : examples.contrastNegative,
    ].map { $0.compactMap { table.rows[$0].text } }
    if texts.count == rows.count, !fit[0].isEmpty, !fit[1].isEmpty {
      let bag = WordBag(positive: fit[0], negative: fit[1])
      try record(control: "lexical", texts.map(bag.score), position)
    } else {
      leaveOut("lexical", texts.isEmpty ? "no column text" : "rows without text")
    }
  }

  private mutating func record(control: String, _ scores: [Double], _ position: String) throws {
    let (positives, negatives) = split(scores)
    let curve = try ROCCurve(positives: positives, negatives: negatives)
    let stem = "\(control)/\(position)/all/test"
    curves[stem] = curve.corners
    try recordArea(curve, scores, as: stem + "/")
  }

  /// Every control that this table cannot have.
  mutating func noteWhatIsMissing(_ table: ExampleTable, layers: [Int]) {
    if examples.outcome == .trigger {
      leaveOut(
        "behaviour", "no column defected: positive means triggered, whatever the model then did")
    } else if !examples.scored.contains(where: { table.rows[$0].trigger == true }) {
      leaveOut("triggered but benign", "no column trigger")
    } else if !scalars.keys.contains(where: { $0.contains("/triggered-benign/") }) {
      leaveOut("triggered but benign", "no test row is triggered and benign")
    }
    let datasets = examples.members(of: \.dataset)
    if datasets.count < 2 {
      leaveOut("worst data set", datasets.isEmpty ? "no column dataset" : "one data set only")
    } else if datasets.count > Self.mostSets {
      leaveOut("every data set", "\(datasets.count) of them; the first \(Self.mostSets) are")
    }
    let groups = examples.members(of: \.group)
    if groups.isEmpty {
      leaveOut("worst group", "no column group")
    } else if groups.count > Self.mostSets {
      leaveOut("every group", "\(groups.count) of them; the first \(Self.mostSets) are")
    }
    if !layers.contains(0) {
      leaveOut("embedding layer", "L0 is not among the activations")
    }
    let controls = examples.calibration.count
    if controls == 0 {
      leaveOut("threshold", "no controls of role calibrate")
    } else if controls < Self.fewestControls {
      leaveOut(
        "1% false positives",
        "\(controls) controls of role calibrate cannot show 1%: the threshold is their maximum")
    }
  }

  // MARK: Values

  func values(_ table: ExampleTable) -> StageValues {
    // Float holds whole numbers to 2²⁴, and no table has as many rows.
    let rows = examples.scored.map { Float($0) }
    let labels = examples.scored.indices.map { Float(isPositive($0) ? 1 : 0) }
    let head: [(name: String, shape: [Int], values: ArraySlice<Float>)] = [
      ("row", [rows.count], rows[...]), ("label", [labels.count], labels[...]),
    ]
    func artifact(
      _ tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)]
    ) -> Artifact {
      Artifact(
        role: .kept, mediaType: "application/x-safetensors", bytes: Safetensors.bytes(of: tensors))
    }
    return StageValues(
      scalars: scalars, curves: curves,
      artifacts: ["scores": artifact(head + scores), "directions": artifact(directions)])
  }
}
