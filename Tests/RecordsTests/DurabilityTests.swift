import Determinism
import Glibc
import Studies
import Testing

@testable import Records

@Suite struct DurabilityTests {
  let folder = Folder()

  @Test func `eight connections write a hundred times each, and nothing is lost`() async throws {
    let path = folder["r"]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          let registry = try Registry(at: path)
          for number in 0..<100 {
            let step = Fixture.step(seed: UInt64(writer * 1000 + number))
            _ = try registry.record(
              stage: step, values: StageValues(scalars: ["x": Double(number)]),
              circumstances: JSON.Object(), slug: "load-\(writer % 3)")
          }
        }
      }
      try await group.waitForAll()
    }
    let registry = try Registry(at: path)
    let snapshot = try registry.snapshot()
    #expect(snapshot.stages.count == 800)
    #expect(snapshot.chains.map(\.entries.count).reduce(0, +) == 800)
    #expect(snapshot.chains.allSatisfy { $0.firstBreak == nil })
    #expect(try registry.check(deep: true) == [])
  }

  /// Records stages and notes each in a file after it was acknowledged, until it is killed.
  private static func write(to path: String, killedAfter microseconds: Int, opened: Bool) throws {
    if !opened { scheduleDeath(after: microseconds) }
    let registry = try Registry(at: "\(path)/r")
    if opened { scheduleDeath(after: microseconds) }
    let notes = open("\(path)/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o644)
    for number in 0... {
      let step = Fixture.step(seed: UInt64.random(in: .min ... .max))
      _ = try registry.record(
        stage: step,
        values: StageValues(
          scalars: ["x": Double(number)],
          artifacts: ["a": Artifact(role: .kept, mediaType: "text/plain", bytes: step.key.bytes)]),
        circumstances: JSON.Object(), slug: "killed")
      let line = Array("\(step.key.hex)\n".utf8)
      _ = Glibc.write(notes, line, line.count)
    }
  }

  private static func scheduleDeath(after microseconds: Int) {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { delay in
        usleep(UInt32(UInt(bitPattern: delay)))
        kill(getpid(), SIGKILL)
        return nil
      }, UnsafeMutableRawPointer(bitPattern: microseconds))
  }

  @Test func `a record that was acknowledged outlives kill -9`() async throws {
    let path = folder.path
    var stream = RandomStream(seed: 3, "kill")
    func acknowledged() throws -> [Digest?] {
      try (DurableFile.read(folder["acknowledged"]) ?? []).split(separator: UInt8(ascii: "\n"))
        .map { Digest(hex: String(decoding: $0, as: UTF8.self)) }
    }
    // On a busy machine children get less far: some more of them, then.
    for round in 0..<100 {
      if try round >= 10 && acknowledged().count > 10 { break }
      // Every other child is killed as it opens the registry, the first of them as it makes it.
      let opened = round % 2 == 1
      let delay = opened ? 50_000 + stream.below(100_000) : 5_000 + stream.below(40_000)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, delay = delay as Int, opened = opened as Bool] in
        try DurabilityTests.write(to: path, killedAfter: delay, opened: opened)
      }
    }
    let registry = try Registry(at: folder["r"])
    let keys = try acknowledged()
    #expect(keys.count > 10)
    for key in keys {
      let key = try #require(key)
      let stage = try #require(try registry.stage(key), "acknowledged and lost")
      #expect(try registry.artifact(try #require(stage.artifacts["a"]).digest) == key.bytes)
    }
    #expect(try registry.check(deep: true).filter { $0.severity == .damage } == [])
  }

  /// A file system of a few pages; nil where none may be mounted.
  private func smallDisk(bytes: Int) -> String? {
    let place = folder["disk"]
    mkdir(place, 0o755)
    return mount("tmpfs", place, "tmpfs", 0, "size=\(bytes)") == 0 ? place : nil
  }

  @Test(.enabled(if: geteuid() == 0, "mounts a file system"))
  func `a full disk is an error, and the registry is as before`() throws {
    guard let disk = smallDisk(bytes: 800 << 10) else { return }
    defer { umount(disk) }
    let registry = try Registry(at: "\(disk)/r")
    var acknowledged: [Digest] = []
    var failure: (any Error)?
    for seed in 0..<10_000 as Range<UInt64> where failure == nil {
      let step = Fixture.step(seed: seed)
      do {
        _ = try registry.record(
          stage: step,
          values: StageValues(artifacts: [
            "a": Artifact(
              role: .kept, mediaType: "x",
              bytes: Array("\(seed)".utf8) + [UInt8](repeating: 7, count: 5000))
          ]), circumstances: JSON.Object(), slug: "full")
        acknowledged.append(step.key)
      } catch { failure = error }
    }
    guard case .storage(_, _, let reason)? = failure as? RegistryError else {
      Issue.record("not a storage error: \(String(describing: failure))")
      return
    }
    #expect(reason.contains("No space"))
    #expect(acknowledged.count > 5)
    #expect(try registry.check(deep: true).filter { $0.severity == .damage } == [])
    for key in acknowledged { #expect(try registry.stage(key) != nil) }
    // With space again, it goes on.
    _ = mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT), "size=\(4 << 20)")
    _ = try registry.record(
      stage: Fixture.step(seed: 99_999), values: Fixture.richValues, circumstances: JSON.Object(),
      slug: "full")
    #expect(try Registry(at: "\(disk)/r").snapshot().stages.count == acknowledged.count + 1)
  }

  @Test func `settings that durability needs are what SQLite answers`() throws {
    let registry = try Registry(at: folder["r"])
    let settings: KeyValuePairs = [
      "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "busy_timeout": 60_000,
      "application_id": Schema.applicationID, "user_version": Registry.newestFormat,
    ]
    for (name, value) in settings {
      #expect(try registry.reading { try $0.integer("PRAGMA \(name)") } == value, "\(name)")
    }
    let journal = try registry.reading { try $0.row("PRAGMA journal_mode")?[0] as String? }
    #expect(journal == "truncate")
  }

  @Test func `objects are read-only files`() throws {
    let registry = try Registry(at: folder["r"])
    try registry.restore([1, 2, 3])
    var status = stat()
    #expect(stat(registry.objects.path(of: Digest(of: [1, 2, 3])), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o444)
  }
}
