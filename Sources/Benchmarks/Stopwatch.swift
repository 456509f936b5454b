import Glibc

/// Seconds of a clock that only goes forward.
package enum Stopwatch {
  package static func now() -> Double {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    return Double(moment.tv_sec) + Double(moment.tv_nsec) * 1e-9
  }

  static func seconds(of body: () -> Void) -> Double {
    let start = now()
    body()
    return now() - start
  }
}
