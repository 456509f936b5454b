/// Why a benchmark ended early: who, where in the conversation, and what to do about it.
package enum BenchmarkError: Error, Equatable, Sendable {
  case cannotStart(program: String, reason: String)
  case ended(program: String, during: String, status: Int32)
  case silent(program: String, during: String, seconds: Double)
  case unreadable(program: String, during: String, message: String)
  case anotherTask(program: String, benchmark: String, fact: String, ours: Double, theirs: Double)
  case interrupted

  package var problem: String {
    switch self {
    case .cannotStart(let program, let reason): "\(program): cannot be started: \(reason)"
    case .ended(let program, let during, let status) where status > 128:
      "\(program): ended by signal \(status - 128) \(during)"
    case .ended(let program, let during, let status):
      "\(program): ended with status \(status) \(during)"
    case .silent(let program, let during, let seconds):
      "\(program): no answer within \(seconds.rounded() == seconds ? "\(Int(seconds))" : "\(seconds)") s \(during)"
    case .unreadable(let program, let during, let message):
      "\(program): an answer that cannot be read \(during): \(message)"
    case .anotherTask(let program, let benchmark, let fact, let ours, let theirs):
      "\(program): another task than \(benchmark): \(fact) is \(theirs) there and \(ours) here"
    case .interrupted: "interrupted"
    }
  }

  package var hint: String {
    switch self {
    case .cannotStart:
      "name a Python interpreter with --peers, or leave it away for our own figures"
    case .ended: "what it printed is above; 'make peers' installs what the scripts need"
    case .silent: "a longer time is allowed with --limit"
    case .unreadable: "a peer prints one JSON document a line; see Tests/Peers"
    case .anotherTask: "the two must compute the same numbers before their speeds can be compared"
    case .interrupted: "nothing was recorded"
    }
  }
}
