import Dispatch
import Synchronization

/// Work whose pieces do not know of each other, on several threads.
enum SideBySide {
  /// Calls the body for each number below `count`, the lower ones first. What goes wrong is the piece of the lowest
  /// number that did, however the threads ran; pieces after it may be left undone.
  static func perform<Failure: Error>(
    _ count: Int, threads: Int,
    _ body: @Sendable (Int) throws(Failure) -> Void
  ) throws(Failure) {
    let next = Mutex(0)
    let failure = Mutex<(index: Int, error: Failure)?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
      while true {
        let index = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard index < count, failure.withLock({ $0.map { index < $0.index } ?? true }) else {
          return
        }
        do throws(Failure) {
          try body(index)
        } catch {
          failure.withLock { known in
            if known.map({ index < $0.index }) ?? true { known = (index, error) }
          }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
  }

  /// The sum over all of them; nil where one has no number, and then not all are asked.
  static func sum<Element: Sendable>(
    _ elements: [Element], threads: Int, _ number: @Sendable (Element) -> Int?
  ) -> Int? {
    // Many at a time: a lock for each would cost more than what is asked.
    let piece = 256
    let total = Mutex(0)
    do throws(Numberless) {
      try perform((elements.count + piece - 1) / piece, threads: threads) {
        index throws(Numberless) in
        var sum = 0
        for element in elements.dropFirst(index * piece).prefix(piece) {
          guard let number = number(element) else { throw Numberless() }
          sum += number
        }
        total.withLock { $0 += sum }
      }
    } catch {
      return nil
    }
    return total.withLock { $0 }
  }

  private struct Numberless: Error {}
}
