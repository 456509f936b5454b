import Execution
import Glibc

/// Another process of this very program, working on the same registry.
///
/// The processes cooperate through the registry's locks alone: each claims a step, finds it done or does it.
struct WorkerProcess: Worker {
  private let process: pid_t

  /// Starts this program with other arguments. Its standard output goes to standard error, so that the
  /// answer on standard output stays the parent's.
  init(arguments: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    var pointers: [UnsafeMutablePointer<CChar>?] = (["dormouse"] + arguments).map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    let failed = posix_spawn(&child, "/proc/self/exe", &actions, nil, pointers, environ)
    guard failed == 0 else {
      throw Failure(
        .couldNotFinish, "cannot start a worker process: \(String(cString: strerror(failed)))",
        hint: "try --jobs 1")
    }
    process = child
  }

  /// Waits for its end and passes a pending signal on; its exit status, 128 + n if signal n ended it.
  func wait() -> Int32 {
    var status: Int32 = 0
    if let signal = Signals.pending { kill(process, signal) }
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return ExitStatus.couldNotFinish.rawValue }
      if let signal = Signals.pending { kill(process, signal) }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}
