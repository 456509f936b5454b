import ArgumentParser
import Glibc

/// Memory that this process and its workers may still take.
struct MachineMemory: Equatable {
  /// nil when nothing says.
  let bytes: Int?
  /// Who says so, for an error: `the machine has`, `the control group has`, `--memory-limit is`.
  let source: String

  /// What the machine has available and the control groups leave, whichever is less.
  static func available() -> MachineMemory {
    let machine = meminfo(SystemFile.text("/proc/meminfo") ?? "")
    guard let group = ControlGroup.left(), group < machine ?? .max else {
      return MachineMemory(bytes: machine, source: "the machine has")
    }
    return MachineMemory(bytes: group, source: "the control group has")
  }

  /// `MemAvailable:   24153136 kB`, in bytes.
  static func meminfo(_ text: String) -> Int? {
    SystemFile.value(of: "MemAvailable:", in: text).map { $0 << 10 }
  }
}

/// The memory limits of control groups, versions 1 and 2: a container sees its own at the root.
enum ControlGroup {
  /// The least that a group of this process has left; nil without a limit.
  static func left() -> Int? {
    let lines = SystemFile.lines(SystemFile.text("/proc/self/cgroup") ?? "")
    var least: Int?
    for line in lines {
      // `0::/user.slice/…`, or `7:memory:/docker/…` of version 1.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isMemory = fields[1].split(separator: ",").contains("memory")
      guard fields[1].isEmpty || isMemory else { continue }
      var path = String(fields[2])
      while true {
        let folder = "/sys/fs/cgroup" + (isMemory ? "/memory" : "") + (path == "/" ? "" : path)
        if let left = left(in: folder, isFirstVersion: isMemory) {
          least = min(least ?? left, left)
        }
        guard path.utf8.count > 1, let slash = path.lastIndex(of: "/") else { break }
        path = slash == path.startIndex ? "/" : String(path[..<slash])
      }
    }
    return least
  }

  private static func left(in folder: String, isFirstVersion: Bool) -> Int? {
    let names =
      isFirstVersion
      ? (limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes")
      : (limit: "memory.max", used: "memory.current")
    func number(_ name: String) -> Int? {
      SystemFile.text("\(folder)/\(name)").flatMap { SystemFile.lines($0).first }.flatMap {
        Int($0)
      }
    }
    guard let limit = number(names.limit), limit < 1 << 60 else { return nil }
    let cached =
      SystemFile.text("\(folder)/memory.stat").flatMap {
        SystemFile.value(of: isFirstVersion ? "total_inactive_file" : "inactive_file", in: $0)
      } ?? 0
    // Cached files are given up before anybody is killed.
    return max(0, limit - max(0, (number(names.used) ?? 0) - cached))
  }
}

/// Small files of /proc and /sys.
enum SystemFile {
  static func text(_ path: String) -> String? { try? Files.text(of: path, limit: 1 << 16) }

  static func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

  /// The number behind a name at the beginning of a line.
  static func value(of name: String, in text: String) -> Int? {
    for line in lines(text) {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if words.count > 1, words[0] == name { return Int(words[1]) }
    }
    return nil
  }
}

/// `2GiB`, `500MB`, `800000000`.
struct ByteCount: ExpressibleByArgument, Equatable {
  let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  private static let units: [(suffix: String, factor: Int)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("kB", 1000),
    ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1), ("", 1),
  ]

  init?(argument: String) {
    for (suffix, factor) in Self.units
    where argument.utf8.reversed().starts(with: suffix.utf8.reversed()) {
      guard let digits = String(argument.utf8.dropLast(suffix.utf8.count)), !digits.isEmpty,
        digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(digits)
      else { continue }
      let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
      guard !overflow, bytes > 0 else { return nil }
      self.bytes = bytes
      return
    }
    return nil
  }

  /// `35 MiB`, `2.3 GiB`.
  var text: String {
    bytes >= 1 << 30
      ? "\(Decimal.text(Double(bytes) / 0x1p30, places: 1)) GiB"
      : "\(max(1, (bytes + 1 << 20 - 1) >> 20)) MiB"
  }
}
