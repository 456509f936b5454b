import Determinism
import Experiments
import Records
import Studies

/// What performing the missing stages of a plan takes in memory at its peak, all processes together.
struct PlanMemory {
  let jobs: Int
  let threads: Int
  /// Estimate: the largest stages, as many as there are processes, at the same time.
  let bytes: Int
  /// The kind of the largest stage.
  let largest: String?

  /// Program, registry and open files of one process, beside what its stage takes; measured.
  static let process = 32 << 20

  init(_ plan: Plan, registry: Registry?, jobs: Int, threads: Int, again: Bool = false) throws {
    self.jobs = jobs
    self.threads = threads
    let missing = try plan.steps.filter { step in
      try again || registry?.stage(step.key) == nil
    }
    let costs = missing.compactMap { step in
      Catalog.standard.cost(step.kind, step.options).map {
        (kind: step.kind, bytes: $0.bytes(threads: threads))
      }
    }
    let atOnce = costs.sorted { $0.bytes > $1.bytes }.prefix(jobs)
    bytes = jobs * Self.process + atOnce.reduce(0) { $0 + $1.bytes }
    largest = atOnce.first?.kind
  }

  /// `about 93 MiB at once in 2 processes of 3 threads`.
  var text: String {
    "about \(ByteCount(bytes).text) at once in \(counted(jobs, "process", "processes")) of "
      + counted(threads, "thread")
  }

  /// - Throws: `Failure` when that is more than there is.
  func check(against memory: MachineMemory) throws(Failure) {
    guard let available = memory.bytes, let largest, bytes > available else { return }
    var ways = ["a smaller model or batch"]
    if threads > 1 { ways.insert("fewer --threads", at: 0) }
    if jobs > 1 { ways.insert("fewer --jobs", at: 0) }
    throw Failure(
      .couldNotFinish,
      "the plan would take \(text), most of it for stage '\(largest)'; \(memory.source) "
        + "\(ByteCount(available).text); nothing was done",
      hint: "\(ways.joined(separator: ", ")), or --memory-limit if you know better")
  }
}
