import Glibc

/// Another process that answers lines with lines, through one socket that is its standard input and
/// output. Its standard error stays ours: what it says there, people should see.
final class Coprocess {
  private let title: String
  private var process: pid_t = 0
  private let socket: Int32
  private var received: [UInt8] = []
  /// Milliseconds between looks at `shouldStop`.
  private static let slice: Int32 = 100
  private static let longestLine = 1 << 20

  init(_ program: PartyProgram) throws(BenchmarkError) {
    title = program.title
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw .cannotStart(program: program.title, reason: Self.text(errno))
    }
    socket = ends[0]
    defer { close(ends[1]) }
    let failure = Self.spawn(program, standardStreams: ends[1], process: &process)
    guard failure == 0 else {
      close(socket)
      throw .cannotStart(program: program.title, reason: Self.text(failure))
    }
  }

  /// Ends the process if it has not ended at the end of its input.
  deinit {
    close(socket)
    guard process > 0 else { return }
    // A second is plenty to notice the end of input; nothing of value is lost after that.
    for _ in 0..<100 {
      if waitpid(process, nil, WNOHANG) != 0 { return }
      usleep(10_000)
    }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  private static func spawn(
    _ program: PartyProgram, standardStreams end: Int32, process: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO)
    // A process that ignores SIGPIPE hands that on; Python expects the default.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var arguments = ([program.path] + program.arguments).map { strdup($0) } + [nil]
    var variables = Self.environment(program.environment).map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    return posix_spawnp(&process, program.path, &actions, &attributes, &arguments, &variables)
  }

  private static func environment(_ changes: [String: String]) -> [String] {
    var lines: [String] = []
    var entry = environ
    while let line = entry.pointee {
      let text = String(cString: line)
      let name = text.utf8.prefix { $0 != UInt8(ascii: "=") }
      if changes[String(Substring(name))] == nil { lines.append(text) }
      entry += 1
    }
    return lines + changes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// Sends one line. A process that has ended is noticed by the next `line`.
  func send(_ line: String) {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
      let flags = Int32(MSG_NOSIGNAL)
      let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, flags) }
      if sent > 0 { rest = rest.dropFirst(sent) } else if errno != EINTR { return }
    }
  }

  /// The next line, without its end.
  ///
  /// - Parameters:
  ///   - seconds: how long to wait for it.
  ///   - during: where in the conversation this is, for errors.
  func line(
    within seconds: Double, during: String, shouldStop: () -> Bool
  ) throws(BenchmarkError) -> [UInt8] {
    let end = Stopwatch.now() + seconds
    while true {
      if let length = received.firstIndex(of: UInt8(ascii: "\n")) {
        defer { received.removeFirst(length + 1) }
        return Array(received[..<length])
      }
      guard received.count <= Self.longestLine else {
        throw .unreadable(program: title, during: during, message: "a line of more than 1 MiB")
      }
      if shouldStop() { throw .interrupted }
      guard Stopwatch.now() < end else {
        throw .silent(program: title, during: during, seconds: seconds)
      }
      var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Self.slice) > 0 else { continue }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress, $0.count) }
      if count > 0 {
        received += buffer.prefix(count)
      } else if count == 0 || errno != EINTR {
        throw .ended(program: title, during: during, status: try status(by: end, during))
      }
    }
  }

  /// The exit status of a process that has closed its output, 128 + n after signal n.
  private func status(by end: Double, _ during: String) throws(BenchmarkError) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      guard Stopwatch.now() < end else {
        throw .unreadable(program: title, during: during, message: "it closed its output")
      }
      usleep(5_000)
    }
    process = 0
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}
