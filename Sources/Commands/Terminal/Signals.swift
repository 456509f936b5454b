import Glibc
import Synchronization

/// SIGINT and SIGTERM ask for a stop at the next step boundary; a second one ends the process at once,
/// which the registry survives like any kill.
enum Signals {
  private static let received = Atomic<Int32>(0)

  /// The signal that asked for a stop, if one did.
  static var pending: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  static func install() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // Only async-signal-safe work here.
        if Signals.received.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
    }
    // Whoever started this process may have had them blocked, and the mask is inherited.
    var asked = sigset_t()
    sigemptyset(&asked)
    for number in [SIGINT, SIGTERM] { sigaddset(&asked, number) }
    sigprocmask(SIG_UNBLOCK, &asked, nil)
    // A closed pipe is an error of `write`, which `Terminal` reports, not a silent death.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that may not grow any further (`ulimit -f`).
    signal(SIGXFSZ, SIG_IGN)
  }

  /// The exit status that tells a shell which signal it was.
  static func status(of signal: Int32) -> ExitStatus {
    signal == SIGTERM ? .terminated : .interrupted
  }
}
