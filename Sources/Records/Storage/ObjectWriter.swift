import Determinism
import Studies

/// An artifact on its way into the store, or another file that is named by its digest, piece by piece; hashed as it
/// is written.
package final class ObjectWriter {
  private let file: DurableFileWriter
  private var hasher = Digest.Hasher()
  /// Bytes so far.
  package private(set) var size = 0

  package init(_ file: DurableFileWriter) { self.file = file }

  /// - Throws: `RegistryError.storage`, e.g. on a full disk: the artifact cannot be kept then.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try file.write(bytes)
    hasher.update(bytes)
    size += bytes.count
  }

  package var digest: Digest {
    let hasher = hasher
    return hasher.finish()
  }
}

extension ObjectStore {
  /// Stores what `fill` writes, in memory of its own choosing. Durable when it returns; where `fill` or the
  /// disk fails, the store is as before. Bytes that are there already are replaced by the same.
  func write(_ fill: (ObjectWriter) throws -> Void) throws -> (digest: Digest, size: Int) {
    let file = try DurableFileWriter(in: folder, for: folder)
    let writer = ObjectWriter(file)
    try fill(writer)
    let digest = writer.digest
    let target = path(of: digest)
    try DurableFile.makeFolder(Path.parent(of: target))
    try file.commit(to: target, mode: 0o444)
    return (digest, writer.size)
  }
}

extension Registry {
  /// Puts an artifact into the store that need not fit into memory. A record that refers to it makes it part
  /// of the registry; until then a check calls it one that no record names.
  ///
  /// - Parameter fill: writes the bytes in order, e.g. through a `SafetensorsWriter`.
  package func store(
    role: Artifact.Role, mediaType: String, _ fill: (ObjectWriter) throws -> Void
  ) throws -> ArtifactReference {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let (digest, size) = try objects.write(fill)
    return ArtifactReference(role: role, mediaType: mediaType, digest: digest, size: size)
  }
}
