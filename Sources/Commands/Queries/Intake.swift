import Determinism
import Glibc
import Interchange
import Records

/// Registers documents as they come. Where many wait, they share a transaction; the line of a run is printed
/// when it is durable. A document that is wrong is no obstacle to the others: the status tells.
struct Intake {
  let terminal: Terminal
  let common: CommonOptions
  /// Answers with a line of JSON for each run, instead of one document at the end.
  let isStream: Bool

  private var registry: Registry?
  private var waiting: [(document: RunDocument, file: String)] = []
  /// Of their artifacts and lines.
  private var waitingBytes = 0
  private var answers: [JSON] = []
  private var status = ExitStatus.done

  /// What a transaction takes at most: enough that the disk is no longer what one waits for.
  private static let mostDocuments = 64
  private static let mostBytes = 4 << 20

  init(terminal: Terminal, common: CommonOptions, isStream: Bool) {
    self.terminal = terminal
    self.common = common
    self.isStream = isStream
  }

  /// - Parameter file: as answers name it.
  mutating func take(
    from file: String, bytes: Int = 0, _ read: () throws -> RunDocument
  ) throws {
    let document: RunDocument
    do { document = try read() } catch { return refuse(error) }
    for remark in document.remarks where !common.quiet {
      terminal.note("remark: \(remark)".forTerminal)
    }
    waiting.append((document: document, file: file))
    waitingBytes += bytes + document.artifacts.values.reduce(0) { $0 + $1.count }
    if waiting.count >= Self.mostDocuments || waitingBytes >= Self.mostBytes { try record() }
  }

  /// Takes a document from every line of a file, or of standard input for `-`, whose paths are relative to
  /// where we are. Whoever writes a line and waits has its answer before the next.
  mutating func takeLines(of file: String) throws {
    let isInput = file == "-"
    let descriptor = isInput ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
    let name = isInput ? "<stdin>" : file
    guard descriptor >= 0 else { return refuse(unreadable(name)) }
    defer { if !isInput { close(descriptor) } }
    let folder = isInput ? "." : Path.parent(of: file)
    var lines = LineSplitter()
    var number = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while Signals.pending == nil {
      if !waiting.isEmpty, !isReady(descriptor) { try record() }
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return refuse(unreadable(name)) }
      if count == 0 { break }
      try lines.split(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { line in
        number += 1
        try take(line, number: number, file: name, folder: folder)
        return true
      }
      guard lines.pending <= RunStream.longestLine else {
        return refuse(
          Failure(
            .usage, lines: ["\(name):\(number + 1):1: error: longer than 64 MiB"],
            hint: "put long series into files beside it: series_files"))
      }
    }
    if Signals.pending == nil {
      try lines.finish { line in
        try take(line, number: number + 1, file: name, folder: folder)
        return true
      }
    }
    try record()
  }

  /// - Returns: what the command ends with.
  mutating func finish() throws -> ExitStatus {
    try record()
    if common.json, !isStream { try terminal.say(.array(answers)) }
    return Signals.pending.map(Signals.status) ?? status
  }

  private mutating func take(
    _ line: UnsafeRawBufferPointer, number: Int, file: String, folder: String
  ) throws {
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
    try take(from: "\(file):\(number)", bytes: line.count) { () throws in
      try RunDocument(line: Array(line), number: number, file: file, folder: folder)
    }
  }

  private mutating func record() throws {
    guard !waiting.isEmpty else { return }
    if registry == nil { registry = try common.openRegistry(.create) }
    guard let registry else { return }
    let recorded = try registry.register(
      waiting.map { Registry.Submission($0.document.record, artifacts: $0.document.artifacts) })
    var news = ""
    var refusals: [(file: String, error: any Error)] = []
    for ((document, file), result) in zip(waiting, recorded) {
      switch result {
      case .success(let isNew) where common.json && !isStream:
        answers.append(answer(document, file: file, isNew: isNew))
      case .success(let isNew):
        let text =
          common.json
          ? answer(document, file: file, isNew: isNew).canonicalText
          : line(document.record, isNew: isNew).forTerminal
        news += text + "\n"
      case .failure(let error): refusals.append((file: file, error: error))
      }
    }
    waiting = []
    waitingBytes = 0
    if !news.isEmpty { try terminal.write(document: news) }
    for (file, error) in refusals { refuse(error, at: isStream ? file : nil) }
  }

  /// - Parameter place: file and line of a document that is sound by itself.
  private mutating func refuse(_ error: any Error, at place: String? = nil) {
    var failure = Failure(describing: error)
    if let place {
      failure = Failure(
        failure.status, lines: failure.lines.map { "\(place):1: \($0)" }, hint: failure.hint)
    }
    terminal.note(failure.text)
    if status != .couldNotFinish { status = failure.status }
  }

  private func isReady(_ descriptor: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) > 0
  }

  private func unreadable(_ name: String) -> Failure {
    Failure(
      .couldNotFinish, "\(name): \(String(cString: strerror(errno)))",
      hint: "check the path and its permissions")
  }

  private func line(_ run: RegisteredRunRecord, isNew: Bool) -> String {
    let what = isNew ? run.summary : "registered before, with the same content"
    return "run \(run.id.short) · \(run.slug)\(run.name.isEmpty ? "" : " · \(run.name)") · \(what)"
  }

  private func answer(_ document: RunDocument, file: String, isNew: Bool) -> JSON {
    let run = document.record
    let digest = run.digest
    return [
      "run": JSON(run.clientID == nil ? digest : run.id), "record": JSON(digest),
      "study": JSON(run.slug), "file": JSON(file), "new": JSON(isNew),
      "remarks": .array(document.remarks.map { JSON($0) }),
    ]
  }
}
