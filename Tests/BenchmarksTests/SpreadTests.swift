import Statistics
import Testing

@testable import Benchmarks

struct `Paired times` {
  @Test func `give the median of the ratios, not the ratio of the medians`() throws {
    // Ratios 4, 2, 3, 1: the machine was three times slower in the last two rounds.
    let spread = try Spread.ratio(ours: [1, 2, 3, 9], theirs: [4, 4, 9, 9])
    #expect(spread.median == 2.5)
    #expect(spread.lower == 1.75)
    #expect(spread.upper == 3.25)
  }

  @Test func `of one round have no spread`() throws {
    let spread = try Spread([0.25])
    #expect(spread.median == 0.25 && spread.lower == 0.25 && spread.upper == 0.25)
  }

  @Test func `of no rounds are refused`() {
    #expect(throws: StatisticsError.self) { try Spread([]) }
  }
}

struct `A verdict` {
  let goal = Goal(3.5, floor: 3)

  @Test func `is given from the goal down`() {
    #expect(Verdict(ratio: 3.5, goal: goal, highest: nil) == .reached)
    #expect(Verdict(ratio: 3.4, goal: goal, highest: 10) == .aboveFloor)
    #expect(Verdict(ratio: 3, goal: goal, highest: 10) == .aboveFloor)
    #expect(Verdict(ratio: 2.9, goal: goal, highest: 10) == .below)
    #expect(Verdict(ratio: 3.4, goal: Goal(3.5), highest: nil) == .below)
    #expect(Verdict(ratio: 9, goal: nil, highest: nil) == nil)
  }

  @Test func `is out of reach where the peer leaves too little room`() {
    #expect(Verdict(ratio: 1.7, goal: goal, highest: 2) == .outOfReach(highest: 2))
    #expect(Verdict(ratio: 3.1, goal: goal, highest: 3.4) == .outOfReach(highest: 3.4))
    #expect(Verdict(ratio: 1.7, goal: Goal(1.8), highest: 1.75) == .outOfReach(highest: 1.75))
  }

  @Test func `never excuses a floor that could have been reached`() {
    #expect(Verdict(ratio: 2.9, goal: goal, highest: 3.4) == .below)
  }

  @Test func `a ratio that reached its goal was in reach`() {
    // A noisy peak may claim otherwise.
    #expect(Verdict(ratio: 3.6, goal: goal, highest: 3.4) == .reached)
  }

  @Test func `of a missing figure is none that pleases`() {
    #expect(Verdict(ratio: .nan, goal: goal, highest: nil) == .below)
  }
}
