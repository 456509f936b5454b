import Determinism

/// What to start as one side of a benchmark.
package struct PartyProgram: Sendable {
  /// As errors call it: a script's name, not its path.
  package let title: String
  /// Looked up in PATH when it holds no slash.
  package let path: String
  package let arguments: [String]
  /// On top of our own environment.
  package let environment: [String: String]

  package init(
    title: String, path: String, arguments: [String], environment: [String: String] = [:]
  ) {
    self.title = title
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }
}

/// One side of a benchmark: a process that holds a workload and does as many steps of it as it is asked to.
///
/// It is started once, prints a line when it is ready, and answers `round N` with a line:
///
///     {"facts": [5.54, …], "parameters": 136960, "versions": {"torch": "2.15.0"}}
///     {"peak_kib": 251904, "seconds": 0.3172}
///
/// `facts` are the numbers by which an equal task is recognised; between rounds it must leave the processor
/// alone; at the end of its input it ends.
final class Party {
  let title: String
  /// The line that said ready.
  let introduction: JSON
  let facts: [Double]
  private let process: Coprocess
  private let limit: Double
  private let shouldStop: () -> Bool
  private var rounds = 0

  struct Round: Equatable {
    let seconds: Double
    /// The largest resident size so far.
    let peakKiB: Int?
  }

  /// - Parameter limit: seconds it may stay silent.
  init(
    _ program: PartyProgram, limit: Double, shouldStop: @escaping () -> Bool
  ) throws(BenchmarkError) {
    title = program.title
    self.limit = limit
    self.shouldStop = shouldStop
    process = try Coprocess(program)
    let during = "before it was ready"
    introduction = try Self.document(
      process.line(within: limit, during: during, shouldStop: shouldStop), title, during)
    guard let facts = introduction["facts"]?.array?.map(\.double), !facts.contains(nil) else {
      throw .unreadable(program: title, during: during, message: "no array 'facts' of numbers")
    }
    self.facts = facts.compactMap { $0 }
  }

  /// Does `steps` steps.
  func round(_ steps: Int) throws(BenchmarkError) -> Round {
    rounds += 1
    let during = "in round \(rounds)"
    process.send("round \(steps)")
    let answer = try Self.document(
      process.line(within: limit, during: during, shouldStop: shouldStop), title, during)
    guard let seconds = answer["seconds"]?.double, seconds > 0 else {
      throw .unreadable(program: title, during: during, message: "no positive number 'seconds'")
    }
    return Round(seconds: seconds, peakKiB: answer["peak_kib"]?.int)
  }

  private static func document(
    _ line: [UInt8], _ title: String, _ during: String
  ) throws(BenchmarkError) -> JSON {
    do { return try JSON(parsing: line) } catch {
      throw .unreadable(program: title, during: during, message: "\(error)")
    }
  }

  /// - Throws: `.anotherTask` unless each fact agrees with ours to the benchmark's relative difference.
  func check(_ benchmark: Benchmark, against ours: Party) throws(BenchmarkError) {
    func differ(_ fact: String, _ here: Double, _ there: Double) -> BenchmarkError {
      .anotherTask(
        program: title, benchmark: benchmark.id, fact: fact, ours: here, theirs: there)
    }
    guard facts.count == ours.facts.count else {
      throw differ("the number of facts", Double(ours.facts.count), Double(facts.count))
    }
    if let here = ours.introduction["parameters"]?.double,
      let there = introduction["parameters"]?.double, here != there
    {
      throw differ("the number of parameters", here, there)
    }
    for (index, (here, there)) in zip(ours.facts, facts).enumerated() {
      guard (here - there).magnitude <= benchmark.agreement * here.magnitude else {
        throw differ("fact \(index + 1)", here, there)
      }
    }
  }
}
