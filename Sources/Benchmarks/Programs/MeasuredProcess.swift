import Glibc

/// A process of our own program, fed through a pipe and measured by the kernel.
final class MeasuredProcess {
  struct Usage: Equatable {
    var seconds: Double
    var cpuSeconds: Double
    /// The largest resident size. What this process had at the start of the child counts as the child's.
    var peakBytes: Int
    var status: Int32
  }

  private let title: String
  private let process: pid_t
  private var input: Int32
  let output: Int32
  private let started = Stopwatch.now()
  private var received: [UInt8] = []

  /// - Parameters:
  ///   - sink: a file for its standard output; nil for a pipe that `lines` reads.
  ///   - errors: a file for its standard error.
  init(_ program: PartyProgram, to sink: String? = nil, errors: String) throws(BenchmarkError) {
    title = program.title
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    func failure(_ code: Int32) -> BenchmarkError {
      .cannotStart(program: program.title, reason: String(cString: strerror(code)))
    }
    guard Self.pipe(&fromChild) else { throw failure(errno) }
    guard Self.pipe(&toChild) else { throw failure(errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
    if let sink {
      posix_spawn_file_actions_addopen(
        &actions, STDOUT_FILENO, sink, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
    }
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var arguments = ([program.path] + program.arguments).map { strdup($0) } + [nil]
    defer { for pointer in arguments { free(pointer) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, program.path, &actions, nil, &arguments, environ)
    close(toChild[0])
    close(fromChild[1])
    process = child
    input = toChild[1]
    output = fromChild[0]
    guard code == 0 else { throw failure(code) }
  }

  deinit {
    if input >= 0 { close(input) }
    close(output)
  }

  private static func pipe(_ ends: inout [Int32]) -> Bool {
    guard Glibc.pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return true
  }

  /// Writes all of it; false when nobody reads any more.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return false }
    }
    return true
  }

  func endInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Lines that have come by now, waiting for the first; nil at the end of the output.
  func lines() -> [[UInt8]]? {
    while true {
      if let last = received.lastIndex(of: 0x0A) {
        let whole = received[...last].split(separator: 0x0A).map { Array($0) }
        received.removeSubrange(...last)
        return whole
      }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      received += buffer.prefix(count)
    }
  }

  /// Reads what is left of its output and waits for its end.
  func finish() -> (usage: Usage, last: [UInt8]) {
    endInput()
    var last: [UInt8] = []
    while let lines = lines() { last = lines.last ?? last }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    let signal = status & 0x7F
    return (
      Usage(
        seconds: Stopwatch.now() - started,
        cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peakBytes: Int(usage.ru_maxrss) << 10,
        status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal), last
    )
  }
}
