import Determinism
import Glibc
import Studies
import Testing

@testable import Records

@Suite struct StreamedArtifactTests {
  let folder = Folder()

  private struct Broken: Error {}

  private static func piece(_ number: Int) -> [UInt8] {
    (0..<1000).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
  }

  private static func store(_ pieces: Int, in registry: Registry) throws -> ArtifactReference {
    try registry.store(role: .remade, mediaType: "application/x-safetensors") { object in
      for number in 0..<pieces { try piece(number).withUnsafeBytes(object.write) }
    }
  }

  /// Everything under `objects/`, temporary files too.
  private static func files(of registry: Registry) -> [String] {
    let objects = registry.objects.contents()
    return objects.objects.map(\.hex) + objects.strangers
  }

  @Test(arguments: [0, 1, 40])
  func `arrive whole, read-only, under the digest of their bytes`(pieces: Int) throws {
    let registry = try Registry(at: folder["r"])
    let bytes = (0..<pieces).flatMap(Self.piece)
    let reference = try Self.store(pieces, in: registry)
    #expect(
      reference
        == ArtifactReference(
          role: .remade, mediaType: "application/x-safetensors", digest: Digest(of: bytes),
          size: bytes.count))
    #expect(try registry.artifact(reference.digest) == bytes)
    var status = stat()
    #expect(stat(registry.objects.path(of: reference.digest), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o444)
    // Again, and by the other way: one object.
    #expect(try Self.store(pieces, in: registry) == reference)
    try registry.restore(bytes)
    #expect(Self.files(of: registry) == [reference.digest.hex])
    #expect(
      try registry.check(deep: true).map(\.severity) == [.notice], "no record names it yet")
  }

  @Test func `replace damaged bytes`() throws {
    let registry = try Registry(at: folder["r"])
    let reference = try Self.store(3, in: registry)
    let path = registry.objects.path(of: reference.digest)
    chmod(path, 0o644)
    try DurableFile.write([1, 2, 3], to: path)
    #expect(throws: RegistryError.self) { try registry.artifact(reference.digest) }
    _ = try Self.store(3, in: registry)
    #expect(try registry.artifact(reference.digest).count == 3000)
  }

  @Test func `leave nothing behind when they are given up`() throws {
    let registry = try Registry(at: folder["r"])
    #expect(throws: Broken.self) {
      try registry.store(role: .kept, mediaType: "x") { object in
        try Self.piece(1).withUnsafeBytes(object.write)
        #expect(Self.files(of: registry).count <= 1, "what is under way has one name, or none")
        throw Broken()
      }
    }
    #expect(Self.files(of: registry) == [])
    #expect(try registry.check(deep: true).isEmpty)
  }

  @Test func `are refused by a registry opened for reading`() throws {
    _ = try Registry(at: folder["r"])
    let reader = try Registry(at: folder["r"], access: .readOnly)
    #expect(throws: RegistryError.readOnly(path: folder["r"])) { try Self.store(1, in: reader) }
  }

  @Test
  func `that cannot be written are an error, even if it is swallowed, and leave nothing behind`()
    async throws
  {
    let path = folder["r"]
    await #expect(processExitsWith: .success) { [path = path as String] in
      let registry = try Registry(at: path)
      // A write beyond this size fails as on a full disk.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 10_500, rlim_max: 10_500)
      precondition(setrlimit(__rlimit_resource_t(1), &limit) == 0)
      for isSwallowed in [false, true] {
        do {
          _ = try registry.store(role: .remade, mediaType: "x") { object in
            for number in 0..<40 {
              let bytes = StreamedArtifactTests.piece(number)
              do {
                try bytes.withUnsafeBytes(object.write)
              } catch  where isSwallowed {}
            }
          }
          preconditionFailure("stored")
        } catch let error as RegistryError {
          guard case .storage(_, "write", let reason) = error else {
            preconditionFailure("\(error)")
          }
          precondition(reason == "File too large", reason)
        }
        precondition(StreamedArtifactTests.files(of: registry).isEmpty)
      }
      // What fits is stored all the same.
      let reference = try StreamedArtifactTests.store(10, in: registry)
      let stored = try registry.artifact(reference.digest)
      precondition(stored.count == 10_000)
    }
    #expect(try Registry(at: path).check(deep: true).allSatisfy { $0.severity == .notice })
  }
}
