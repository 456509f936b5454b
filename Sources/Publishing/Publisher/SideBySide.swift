import Dispatch
import Synchronization

/// Work whose pieces do not know of each other, on several threads.
enum SideBySide {
  /// The sum over all of them; nil where one has no number, and then not all are asked.
  static func sum<Element: Sendable>(
    _ elements: [Element], threads: Int, _ number: @Sendable (Element) -> Int?
  ) -> Int? {
    // Piece by piece: a lock for each would cost more than what is asked.
    let piece = 256
    let total = Mutex<Int?>(0)
    let next = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, elements.count / piece))) { _ in
      while total.withLock({ $0 != nil }) {
        let start = next.withLock { next in
          defer { next += piece }
          return next
        }
        guard start < elements.count else { return }
        var sum: Int? = 0
        for element in elements[start..<min(start + piece, elements.count)] {
          sum = number(element).flatMap { value in sum.map { $0 + value } }
          if sum == nil { break }
        }
        total.withLock { total in total = sum.flatMap { sum in total.map { $0 + sum } } }
      }
    }
    return total.withLock { $0 }
  }

  /// Calls the body for each number below `count`, the lower ones first. What goes wrong is the piece of the lowest
  /// number that did, however the threads ran; pieces after it may be left undone.
  static func perform(
    _ count: Int, threads: Int,
    _ body: @Sendable (Int) throws(PublishingError) -> Void
  ) throws(PublishingError) {
    let next = Mutex(0)
    let failure = Mutex<(index: Int, error: PublishingError)?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
      while true {
        let index = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard index < count, failure.withLock({ $0.map { index < $0.index } ?? true }) else {
          return
        }
        do throws(PublishingError) {
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
}
