import Synchronization
import Testing

@testable import TensorCore

struct `A worker pool` {
  @Test(arguments: 1...5)
  func `does every task once, and no two at a time with one worker`(threads: Int) {
    let pool = WorkerPool(threads: threads)
    let busy = Mutex(Set<Int>())
    for round in 0..<200 {
      let count = round % 17
      var done = [Int](repeating: 0, count: count)
      done.withUnsafeMutableBufferPointer { done in
        pool.run(count) { task, worker in
          let isFree = busy.withLock { $0.insert(worker).inserted }
          #expect(isFree && (0..<threads).contains(worker))
          done[task] += 1
          busy.withLock { _ = $0.remove(worker) }
        }
      }
      #expect(done.allSatisfy { $0 == 1 })
    }
  }
}

struct `An arena` {
  @Test func `gives aligned memory that does not overlap, and gives it again after a reset`() {
    let arena = Arena(chunkSize: 100)
    let first = arena.floats(10)
    let sizes = [1, 16, 17, 500, 64, 99]
    let pieces = sizes.map { arena.floats($0) }
    for (piece, size) in zip(pieces, sizes) {
      #expect(UInt(bitPattern: piece) % 64 == 0)
      piece.update(repeating: Float(size), count: size)
    }
    for (piece, size) in zip(pieces, sizes) {
      #expect((0..<size).allSatisfy { piece[$0] == Float(size) })
    }
    arena.reset()
    #expect(arena.floats(10) == first)
  }
}
