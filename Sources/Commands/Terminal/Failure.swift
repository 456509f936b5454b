/// The exit statuses that every help lists.
enum ExitStatus: Int32 {
  case done = 0
  /// The answer is no: a check failed, a rerun diverged.
  case no = 1
  /// Could not finish: an unreadable file, a full disk, a rerun that is INCOMPLETE.
  case couldNotFinish = 2
  case usage = 64
  case interrupted = 130
  case terminated = 143

  static let help = """
    Exit status: 0 done (rerun: EXACT or WITHIN-TOLERANCE); 1 the answer is no (a check failed, a rerun \
    DIVERGED); 2 could not finish (unreadable, full disk, INCOMPLETE); 64 usage, or a study file or run \
    document with errors; 130 and 143 after SIGINT and SIGTERM.
    """
}

/// Why a command ends, as people read it: what, where it was found, and what to do about it.
struct Failure: Error, Equatable {
  let status: ExitStatus
  /// Lines as they are printed: each `error: …` or `file:line:column: error: …`.
  let lines: [String]
  let hint: String?

  init(_ status: ExitStatus, lines: [String], hint: String? = nil) {
    self.status = status
    self.lines = lines
    self.hint = hint
  }

  init(_ status: ExitStatus, _ what: String, hint: String? = nil) {
    self.init(status, lines: ["error: \(what)"], hint: hint)
  }

  var text: String {
    (lines + (hint.map { ["hint: \($0)"] } ?? [])).map(\.forTerminal).joined(separator: "\n")
  }
}
