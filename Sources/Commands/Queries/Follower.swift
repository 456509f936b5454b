import Determinism
import Glibc
import Interchange
import Records

/// Follows a live run on standard input. Every line is on file as soon as it was read, so that it outlives
/// this process, and durable a second after it came, at the latest; a line that is wrong is refused by itself
/// and told, so that a typing error does not stop a training.
struct Follower {
  let terminal: Terminal
  let common: CommonOptions

  private static let patience = 1.0

  func perform() throws -> ExitStatus {
    let registry = try common.openRegistry(.create)
    var state = State(registry: registry, terminal: terminal)
    var lines = LineSplitter()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while state.end == nil, Signals.pending == nil {
      if try wait(until: state.deadline) {
        let count = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count >= 0 else {
          throw Failure(
            .couldNotFinish, "cannot read standard input: \(String(cString: strerror(errno)))")
        }
        if count == 0 { break }
        try lines.split(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { try state.take($0) }
        guard lines.pending <= RunStream.longestLine else {
          throw Failure(
            .couldNotFinish, "a line is longer than \(RunStream.longestLine >> 20) MiB",
            hint: "one step a line")
        }
        try state.write()
        try state.stream.settle()
      }
      if let deadline = state.deadline, Machine.seconds() >= deadline { try state.synchronize() }
    }
    // A last line without its newline is a line all the same, if it is a whole document.
    if state.end == nil, Signals.pending == nil { try lines.finish { try state.take($0) } }
    try state.write()
    try state.synchronize()
    return try finish(state)
  }

  private func finish(_ state: State) throws -> ExitStatus {
    guard let end = state.end, let spool = state.spool, let run = state.stream.run(state: end)
    else {
      if let signal = Signals.pending { return Signals.status(of: signal) }
      guard state.spool != nil else {
        throw Failure(
          .usage, "standard input ended without a run",
          hint: #"the first line is its head: {"study": "my-study", "id": "run-1"}"#)
      }
      throw Failure(
        .couldNotFinish, "the stream ended without {\"state\": …}: the run is interrupted",
        hint: "nothing is lost; a stream with the same head continues it")
    }
    let (record, isNew) = try state.registry.register(run)
    try spool.remove()
    let slug = run.run.slug
    if common.json {
      try terminal.say(
        [
          "run": JSON(spool.earlier.run), "record": JSON(record),
          "study": JSON(slug), "new": JSON(isNew), "refused": JSON(state.refused),
        ])
    } else {
      let what = isNew ? run.summary : "registered before, with the same content"
      try terminal.say("run \(spool.earlier.run.short) · \(slug) · \(what)".forTerminal)
    }
    return state.refused == 0 ? .done : .usage
  }

  /// Whether there is something to read before the deadline; without one, waits for ever.
  private func wait(until deadline: Double?) throws(Failure) -> Bool {
    var poll = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    // A signal has to be seen, even where it came just before.
    let patience = deadline.map { max(0, $0 - Machine.seconds()) } ?? 0.5
    let ready = Glibc.poll(&poll, 1, Int32(min(patience, 0.5) * 1000) + 1)
    if ready < 0, errno != EINTR {
      throw Failure(
        .couldNotFinish, "cannot wait for standard input: \(String(cString: strerror(errno)))")
    }
    return ready > 0
  }

  /// The run so far, and what of it is not on file or not durable yet.
  private struct State {
    let registry: Registry
    let terminal: Terminal
    var stream: RunStream
    var spool: LiveSpool?
    /// How the run ended, once its last line was told.
    var end: RunState?
    var refused = 0
    /// When what was written has to be durable.
    private(set) var deadline: Double?
    private var waiting: [UInt8] = []

    init(registry: Registry, terminal: Terminal) {
      self.registry = registry
      self.terminal = terminal
      stream = RunStream(file: "<stdin>", scratch: registry.scratch)
    }

    /// - Returns: whether more lines are to come.
    mutating func take(_ line: UnsafeRawBufferPointer) throws -> Bool {
      let taken: RunStream.Line
      do { taken = try stream.take(line) } catch {
        terminal.note(Failure(describing: error).text)
        refused += 1
        return true
      }
      if case .end(let state) = taken {
        end = state
        return false
      }
      if taken == .known { return true }
      if taken == .head, spool == nil, try !begin(line) { return true }
      waiting.append(contentsOf: line)
      waiting.append(0x0A)
      return true
    }

    /// Takes the run's spool; what is in it comes before this head.
    /// - Returns: whether the head is new to it.
    private mutating func begin(_ head: UnsafeRawBufferPointer) throws -> Bool {
      guard let id = stream.id else { return true }
      let spool = try registry.spool(for: id)
      self.spool = spool
      guard spool.earlier.size > 0 else { return true }
      var earlier = RunStream(file: "<stdin>", scratch: registry.scratch)
      try earlier.take(spool: spool.earlier)
      let known = earlier.points
      _ = try earlier.take(head)
      stream = earlier
      terminal.note("continues a live run with \(counted(known, "point"))")
      return true
    }

    mutating func write() throws {
      guard !waiting.isEmpty, let spool else { return }
      if deadline == nil { deadline = Machine.seconds() + Follower.patience }
      try waiting.withUnsafeBytes(spool.append)
      waiting.removeAll(keepingCapacity: true)
    }

    mutating func synchronize() throws {
      guard deadline != nil else { return }
      deadline = nil
      try spool?.synchronize()
    }
  }
}
