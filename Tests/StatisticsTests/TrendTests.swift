import Statistics
import Testing

@Suite struct TrendTests {
  @Test func `Page's test equals SciPy's exact one`() throws {
    let cases = try Golden.document("statistics")["trends"]!.array!
    #expect(cases.count == 4)
    for golden in cases {
      let test = try pageTrend(golden["rows"]!.array!.map(\.doubles))
      #expect(test.statistic == golden["statistic"]!.doubles[0])
      #expect((test.p - golden["p"]!.doubles[0]).magnitude < 1e-12)
    }
  }

  @Test func `perfect order is as unlikely as it gets, equal conditions as likely`() throws {
    let p = try pageTrend([[1, 2, 3], [10, 20, 30]]).p
    #expect((p - 1 / 36.0).magnitude < 1e-15)
    #expect((try pageTrend([[3, 2, 1]]).p - 1).magnitude < 1e-15)
    #expect(try pageTrend([[1, 1, 1], [2, 2, 2]]).p == 1)
  }

  @Test func `a table that is no table is refused`() {
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) { try pageTrend([]) }
    #expect(throws: StatisticsError.tooFew(needed: 2, given: 1)) { try pageTrend([[1]]) }
    #expect(throws: StatisticsError.lengthsDiffer(scores: 2, labels: 3)) {
      try pageTrend([[1, 2], [1, 2, 3]])
    }
    #expect(throws: StatisticsError.notANumber(index: 3)) { try pageTrend([[1, 2], [1, .nan]]) }
  }
}
