import Dispatch
import Synchronization

/// Work whose pieces do not know of each other, on several threads.
enum SideBySide {
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
