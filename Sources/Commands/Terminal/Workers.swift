import Glibc

/// More processes of this very program, working on the same registry.
///
/// They cooperate through the registry's locks alone: each claims a step, finds it done or does it.
final class Workers {
  private var children: [pid_t] = []

  /// Starts `count` processes with these arguments. Their standard output goes to standard error, so that
  /// the answer on standard output stays the parent's.
  init(_ count: Int, arguments: [String]) throws {
    for _ in 0..<count {
      do {
        children.append(try Workers.spawn(arguments))
      } catch {
        stop(SIGTERM)
        _ = wait()
        throw error
      }
    }
  }

  /// Passes a signal on to every child.
  func stop(_ signal: Int32) {
    for child in children { kill(child, signal) }
  }

  /// Waits for all; the worst exit status of any, 128 + n for one that signal n ended.
  func wait() -> Int32 {
    var worst: Int32 = 0
    for child in children {
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0 {
        guard errno == EINTR else { break }
        if let signal = Signals.pending { stop(signal) }
      }
      let ended = status & 0x7F
      worst = max(worst, ended == 0 ? (status >> 8) & 0xFF : 128 + ended)
    }
    children = []
    return worst
  }

  private static func spawn(_ arguments: [String]) throws -> pid_t {
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
    return child
  }
}
