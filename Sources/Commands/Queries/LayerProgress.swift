import Studies

/// How far a detection run is: a line that is drawn again for people, a plain one a layer otherwise; nothing for
/// work under two seconds.
final class LayerProgress {
  private let terminal: Terminal
  private let isQuiet: Bool
  private let start = Machine.seconds()
  private var isShown = false

  init(terminal: Terminal, isQuiet: Bool) {
    self.terminal = terminal
    self.isQuiet = isQuiet
  }

  func report(_ progress: StageProgress) {
    let spent = Machine.seconds() - start
    guard !isQuiet, spent >= 2, progress.done > 0 else { return }
    let left = spent / Double(progress.done) * Double(progress.total - progress.done)
    let rate = Double(progress.done) / spent
    let line =
      "[\(progress.done)/\(progress.total) \(progress.unit)] \(progress.note), "
      + "\(Decimal.text(rate, places: 2))/s, about \(Decimal.duration(left)) left"
    if terminal.isInteractive {
      terminal.draw("\r\(line.forTerminal)\u{1B}[K")
      isShown = true
    } else {
      terminal.note(line.forTerminal)
    }
  }

  func finish() {
    if isShown { terminal.draw("\r\u{1B}[K") }
    isShown = false
  }
}
