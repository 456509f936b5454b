/// How many are done and how fast, on one redrawn line: for work whose end is not known before.
///
/// For people alone, and not before two seconds.
struct CountingBar {
  let terminal: Terminal
  let isQuiet: Bool
  /// `run`.
  let what: String
  private var done = 0
  private let started = Machine.seconds()
  private var drawn = 0.0
  private var isShown = false

  init(terminal: Terminal, isQuiet: Bool, what: String) {
    self.terminal = terminal
    self.isQuiet = isQuiet
    self.what = what
  }

  mutating func advance() {
    done += 1
    guard terminal.isInteractive, !isQuiet else { return }
    let now = Machine.seconds()
    guard now - started >= 2, now - drawn >= 0.1 else { return }
    drawn = now
    isShown = true
    let rate = Decimal.text(Double(done) / (now - started), places: 0)
    terminal.draw("\r\(counted(done, what)), \(rate)/s\u{1B}[K")
  }

  /// Removes the line, before an answer is printed.
  mutating func finish() {
    if isShown { terminal.draw("\r\u{1B}[K") }
    isShown = false
  }
}
