import Determinism
import Glibc
import Interchange
import Records

/// What `doctor` says of a registry, and what about it needs care.
struct RegistryCondition {
  private(set) var lines: [(fact: String, value: String)] = []
  private(set) var warnings: [String] = []

  /// - Parameter path: its folder; nothing in it is changed.
  init(of path: String) {
    do { try describe(try Registry(at: path, access: .readOnly), path) } catch RegistryError.missing
    {
      lines.append(("registry", "\(path): none yet"))
    } catch {
      lines.append(("registry", "\(path): cannot be read"))
      warnings.append(Failure(describing: error).lines.joined(separator: " "))
    }
  }

  private mutating func describe(_ registry: Registry, _ path: String) throws {
    let facts = try registry.facts()
    lines.append(
      ("registry", "\(path): format \(registry.format), head \(try registry.head().short)"))
    if registry.format < Registry.newestFormat {
      warnings.append(
        "the registry is of format \(registry.format), and is brought to \(Registry.newestFormat) "
          + "by the first command that writes, or by 'dormouse migrate'")
    }
    lines.append(
      ("records", facts.records.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")))
    let unused = facts.unusedSize == 0 ? "" : ", \(GcCommand.text(facts.unusedSize)) of it unused"
    lines.append(("database", GcCommand.text(facts.databaseSize) + unused))
    lines.append(
      ("artifacts", "\(counted(facts.objects, "object")), \(GcCommand.text(facts.objectsSize))"))
    lines.append(("sqlite", facts.sqliteVersion))
    lines.append(
      (
        "journal",
        facts.isWAL ? "WAL" : "rollback; TRUNCATE and FULL, read back at every opening for writing"
      ))
    if facts.isWAL {
      warnings.append(
        "another program put the database into WAL mode, in which SQLite before 3.51.3 can lose commits; "
          + "the next command that writes puts it back")
    }
    if facts.isBeingWritten { lines.append(("lock", "some process is writing now")) }
    try describeLiveRuns(of: registry)
    if facts.resumePoints > 0 {
      lines.append(("resume points", "\(facts.resumePoints)"))
    }
    if !facts.backups.isEmpty {
      lines.append(("backups", facts.backups.joined(separator: ", ").forTerminal))
    }
    describeDisk(under: path)
  }

  private mutating func describeLiveRuns(of registry: Registry) throws {
    let spools = try registry.spools()
    guard !spools.isEmpty else { return }
    let stale = spools.count { !$0.isFollowed }
    lines.append(
      ("live runs", "\(spools.count - stale) followed, \(stale) interrupted"))
    if stale > 0 {
      warnings.append(
        "\(counted(stale, "live run")) that nobody follows: a stream with the same head continues it, "
          + "'dormouse gc --live' records it as it stands")
    }
  }

  private mutating func describeDisk(under path: String) {
    var disk = statvfs()
    if statvfs(path, &disk) == 0 {
      let free = Int(disk.f_bavail) * Int(disk.f_frsize)
      lines.append(("free space", GcCommand.text(free)))
      if free < 64 << 20 {
        warnings.append("only \(GcCommand.text(free)) are free where the registry is")
      }
      if disk.f_files > 0, disk.f_favail < 1000 {
        warnings.append("only \(disk.f_favail) more files fit where the registry is")
      }
    }
    guard let type = Self.fileSystem(of: path), Self.shared.contains(where: type.utf8.starts)
    else { return }
    lines.append(("file system", type))
    warnings.append(
      "the registry is on \(type): where its locks are not those of one machine, let one machine write"
    )
  }

  /// File systems that other machines may write to, as the kernel's names begin.
  private static let shared = [
    "nfs", "cifs", "smb", "fuse", "lustre", "ceph", "9p", "gpfs", "beegfs",
  ]
  .map(\.utf8)

  /// The kernel's name for what a path lies on.
  private static func fileSystem(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0,
      let mounts = try? Files.text(of: "/proc/self/mountinfo", limit: 1 << 22)
    else { return nil }
    let device = UInt64(status.st_dev)
    let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
    let minor = device & 0xFF | device >> 12 & ~0xFF
    for line in mounts.utf8.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.count > 2, words[2].elementsEqual("\(major):\(minor)".utf8),
        let dash = words.firstIndex(where: { $0.elementsEqual("-".utf8) }), dash + 1 < words.count
      else { continue }
      return String(Substring(words[dash + 1]))
    }
    return nil
  }

  var document: JSON {
    .object(JSON.Object(lines.map { ($0.fact.replacing(" ", with: "_"), JSON($0.value)) }))
  }
}
