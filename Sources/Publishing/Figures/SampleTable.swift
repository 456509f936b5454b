import Determinism
import Rendering
import Statistics

/// The data of figures that show estimates over seeds: a row an estimate, and a row each seed.
struct SampleTable {
  var data: DrawnData

  /// - Parameter keys: what tells the rows apart, e.g. point, arm, quantity.
  init(keys: [(name: String, title: String)]) {
    data = DrawnData(
      keys.map { DrawnData.Column($0.name, $0.title) } + [
        .init("kind"), .init("phase"), .init("seed"), .init("value", "Value"),
        .init("lower", "Lower"), .init("upper", "Upper"), .init("n", "Seeds"), .init("interval"),
      ])
  }

  mutating func append(_ keys: [CSV.Cell], _ sample: Sample) {
    let estimate = sample.estimate
    data.append(
      keys + [
        .text("estimate"), .text(sample.phase.rawValue), .missing, .number(estimate.value),
        .number(estimate.lower), .number(estimate.upper), .integer(estimate.n),
        .text(estimate.method),
      ])
    func seed(_ seed: UInt64, _ value: Double, _ phase: String) {
      data.append(
        keys + [
          .text("seed"), .text(phase), .text(String(seed)), .number(value), .missing, .missing,
          .missing, .missing,
        ], shown: false)
    }
    for (number, value) in sample.seeds { seed(number, value, sample.phase.rawValue) }
    let other = sample.phase == .confirmatory ? "development" : "confirmatory"
    for (number, value) in sample.others { seed(number, value, other) }
  }
}

/// What every figure over seeds says below its title.
struct SampleNotes {
  private(set) var methods: [String] = []
  private(set) var most = 0
  private(set) var least = Int.max
  private(set) var hasOthers = false

  mutating func add(_ sample: Sample) {
    let method = sample.estimate.method
    if !methods.contains(where: { $0.utf8.elementsEqual(method.utf8) }) { methods.append(method) }
    most = max(most, sample.estimate.n)
    least = min(least, sample.estimate.n)
    if !sample.others.isEmpty { hasOthers = true }
  }

  /// `n = 8 confirmatory seeds; 95% intervals: …`.
  func text(_ study: StudyView, unit: String) -> String {
    let n = least == most ? "\(most)" : "\(least)–\(most)"
    var parts = [unit, "n = \(n) \(Words.phase(study.phase))"]
    let intervals = methods.filter { !$0.utf8.starts(with: "no interval".utf8) }
    parts.append(
      intervals.isEmpty
        ? "no interval can be given" : "95% intervals: " + intervals.joined(separator: "; "))
    if hasOthers { parts.append("hollow points: development seeds, not counted") }
    return parts.joined(separator: " · ")
  }
}
