import Glibc
import Statistics
import Testing

@Suite struct CoverageTests {
  static let isFull = getenv("DORMOUSE_COVERAGE").map { String(cString: $0) } == "full"

  /// A row of the committed table.
  struct Row: Sendable {
    let key: String
    let family: String
    let method: String
    let seeds: Int
    let scenario: String
    let coverage: Double
    let withoutWidth: Double
    let width: Double
    let coveredFirst: Int
  }

  static func committed() throws -> [Row] {
    let text = try Golden.text("coverage.csv")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.first == CoverageSimulation.Cell.header)
    return lines.dropFirst().map { line in
      // family,"scenario",n,"method",numbers…
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
      let seeds = Int(parts[2].filter { $0 != "," })!
      let numbers = parts[4].split(separator: ",").map { Double($0)! }
      return Row(
        key: "\(parts[0])\(parts[1])/\(seeds)/\(parts[3])",
        family: parts[0].filter { $0 != "," }, method: parts[3], seeds: seeds, scenario: parts[1],
        coverage: numbers[1], withoutWidth: numbers[4], width: numbers[5],
        coveredFirst: Int(numbers[6]))
    }
  }

  @Test(.enabled(if: isFull)) func `the whole table is made again`() async throws {
    let work = Scenario.all.flatMap { scenario in
      CoverageSimulation.seedCounts.map { (scenario, $0) }
    }
    let rows = await withTaskGroup(of: (Int, [String]).self) { group in
      for (index, (scenario, seeds)) in work.enumerated() {
        group.addTask {
          let cells = CoverageSimulation.cells(
            scenario, seeds: seeds, methods: IntervalMethod.all,
            samples: CoverageSimulation.samples)
          return (index, cells.map(\.row))
        }
      }
      var rows: [(Int, [String])] = []
      for await part in group { rows.append(part) }
      return rows.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
    let text = ([CoverageSimulation.Cell.header] + rows).joined(separator: "\n") + "\n"
    try Golden.write(text, "coverage.csv")
  }

  @Test(arguments: Scenario.all.indices, [5, 10])
  func `the first samples of a cell come out as the table says`(index: Int, seeds: Int) throws {
    let scenario = Scenario.all[index]
    let table = Dictionary(uniqueKeysWithValues: try Self.committed().map { ($0.key, $0) })
    let cells = CoverageSimulation.cells(
      scenario, seeds: seeds, methods: IntervalMethod.all.filter(\.isCheap),
      samples: CoverageSimulation.repeated)
    #expect(!cells.isEmpty)
    for cell in cells {
      let row = try #require(
        table["\(cell.family),\(cell.scenario)/\(cell.seeds)/\(cell.method)"])
      #expect(cell.coveredFirst == row.coveredFirst, "\(row.key)")
      // A coverage that the table overstates would show even in a few samples.
      let interval = cell.coverage.clopperPearson(level: 0.9999)
      #expect(interval.lower <= row.coverage && row.coverage <= interval.upper, "\(row.key)")
    }
  }

  @Test func `the table has every cell once, and nothing else`() throws {
    let keys = try Self.committed().map(\.key)
    let expected = Scenario.all.flatMap { scenario in
      CoverageSimulation.seedCounts.flatMap { seeds in
        IntervalMethod.all.filter { $0.families.contains(scenario.family) }.map {
          "\(scenario.family.rawValue),\(scenario.name)/\(seeds)/\($0.name)"
        }
      }
    }
    #expect(keys == expected)
  }

  @Test func `the chosen methods cover everywhere, always with width`() throws {
    for row in try Self.committed() {
      switch row.method {
      case IntervalMethod.chosenRate:
        #expect(row.coverage >= 0.92, "\(row.key)")
        #expect(row.withoutWidth == 0, "\(row.key)")
        if row.scenario.hasPrefix("ceiling") { #expect(row.coverage >= 0.95, "\(row.key)") }
      case IntervalMethod.chosenBounded:
        #expect(row.coverage >= 0.93, "\(row.key)")
        #expect(row.withoutWidth == 0, "\(row.key)")
      default: break
      }
    }
  }

  @Test func `the chosen rate interval is the narrowest that covers everywhere`() throws {
    let methods = Dictionary(grouping: try Self.committed().filter { $0.family == "rate" }) {
      $0.method
    }
    let covering = methods.filter { $0.value.allSatisfy { $0.coverage >= 0.92 } }
    let widths = covering.mapValues { rows in
      rows.reduce(0) { $0 + $1.width } / Double(rows.count)
    }
    #expect(widths.count >= 2)
    #expect(widths.min { $0.value < $1.value }?.key == IntervalMethod.chosenRate)
  }

  @Test func `without bounds Student's t has the best worst case`() throws {
    let methods = Dictionary(grouping: try Self.committed().filter { $0.family == "mean" }) {
      $0.method
    }
    let worst = methods.mapValues { $0.map(\.coverage).min()! }
    #expect(worst.count == 4)
    #expect(worst.max { $0.value < $1.value }?.key == "Student's t")
  }

  @Test func `the methods that were refused fall short at the ceiling`() throws {
    let rows = try Self.committed().filter {
      $0.family == "rate" && $0.scenario.hasPrefix("ceiling") && $0.seeds == 5
    }
    func coverage(_ method: String) throws -> Double {
      try #require(rows.first { $0.method == method }).coverage
    }
    // SCIENCE H3 measured 73% for the percentile bootstrap and no better for t.
    #expect((0.68...0.78).contains(try coverage("percentile bootstrap")))
    #expect(try coverage("BCa bootstrap") < 0.85)
    #expect(try coverage("bootstrap-t") < 0.9)
    #expect(try coverage("Student's t") < 0.85)
    #expect(try coverage("t ∪ pooled binomial") < 0.85)
  }
}
