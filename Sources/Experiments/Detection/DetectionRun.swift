import Determinism
import Probing
import Statistics
import Studies
import Transformers

/// Detectors and controls on activations that were dumped from any model. Reads one layer at a time.
package struct DetectionRun {
  /// What was found.
  package struct Outcome: Sendable {
    package let values: StageValues
    /// What was left out, and why: a function of the table, the activations and the settings.
    package let notChecked: [(what: String, why: String)]
    /// Where full reports are made.
    package let primary: (position: String, layer: Int)
    /// What the bootstrap draws: `group`, `pair` or `example`.
    package let unit: String
    /// Of fitting and scoring each detector, of the nulls and of reading, over all layers.
    package let seconds: [(what: String, seconds: Double)]
  }

  /// The names of the detectors that there are, in the order in which they are reported.
  package static var detectors: [String] { Detector.all.map(\.name) }

  /// The plan, with the content of every file.
  package let plan: DetectionPlan
  private let table: ExampleTable
  private let maps: [String: LayerMap]
  private let examples: DetectionExamples

  /// Opens every file, looks at its header and digests it.
  ///
  /// - Parameters:
  ///   - plan: one with contents is a recorded one: the files must have them.
  ///   - table: the examples, and the bytes that they were read from.
  ///   - folder: that file names are relative to.
  /// - Throws: `DetectionProblem`.
  package init(
    _ plan: DetectionPlan, table: ExampleTable, tableBytes: [UInt8], folder: String
  ) throws(DetectionProblem) {
    var plan = plan
    var files: [String: SafetensorsFile] = [:]
    var changed: [String] = []
    plan.contents[plan.examples] = DetectionPlan.Content(
      digest: Digest(of: tableBytes), size: tableBytes.count)
    for name in plan.activationFiles {
      do throws(SafetensorsFile.Failure) {
        let file = try SafetensorsFile(path: "\(folder)/\(name)", name: name)
        files[name] = file
        let found = DetectionPlan.Content(digest: try file.digest(), size: file.size)
        if let recorded = plan.contents.updateValue(found, forKey: name), recorded != found {
          changed.append("\(name) (\(found.digest.short), recorded \(recorded.digest.short))")
        }
      } catch { throw DetectionProblem(error) }
    }
    guard changed.isEmpty else {
      throw DetectionProblem(
        "not what was probed: \(changed.joined(separator: ", "))",
        hint: "look for the files with the recorded digests: dormouse show")
    }
    var maps: [String: LayerMap] = [:]
    for source in plan.sources {
      let map = try LayerMap(
        source, files: source.files.map { files[$0]! }, examples: table.rows.count,
        table: plan.examples)
      var layers = maps[source.position]?.layers ?? [:]
      for layer in map.layers.keys.sorted() {
        guard layers.updateValue(map.layers[layer]!, forKey: layer) == nil else {
          throw DetectionProblem(
            "\(source.pattern): layer L\(layer) at position '\(source.position)' is in another source too",
            hint: "name it once, or give the positions names: position: prompt-end")
        }
      }
      maps[source.position] = LayerMap(layers: layers)
    }
    self.plan = plan
    self.table = table
    self.maps = maps
    examples = try DetectionExamples(table, plan.settings.outcome)
    let primary = plan.primaryPosition
    guard let there = maps[primary] else {
      throw DetectionProblem(
        "no activations at the primary position '\(Wording.shown(primary))'",
        hint: "positions: \(plan.positions.joined(separator: ", "))")
    }
    if let layer = plan.settings.primaryLayer, there.layers[layer] == nil {
      throw DetectionProblem(
        "the primary layer L\(layer) is not among the activations",
        hint: "layers: \(there.layers.keys.sorted().map { "\($0)" }.joined(separator: ", "))")
    }
  }

  /// `L0 … L12 at last`, for each position.
  package var layersText: String {
    plan.positions.map { position in
      let layers = maps[position]!.layers.keys.sorted()
      let ends = layers.count > 1 ? "L\(layers[0]) … L\(layers[layers.count - 1])" : "L\(layers[0])"
      let isWhole = layers.last! - layers[0] + 1 == layers.count
      return "\(ends)\(isWhole ? "" : " (\(layers.count) layers)") at \(position)"
    }.joined(separator: ", ")
  }

  /// The layer that was named, or the one in the middle: of L0 ... L2n that is Ln, half the depth.
  private func primaryLayer(of position: String) -> Int? {
    let layers = maps[position]!.layers.keys.sorted()
    if let layer = plan.settings.primaryLayer { return layers.contains(layer) ? layer : nil }
    return layers[layers.count / 2]
  }

  /// Reads, fits, scores, records.
  ///
  /// - Parameters:
  ///   - threads: change no bit.
  ///   - seconds: of a clock, for the circumstances.
  /// - Throws: `DetectionProblem`, `StageInterrupted`.
  package func perform(
    threads: Int, seconds: @escaping () -> Double, shouldStop: () -> Bool = { false },
    report: (StageProgress) -> Void = { _ in }
  ) throws -> Outcome {
    var recorder = DetectionRecorder(examples, settings: plan.settings, seed: plan.seed)
    var clock = Stopwatches(seconds)
    let total = plan.positions.reduce(0) { $0 + maps[$1]!.layers.count }
    var done = 0
    let primary = plan.primaryPosition
    for position in plan.positions {
      let map = maps[position]!
      let full = primaryLayer(of: position)
      for layer in map.layers.keys.sorted() {
        report(
          StageProgress(done: done, total: total, unit: "layers", note: "\(position) L\(layer)"))
        if shouldStop() { throw StageInterrupted() }
        let place = DetectionRecorder.Place(
          position: position, layer: layer, isPrimary: layer == full)
        try probe(map, place, threads: threads, shouldStop, &recorder, &clock)
        done += 1
      }
      if full == nil {
        recorder.leaveOut(
          "full report at \(position)", "L\(plan.settings.primaryLayer!) is not among its layers")
      }
    }
    try clock.time("controls") {
      try recorder.recordControls(table, position: primary)
      recorder.noteWhatIsMissing(table, layers: maps[primary]!.layers.keys.sorted())
    }
    return Outcome(
      values: recorder.values(table), notChecked: recorder.notChecked,
      primary: (primary, primaryLayer(of: primary)!), unit: examples.unitName,
      seconds: clock.spent)
  }

  private func probe(
    _ map: LayerMap, _ place: DetectionRecorder.Place, threads: Int, _ shouldStop: () -> Bool,
    _ recorder: inout DetectionRecorder, _ clock: inout Stopwatches
  ) throws {
    let width = map.layers[place.layer]!.width
    func activations(_ rows: [Int]) throws -> Activations {
      try ordered(rows) {
        Activations(width: width, floats: try map.floats(place.layer, examples: $0))
      }
    }
    let (sets, calibration, tested) = try clock.time("reading") {
      (
        FitSets(
          positive: try activations(examples.contrastPositive),
          negative: try activations(examples.contrastNegative),
          isPaired: examples.isPaired, outcomePositive: try activations(examples.outcomePositive),
          outcomeNegative: try activations(examples.outcomeNegative)),
        try activations(examples.calibration), try activations(examples.tested)
      )
    }
    var nulls: [(DirectionNull.Kind, NullDistribution)] = []
    if plan.settings.randomDirections > 0 {
      let positives = tested.rows(0..<examples.testPositives)
      let negatives = tested.rows(examples.testPositives..<tested.count)
      for kind in DirectionNull.Kind.allCases {
        let null = DirectionNull(kind)
        if let why = null.missing(in: sets) {
          recorder.leaveOut("random directions, \(kind.rawValue)", why)
          continue
        }
        let areas = clock.time("random directions, \(kind.rawValue)") {
          null.scores(
            plan.settings.randomDirections, sets: sets, positives: positives,
            negatives: negatives, seed: UInt64(bitPattern: Int64(plan.seed)),
            name: "\(place.position)/L\(place.layer)", threads: threads
          ).areas
        }
        nulls.append((kind, areas))
        try recorder.record(areas, kind, at: place)
      }
    } else {
      recorder.leaveOut("random directions", "random_directions: 0")
    }
    let settings = FitSettings(
      shrinkage: plan.settings.shrinkage, ridge: plan.settings.ridge,
      seed: UInt64(bitPattern: Int64(plan.seed)), threads: threads)
    // What rare false positives are counted on; only where the full report is made.
    let distinct = clock.time("controls") {
      place.isPrimary && plan.settings.prevalence != nil
        ? calibration.distinct(from: tested) : []
    }
    for name in plan.settings.detectors {
      guard let detector = Detector.all.first(where: { $0.name == name }) else {
        throw DetectionProblem(
          "this binary has no detector '\(Wording.shown(name))'",
          hint: Wording.known("detectors", Detector.all.map(\.name)) ?? "")
      }
      if shouldStop() { throw StageInterrupted() }
      if let why = detector.missing(sets) {
        recorder.leaveOut(name, why)
        continue
      }
      try clock.time(name) {
        let fitted: FittedDetector
        do throws(FittingError) { fitted = try detector.fit(sets, settings) } catch {
          recorder.leaveOut("\(name) at \(place.position) L\(place.layer)", "\(error)")
          return
        }
        let controls = fitted.scores(of: calibration, threads: threads)
        let scores = fitted.scores(of: tested, threads: threads)
        try recorder.record(name, at: place, calibration: controls, tested: scores, nulls: nulls)
        if place.isPrimary, let prevalence = plan.settings.prevalence {
          try recorder.record(
            rare: name, at: place, controls: distinct.map { controls[$0] }, scores)
          try recorder.record(
            probabilitiesOf: name, at: place, scores, prevalence: prevalence
          ) { () throws(DetectionProbabilities.Undefined) in
            try DetectionProbabilities(
              detector, fitted, sets: sets, calibration: controls.map { Double(Float($0)) },
              threads: threads)
          }
        }
        if let direction = fitted.direction { recorder.keep(direction.vector, of: name, at: place) }
      }
    }
  }

  /// Rows in an order that need not be that of the files.
  private func ordered(
    _ rows: [Int], _ read: ([Int]) throws -> Activations
  ) throws -> Activations {
    let order = rows.indices.sorted { rows[$0] < rows[$1] }
    let sorted = try read(order.map { rows[$0] })
    if order.elementsEqual(rows.indices) { return sorted }
    var floats = [Float](repeating: 0, count: sorted.floats.count)
    for (place, index) in order.enumerated() {
      for column in 0..<sorted.width {
        floats[index * sorted.width + column] = sorted.floats[place * sorted.width + column]
      }
    }
    return Activations(width: sorted.width, floats: floats)
  }
}

/// Seconds by what they were spent on.
private struct Stopwatches {
  private let seconds: () -> Double
  private(set) var spent: [(what: String, seconds: Double)] = []

  init(_ seconds: @escaping () -> Double) { self.seconds = seconds }

  mutating func time<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
    let start = seconds()
    let result = try body()
    let index = spent.firstIndex { $0.what == what } ?? spent.count
    if index == spent.count { spent.append((what: what, seconds: 0)) }
    spent[index].seconds += seconds() - start
    return result
  }
}
