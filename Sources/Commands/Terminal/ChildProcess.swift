import Glibc

/// Another process, started with its own arguments and a changed environment.
struct ChildProcess {
  let id: pid_t

  /// - Parameters:
  ///   - program: `/proc/self/exe` is this very program.
  ///   - changes: variables set, or removed where the value is nil.
  ///   - redirections: each descriptor, and where it leads.
  init(
    _ program: String, _ arguments: [String], changing changes: [String: String?] = [:],
    redirecting redirections: [(descriptor: Int32, to: Target)] = []
  ) throws(Failure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, target) in redirections {
      switch target {
      case .descriptor(let other):
        posix_spawn_file_actions_adddup2(&actions, other, descriptor)
      case .file(let path):
        posix_spawn_file_actions_addopen(
          &actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      }
    }
    var values = Self.pointers(arguments)
    var variables = Self.pointers(Self.environment(changing: changes))
    defer { for pointer in values + variables { free(pointer) } }
    var child: pid_t = 0
    let failed = posix_spawn(&child, program, &actions, nil, &values, &variables)
    guard failed == 0 else {
      throw Failure(
        .couldNotFinish, "cannot start a process: \(String(cString: strerror(failed)))",
        hint: "try --jobs 1")
    }
    id = child
  }

  /// Where a program is that a shell would start by its name; nil when it is not installed.
  static func path(of program: String) -> String? {
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    return folders.utf8.split(separator: UInt8(ascii: ":"))
      .map { "\(String(Substring($0)))/\(program)" }
      .first { access($0, X_OK) == 0 && Files.isFile($0) }
  }

  enum Target {
    case descriptor(Int32)
    /// Made or emptied.
    case file(String)
  }

  private static func pointers(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }

  private static func environment(changing changes: [String: String?]) -> [String] {
    var entries: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      let name = String(text.utf8.prefix { $0 != UInt8(ascii: "=") }) ?? ""
      if changes[name] == nil { entries.append(text) }
      next += 1
    }
    for name in changes.keys.sorted() {
      if let value = changes[name]! { entries.append("\(name)=\(value)") }
    }
    return entries
  }

  func send(_ signal: Int32) { kill(id, signal) }

  /// Waits for its end and passes a pending signal on; its exit status, 128 + n if signal n ended it.
  func wait() -> Int32 {
    var status: Int32 = 0
    if let signal = Signals.pending { send(signal) }
    while waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else { return ExitStatus.couldNotFinish.rawValue }
      if let signal = Signals.pending { send(signal) }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}
