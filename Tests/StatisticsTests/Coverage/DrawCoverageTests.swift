import Statistics
import Testing

@Suite struct DrawCoverageTests {
  /// The committed rows by population, sizes and method.
  static func committed() throws -> [String: (coverage: Double, noWidth: Double, first: Int)] {
    let lines = try Golden.text("coverage-draws.csv").split(separator: "\n").map(String.init)
    #expect(lines.first == DrawCoverage.header)
    var rows: [String: (coverage: Double, noWidth: Double, first: Int)] = [:]
    for line in lines.dropFirst() {
      let end = try #require(line.lastIndex(of: "\""))
      let numbers = line[line.index(after: end)...].split(separator: ",").map { Double($0)! }
      rows[String(line[...end])] = (numbers[1], numbers[2], Int(numbers[4]))
    }
    return rows
  }

  @Test(.enabled(if: CoverageTests.isFull)) func `the whole table is made again`() async throws {
    let work = DrawCoverage.populations.flatMap { population in
      DrawCoverage.sizes.map { (population, $0) }
    }
    let rows = await withTaskGroup(of: (Int, [String]).self) { group in
      for (index, (population, size)) in work.enumerated() {
        group.addTask {
          (
            index,
            DrawCoverage.rows(
              population, draws: size.draws, seeds: size.seeds, samples: DrawCoverage.samples
            ).map(\.text)
          )
        }
      }
      var rows: [(Int, [String])] = []
      for await part in group { rows.append(part) }
      return rows.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
    try Golden.write(
      ([DrawCoverage.header] + rows).joined(separator: "\n") + "\n", "coverage-draws.csv")
  }

  @Test(arguments: DrawCoverage.populations.indices)
  func `the first samples come out as the table says`(index: Int) throws {
    let table = try Self.committed()
    for row in DrawCoverage.rows(
      DrawCoverage.populations[index], draws: 3, seeds: 5, samples: DrawCoverage.repeated)
    {
      #expect(try #require(table[row.key]).first == row.coveredFirst, "\(row.key)")
    }
  }

  @Test func `the chosen interval covers, with width, where resampling falls short`() throws {
    let table = try Self.committed()
    #expect(
      table.count
        == DrawCoverage.populations.count * DrawCoverage.sizes.count * DrawCoverage.methods.count)
    for (key, row) in table where key.hasSuffix("\"\(DrawCoverage.chosen)\"") {
      #expect(row.coverage >= 0.92, "\(key)")
      #expect(row.noWidth == 0, "\(key)")
    }
    let resampled = table.filter { $0.key.hasSuffix("resampled\"") }
    #expect(resampled.values.map(\.coverage).min()! < 0.85)
  }

  /// The numbers of the guide are rows of the committed tables.
  @Test func `the guide to statistics shows what was simulated`() throws {
    let guide = try Golden.text("../../../Sources/Commands/Guides/statistics.md")
    let rows = try CoverageTests.committed()
    let methods = [
      ("rate", "percentile bootstrap"), ("rate", "Student's t"),
      ("rate", IntervalMethod.chosenRate),
      ("bounded", IntervalMethod.chosenBounded),
    ]
    for (family, method) in methods {
      let cells = try [5, 8, 10].map { seeds in
        try #require(
          rows.first {
            $0.family == family && $0.method == method && $0.seeds == seeds
              && $0.scenario.hasPrefix("ceiling")
          })
      }
      let numbers = cells.map(\.coverage) + [cells[0].withoutWidth, cells[2].withoutWidth]
      let row = "| \(method) | " + numbers.map { "\($0)" }.joined(separator: " | ") + " |"
      #expect(guide.contains(row), "\(row)")
    }
    let draws = try Self.committed()
    for population in DrawCoverage.populations {
      let numbers = try DrawCoverage.methods.map { method in
        try #require(draws["\"\(population.name)\",3,8,\"\(method.name)\""]).coverage
      }
      let row = "| \(population.name) | " + numbers.map { "\($0)" }.joined(separator: " | ") + " |"
      #expect(guide.contains(row), "\(row)")
    }
  }

  @Test func `too few draws decide nothing`() {
    for draws in [[], [[1.0]], [[1, 2], [1, 2]], [[1], [], [2]], [[1], [.nan], [2]]] {
      let free = Estimate.mean(overDraws: draws)
      #expect(free.lower == -.infinity && free.upper == .infinity, "\(draws)")
      let bounded = Estimate.mean(overDraws: draws, within: 0...2)
      #expect(bounded.lower == 0 && bounded.upper == 2, "\(draws)")
      #expect(bounded.method.hasPrefix("no interval"))
    }
    let equal = Estimate.mean(overDraws: [[1, 1], [1, 1], [1, 1]])
    #expect(equal.position(in: .atLeast(0)) == .undecided)
  }
}
