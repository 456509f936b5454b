import Determinism

/// What recorded runs rest on, and how long it took to perform: what a rerun of them will take again.
package struct RecordedWork: Equatable, Sendable {
  /// Keys of all stage results, with the inputs of inputs, each once; sorted.
  package let stages: [Digest]
  /// Results that tell how long they took.
  package let timed: Int
  /// Of one thread, over all those that tell.
  package let threadSeconds: Double

  /// - Parameter records: by stage key; a result that is not there counts, and tells nothing.
  package init(behind runs: some Sequence<RunRecord>, in records: [Digest: StageRecord]) {
    var seen: Set<Digest> = []
    var waiting = runs.flatMap { $0.run.stages.map(\.key) }
    while let key = waiting.popLast() {
      guard seen.insert(key).inserted, let record = records[key] else { continue }
      waiting += record.step.inputs.values
    }
    stages = seen.sorted()
    var timed = 0
    var sum = 0.0
    for key in stages {
      guard let circumstances = records[key]?.circumstances,
        let seconds = circumstances["seconds"]?.double, seconds.isFinite, seconds >= 0
      else { continue }
      timed += 1
      sum += seconds * Double(max(1, circumstances["threads"]?.int ?? 1))
    }
    self.timed = timed
    threadSeconds = sum
  }

  /// About how long it takes again on a machine like those that recorded it; nil where not all results tell.
  ///
  /// Of several threads of one stage the last ones bring less than the first: too long rather than too short.
  package func seconds(workers: Int) -> Double? {
    timed == stages.count && timed > 0 ? threadSeconds / Double(max(1, workers)) : nil
  }
}
