#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A fixed number of threads that carry out numbered tasks. Which thread takes which task is chance, so a
/// task may depend on its number only.
package final class WorkerPool: Sendable {
  package let threads: Int
  private let state: State

  /// - Parameter threads: the caller's own thread among them; at least 1.
  package init(threads: Int) {
    precondition((1...256).contains(threads), "1 to 256 threads, not \(threads)")
    self.threads = threads
    state = State()
    for worker in 1..<max(threads, 1) { state.startThread(worker) }
  }

  deinit { state.stop() }

  /// Calls `body(task, worker)` once for each task below `count`; returns when all are done. `worker` is
  /// below `threads`, and no two calls with one worker overlap. Not to be called from inside a task.
  package func run(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    guard threads > 1, count > 1 else {
      for task in 0..<count { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { state.run(count, $0) }
  }

  /// The same for a body that need not know who carries it out.
  package func forEach(_ count: Int, _ body: (Int) -> Void) { run(count) { task, _ in body(task) } }

  /// Everything here is guarded by the mutex.
  private final class State: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let begun = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let ended = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var threads: [pthread_t] = []
    private var body: ((Int, Int) -> Void)?
    private var next = 0
    private var count = 0
    private var unfinished = 0
    private var stopping = false

    init() {
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(begun, nil)
      pthread_cond_init(ended, nil)
    }

    deinit {
      pthread_cond_destroy(ended)
      pthread_cond_destroy(begun)
      pthread_mutex_destroy(mutex)
      ended.deallocate()
      begun.deallocate()
      mutex.deallocate()
    }

    private final class Start {
      let state: State
      let worker: Int
      init(state: State, worker: Int) {
        self.state = state
        self.worker = worker
      }
    }

    func startThread(_ worker: Int) {
      let context = Unmanaged.passRetained(Start(state: self, worker: worker)).toOpaque()
      #if canImport(Glibc)
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, { State.main($0!) }, context)
        precondition(failure == 0, "no thread could be started: error \(failure)")
        threads.append(thread)
      #else
        var thread: pthread_t?
        let failure = pthread_create(&thread, nil, { State.main($0) }, context)
        precondition(failure == 0, "no thread could be started: error \(failure)")
        threads.append(thread!)
      #endif
    }

    private static func main(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
      let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
      start.state.work(start.worker)
      return nil
    }

    private func work(_ worker: Int) {
      pthread_mutex_lock(mutex)
      while !stopping {
        if next < count { takeTasks(worker) } else { pthread_cond_wait(begun, mutex) }
      }
      pthread_mutex_unlock(mutex)
    }

    /// Called and left with the mutex held.
    private func takeTasks(_ worker: Int) {
      while next < count, let body {
        let task = next
        next += 1
        pthread_mutex_unlock(mutex)
        body(task, worker)
        pthread_mutex_lock(mutex)
        unfinished -= 1
        if unfinished == 0 { pthread_cond_signal(ended) }
      }
    }

    func run(_ count: Int, _ body: @escaping (Int, Int) -> Void) {
      pthread_mutex_lock(mutex)
      precondition(self.body == nil, "a pool runs one set of tasks at a time")
      self.body = body
      self.count = count
      next = 0
      unfinished = count
      pthread_cond_broadcast(begun)
      takeTasks(0)
      while unfinished > 0 { pthread_cond_wait(ended, mutex) }
      self.body = nil
      self.count = 0
      next = 0
      pthread_mutex_unlock(mutex)
    }

    func stop() {
      pthread_mutex_lock(mutex)
      stopping = true
      pthread_cond_broadcast(begun)
      pthread_mutex_unlock(mutex)
      for thread in threads { pthread_join(thread, nil) }
    }
  }
}
