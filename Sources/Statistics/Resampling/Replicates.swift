import Determinism

/// Calls a body once for each number below a count, in any order and on any threads, and returns when all
/// are done. What is computed may depend on the number only. Threads live on another target of this floor.
package typealias ForEach = (_ count: Int, _ body: (Int) -> Void) -> Void

/// Numbered repetitions of something random: a bootstrap, a permutation null.
///
/// Every replicate has the stream of its index, so the results are the same in any order of execution,
/// and more replicates begin with fewer.
package struct Replicates: Equatable, Sendable {
  /// In order of index.
  package let values: [Double]

  /// - Parameters:
  ///   - seed: with the name and the index it is the stream of a replicate.
  ///   - forEach: who carries them out; by default one after another.
  ///   - statistic: of one replicate; may be called on several threads at once.
  package init(
    _ count: Int, seed: UInt64, name: String, forEach: ForEach = Replicates.inTurn,
    _ statistic: (_ index: Int, _ stream: inout RandomStream) -> Double
  ) {
    values = Self.collect(count, forEach: forEach) { index in
      var stream = RandomStream(seed: seed, name, UInt64(index))
      return statistic(index, &stream)
    }
  }

  /// The statistic of samples drawn with replacement from n units, as many as there are (Efron 1979).
  ///
  /// - Parameter statistic: of the indices drawn, each below n.
  package init(
    bootstrapping n: Int, _ count: Int, seed: UInt64, name: String,
    forEach: ForEach = Replicates.inTurn, _ statistic: (_ drawn: [Int]) -> Double
  ) {
    precondition(n > 0, "a sample of nothing")
    self.init(count, seed: seed, name: name, forEach: forEach) { _, stream in
      statistic((0..<n).map { _ in stream.below(n) })
    }
  }

  /// The standard error that the replicates show: their standard deviation.
  package var standardError: Double { Summary(values).standardDeviation }

  package static func inTurn(_ count: Int, _ body: (Int) -> Void) {
    for index in 0..<count { body(index) }
  }

  /// Results by index, whoever computes which of them when.
  package static func collect<Value>(
    _ count: Int, forEach: ForEach, _ value: (Int) -> Value
  ) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      let start = buffer.baseAddress
      withoutActuallyEscaping(value) { value in
        forEach(count) { (start! + $0).initialize(to: value($0)) }
      }
      initialized = count
    }
  }
}
