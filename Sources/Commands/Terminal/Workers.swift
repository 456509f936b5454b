import Execution
import Glibc

/// Another process of this very program, working on the same registry.
///
/// The processes cooperate through the registry's locks alone: each claims a step, finds it done or does it.
struct WorkerProcess: Worker {
  private let process: ChildProcess

  /// Starts this program with other arguments. Its standard output goes to standard error, so that the
  /// answer on standard output stays the parent's.
  init(arguments: [String]) throws {
    process = try ChildProcess(
      "/proc/self/exe", ["dormouse"] + arguments,
      redirecting: [(descriptor: STDOUT_FILENO, to: .descriptor(STDERR_FILENO))])
  }

  func wait() -> Int32 { process.wait() }
}
