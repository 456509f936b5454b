import Glibc

/// The files that a site is made of, looked at again and again.
struct WatchedFiles {
  let registry: String
  let studies: String
  let templates: String?

  private static let interval: useconds_t = 300_000

  /// Calls the body at once, and whenever a file has changed, until somebody asks for a stop.
  ///
  /// - Returns: the status of whoever asked.
  func each(asking pending: () -> Int32?, _ body: () -> Void) -> ExitStatus {
    var seen: [String: Stamp] = [:]
    var isFirst = true
    while true {
      if let signal = pending() { return Signals.status(of: signal) }
      let stamps = stamps
      if isFirst || stamps != seen {
        (seen, isFirst) = (stamps, false)
        body()
      }
      usleep(Self.interval)
    }
  }

  struct Stamp: Equatable {
    let seconds: Int
    let nanoseconds: Int
    let size: Int
    let file: UInt64
  }

  /// Of a registry its database and the live runs; of studies what people write.
  var stamps: [String: Stamp] {
    var stamps: [String: Stamp] = [:]
    func look(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return }
      stamps[path] = Stamp(
        seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
        size: Int(status.st_size), file: UInt64(status.st_ino))
    }
    look("\(registry)/registry.sqlite")
    for folder in ["\(registry)/live", templates].compactMap({ $0 }) {
      for name in (try? Files.names(in: folder)) ?? [] { look("\(folder)/\(name)") }
    }
    look("\(studies)/hypotheses.yaml")
    for name in (try? Files.names(in: studies)) ?? [] {
      for file in ["README.md", "study.yaml"] { look("\(studies)/\(name)/\(file)") }
    }
    return stamps
  }
}
