import Determinism
import Glibc

/// Standard output and standard error, written by bytes and checked.
///
/// `print` to a full disk is silent and exits 0; here a failed write ends the command with status 2.
struct Terminal: Sendable {
  /// Whether people read standard error: progress bars are for them alone.
  let isInteractive: Bool
  /// Columns of the window, 80 when unknown.
  let columns: Int

  static let standard = Terminal(
    isInteractive: isatty(STDERR_FILENO) == 1, columns: Terminal.windowColumns())

  /// A line on standard output: an answer.
  func say(_ line: String = "") throws(Failure) { try write(line + "\n", to: STDOUT_FILENO) }

  /// A line on standard error: news, warnings, errors. A closed standard error is no reason to fail.
  func note(_ line: String) { try? write(line + "\n", to: STDERR_FILENO) }

  /// Raw text on standard error, e.g. a progress bar.
  func draw(_ text: String) { try? write(text, to: STDERR_FILENO) }

  /// A JSON document on standard output.
  func say(_ json: JSON) throws(Failure) { try write(json.prettyText, to: STDOUT_FILENO) }

  /// A text that brings its own line ends.
  func write(document: String) throws(Failure) { try write(document, to: STDOUT_FILENO) }

  /// A file's bytes on standard output.
  func write(bytes: [UInt8]) throws(Failure) { try write(bytes[...], to: STDOUT_FILENO) }

  /// Many lines at once: a write for each takes longer than making them.
  func say(_ lines: [String]) throws(Failure) {
    try write(lines.map { $0 + "\n" }.joined(), to: STDOUT_FILENO)
  }

  private func write(_ text: String, to descriptor: Int32) throws(Failure) {
    try write(Array(text.utf8)[...], to: descriptor)
  }

  private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(Failure) {
    var rest = bytes
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno == EPIPE, descriptor == STDOUT_FILENO {
        // Whoever read has seen enough (`| head`): no news, but no success either.
        throw Failure(.couldNotFinish, lines: [])
      } else if errno != EINTR {
        throw Failure(
          .couldNotFinish, "cannot write to standard output: \(String(cString: strerror(errno)))",
          hint: "is the disk full, or the pipe closed?")
      }
    }
  }

  private static func windowColumns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

extension String {
  /// Its lines, each fit for the terminal; a hint has one of its own.
  var linesForTerminal: [String] {
    utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)).forTerminal }
  }

  /// Without control characters: names come from files, and `ESC ] 0` would retitle the window.
  var forTerminal: String {
    // Nearly every text is printable ASCII.
    if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
    var clean = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      let isBidi =
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      clean.append(isControl || isBidi ? "\u{FFFD}" : scalar)
    }
    return String(clean)
  }
}
