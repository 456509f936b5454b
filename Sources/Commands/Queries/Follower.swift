import Determinism
import Glibc
import Interchange
import Records

/// Follows a live run on standard input. Every line is durable a second after it came, at the latest; a line
/// that is wrong is refused by itself and told, so that a typing error does not stop a training.
struct Follower {
  let terminal: Terminal
  let common: CommonOptions

  /// Bytes that wait for the disk at most.
  private static let mostWaiting = 4 << 20
  private static let patience = 1.0

  func perform() throws -> ExitStatus {
    let registry = try common.openRegistry(.create)
    var state = State(registry: registry, terminal: terminal)
    var rest: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var end: RunState?
    while end == nil, Signals.pending == nil {
      guard try wait(until: state.deadline) else {
        try state.synchronize()
        continue
      }
      let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else {
        throw Failure(
          .couldNotFinish, "cannot read standard input: \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      rest += buffer.prefix(count)
      var start = 0
      while end == nil, let newline = rest[start...].firstIndex(of: 0x0A) {
        end = try state.take(rest[start..<newline])
        start = newline + 1
      }
      rest.removeSubrange(..<start)
      guard rest.count <= RunStream.longestLine else {
        throw Failure(
          .couldNotFinish, "a line is longer than \(RunStream.longestLine >> 20) MiB",
          hint: "one step a line")
      }
      if state.waiting.count > Self.mostWaiting { try state.synchronize() }
    }
    // A last line without its newline is a line all the same, if it is a whole document.
    if end == nil, !rest.isEmpty, Signals.pending == nil { end = try state.take(rest[...]) }
    try state.synchronize()
    return try finish(state, end)
  }

  private func finish(_ state: State, _ end: RunState?) throws -> ExitStatus {
    guard let end, let spool = state.spool, let record = state.stream.record(state: end) else {
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
    let isNew = try state.registry.register(record)
    try spool.remove()
    if common.json {
      try terminal.say(
        [
          "run": JSON(record.id), "record": JSON(Digest(of: record.document)),
          "study": JSON(record.slug), "new": JSON(isNew), "refused": JSON(state.refused),
        ])
    } else {
      let what = isNew ? record.summary : "registered before, with the same content"
      try terminal.say("run \(record.id.short) · \(record.slug) · \(what)".forTerminal)
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

  /// The run so far, and what of it is not durable yet.
  private struct State {
    let registry: Registry
    let terminal: Terminal
    var stream = RunStream(file: "<stdin>")
    var spool: LiveSpool?
    var waiting: [UInt8] = []
    var deadline: Double?
    var refused = 0

    init(registry: Registry, terminal: Terminal) {
      self.registry = registry
      self.terminal = terminal
    }

    /// - Returns: how the run ended, if this was its last line.
    mutating func take(_ line: ArraySlice<UInt8>) throws -> RunState? {
      let taken: RunStream.Line
      do { taken = try stream.take(line) } catch {
        terminal.note(Failure(describing: error).text)
        refused += 1
        return nil
      }
      if case .end(let state) = taken { return state }
      if taken == .known { return nil }
      if taken == .head, spool == nil, try !begin(line) { return nil }
      waiting += line
      waiting.append(0x0A)
      if deadline == nil { deadline = Machine.seconds() + Follower.patience }
      return nil
    }

    /// Takes the run's spool; what is in it comes before this head.
    private mutating func begin(_ head: ArraySlice<UInt8>) throws -> Bool {
      guard let id = stream.id else { return true }
      let spool = try registry.spool(for: id)
      self.spool = spool
      guard !spool.earlier.isEmpty else { return true }
      var earlier = RunStream(file: "<stdin>")
      try earlier.take(spool: spool.earlier)
      let isKnown = earlier.points
      _ = try earlier.take(head)
      stream = earlier
      terminal.note("continues a live run with \(counted(isKnown, "point"))")
      return true
    }

    mutating func synchronize() throws {
      deadline = nil
      guard !waiting.isEmpty, let spool else { return }
      try spool.append(waiting)
      waiting = []
    }
  }
}
