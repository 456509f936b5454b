import Determinism
import Studies

/// The rows of a table by what they are for. Row numbers rise, but in pairs, where one side follows the other.
struct DetectionExamples {
  let outcome: ExampleTable.Outcome
  /// Of role fit, with a pair or a label; row for row pairs where `isPaired`.
  let contrastPositive: [Int]
  let contrastNegative: [Int]
  let isPaired: Bool
  /// Of role fit without pair and label, by outcome.
  let outcomePositive: [Int]
  let outcomeNegative: [Int]
  /// Of role calibrate, without the outcome.
  let calibration: [Int]
  /// Of role test: those with the outcome, then those without.
  let testPositive: [Int]
  let testNegative: [Int]
  /// By example in `scored`: which unit was drawn with it.
  let units: [Int]
  let unitName: String
  private let rows: [ExampleTable.Row]

  var testPositives: Int { testPositive.count }
  var scored: [Int] { testPositive + testNegative }
  var tested: [Int] { scored }

  init(_ table: ExampleTable, _ given: ExampleTable.Outcome?) throws(DetectionProblem) {
    let rows = table.rows
    guard let outcome = given ?? table.outcome else {
      throw DetectionProblem(
        "no row of role test says whether it is positive",
        hint: "give the table a column 'defected', or 'trigger', of 0 and 1")
    }
    self.rows = rows
    self.outcome = outcome
    func indices(_ role: ExampleTable.Role, _ isIncluded: (ExampleTable.Row) -> Bool) -> [Int] {
      rows.indices.filter { rows[$0].role == role && isIncluded(rows[$0]) }
    }
    let contrast = indices(.fit) { $0.pair != nil || $0.label != nil }
    // Sides by pair: the first row of a pair without labels is its positive side.
    var sides: [JSON.Text: (positive: Int?, negative: Int?)] = [:]
    var order: [JSON.Text] = []
    var unpaired: (positive: [Int], negative: [Int]) = ([], [])
    for row in contrast {
      guard let pair = rows[row].pair.map({ JSON.Text($0) }) else {
        if rows[row].label! { unpaired.positive.append(row) } else { unpaired.negative.append(row) }
        continue
      }
      if sides[pair] == nil { order.append(pair) }
      var side = sides[pair] ?? (nil, nil)
      if rows[row].label ?? (side.positive == nil) {
        side.positive = row
      } else {
        side.negative = row
      }
      sides[pair] = side
    }
    let pairs = order.compactMap { pair -> (Int, Int)? in
      guard let positive = sides[pair]?.positive, let negative = sides[pair]?.negative else {
        return nil
      }
      return (positive, negative)
    }
    isPaired = !pairs.isEmpty && unpaired.positive.isEmpty && unpaired.negative.isEmpty
    contrastPositive = pairs.map(\.0) + unpaired.positive
    contrastNegative = pairs.map(\.1) + unpaired.negative
    func outcomes(_ role: ExampleTable.Role, _ wanted: Bool) -> [Int] {
      indices(role) {
        (role != .fit || ($0.pair == nil && $0.label == nil))
          && $0.isPositive(by: outcome) == wanted
      }
    }
    outcomePositive = outcomes(.fit, true)
    outcomeNegative = outcomes(.fit, false)
    calibration = outcomes(.calibrate, false)
    testPositive = outcomes(.test, true)
    testNegative = outcomes(.test, false)
    guard testPositive.count >= 2, testNegative.count >= 2 else {
      throw DetectionProblem(
        "\(testPositive.count) positive and \(testNegative.count) negative examples of role test (by "
          + "'\(outcome.rawValue)')", hint: "a report needs two of each at least")
    }
    // Who shares a group, else a pair, shares its luck.
    let scored = testPositive + testNegative
    let isGrouped = scored.contains { rows[$0].group != nil }
    let isInPairs = !isGrouped && scored.contains { rows[$0].pair != nil }
    unitName = isGrouped ? "group" : isInPairs ? "pair" : "example"
    var numbers: [JSON.Text: Int] = [:]
    var next = 0
    units = scored.map { row in
      guard let name = isGrouped ? rows[row].group : isInPairs ? rows[row].pair : nil else {
        next += 1
        return next - 1
      }
      if let number = numbers[JSON.Text(name)] { return number }
      numbers[JSON.Text(name)] = next
      next += 1
      return next - 1
    }
  }

  /// Test examples by a text column, as places in `scored`; sorted by name.
  func members(of column: (ExampleTable.Row) -> String?) -> [(name: String, places: [Int])] {
    var members: [JSON.Text: [Int]] = [:]
    for (place, row) in scored.enumerated() {
      if let name = column(rows[row]) { members[JSON.Text(name), default: []].append(place) }
    }
    return members.sorted { $0.key < $1.key }.map { ($0.key.value, $0.value) }
  }

  func row(_ place: Int) -> ExampleTable.Row { rows[scored[place]] }
}
