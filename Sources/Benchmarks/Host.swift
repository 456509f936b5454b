import Glibc

/// Facts of the machine that decide what a timing is worth.
package enum Host {
  /// Load averages over 1, 5 and 15 minutes.
  package static var load: [Double] {
    var values = [Double](repeating: 0, count: 3)
    let count = getloadavg(&values, 3)
    return Array(values.prefix(max(0, Int(count))))
  }

  /// As the processor calls itself.
  package static let processor = value(of: "model name", in: "/proc/cpuinfo") ?? "unknown"

  /// Whether this program was compiled for speed.
  #if DEBUG
    package static let isOptimised = false
  #else
    package static let isOptimised = true
  #endif

  package static let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))

  /// The largest resident size of this process so far.
  static var peakKiB: Int? {
    value(of: "VmHWM", in: "/proc/self/status").flatMap { text in
      Int(String(Substring(text.utf8.prefix { (0x30...0x39).contains($0) })))
    }
  }

  /// What stands behind `name:` on its first line in one of the kernel's text files.
  private static func value(of name: String, in path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    defer { free(line) }
    while getline(&line, &room, file) > 0, let line {
      let text = String(cString: line)
      guard text.utf8.starts(with: name.utf8),
        let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
      else { continue }
      let bytes = text.utf8[text.utf8.index(after: colon)...]
        .drop { $0 == 0x20 || $0 == 0x09 }
      return String(Substring(bytes.prefix { $0 != 0x0A }))
    }
    return nil
  }
}
