import ArgumentParser
import Determinism
import Experiments
import Glibc
import Interchange
import Records
import Studies

extension DormouseSubcommand {
  /// Reads and checks `FOLDER/study.yaml` against what this binary can do.
  func readStudy(in folder: String) throws -> Study {
    var folder = folder
    while folder.utf8.count > 1, folder.utf8.last == UInt8(ascii: "/") { folder.removeLast() }
    let isFile = folder.utf8.reversed().starts(with: ".yaml".utf8.reversed())
    return try Study(
      contentsOf: isFile ? folder : "\(folder)/study.yaml", catalog: .standard)
  }

  /// Facts for a record's circumstances: no host name, user name or path among them.
  func circumstances() -> JSON.Object {
    var facts = Catalog.standard.environment()
    facts["dormouse"] = JSON(Version.text)
    facts["binary"] = JSON(Version.binaryDigest?.hex)
    facts["machine"] = JSON(Machine.identity?.hex)
    facts["os"] = JSON(Machine.operatingSystem)
    facts["at"] = JSON(Machine.now())
    return facts
  }
}

extension HypothesisMap {
  /// - Throws: `Failure` where there is no such file, `StudyProblems`.
  init(file: String) throws {
    try self.init(
      bytes: Array(Files.text(of: file, limit: StudySource.maximumSize).utf8), file: file)
  }
}

/// The machine as a record may name it.
enum Machine {
  /// A digest of the random machine id that systemd keeps: tells machines apart and names none.
  static let identity: Digest? = {
    guard let bytes = contents(of: "/etc/machine-id"), !bytes.isEmpty else { return nil }
    return Digest(of: Array("dormouse.machine/1\u{0}".utf8) + bytes)
  }()

  /// e.g. `Linux 6.1 x86_64`.
  static let operatingSystem: String = {
    var name = utsname()
    uname(&name)
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    let release = text(name.release).utf8.split(separator: UInt8(ascii: ".")).prefix(2)
      .map { String(Substring($0)) }.joined(separator: ".")
    return "\(text(name.sysname)) \(release) \(text(name.machine))"
  }()

  /// UTC, RFC 3339, to the second.
  static func now() -> String {
    var moment = time(nil)
    var parts = tm()
    gmtime_r(&moment, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }

  static func secondsSince1970() -> Int { Int(time(nil)) }

  /// Seconds of a clock that only goes forward.
  static func seconds() -> Double {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    return Double(moment.tv_sec) + Double(moment.tv_nsec) * 1e-9
  }

  private static func contents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }
}

extension CommonOptions {
  func openRegistry(_ access: Registry.Access) throws -> Registry {
    try Registry(at: registryFolder, access: access)
  }
}

extension Registry {
  /// Everything recorded, and the live runs that are not yet.
  func snapshotWithLiveRuns() throws -> Snapshot { try snapshot().adding(live: liveRuns()) }
}
