import Determinism
import Glibc
import Studies

// Resume points are files of their own, `resume/<stage key>`: a line of JSON (step, SHA-256 of the bytes),
// then the bytes. Not records: a later one replaces an earlier one, and a damaged one counts as none, for a
// stage begun again ends with the same bits.
extension Registry {
  package func resumePoint(_ key: Digest) throws -> ResumePoint? {
    guard let file = try DurableFile.read(resumePath(key)),
      let newline = file.firstIndex(of: UInt8(ascii: "\n")),
      let header = try? JSON(parsing: file[..<newline]),
      let step = header["step"]?.int, let digest = header["sha256"]?.digest
    else { return nil }
    let bytes = Array(file[(newline + 1)...])
    return Digest(of: bytes) == digest ? ResumePoint(step: step, bytes: bytes) : nil
  }

  package func save(_ point: ResumePoint, for key: Digest) throws {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let header: JSON = ["step": JSON(point.step), "sha256": JSON(Digest(of: point.bytes))]
    try DurableFile.write(
      header.canonicalBytes + [UInt8(ascii: "\n")] + point.bytes, to: resumePath(key))
  }

  func removeResumePoint(_ key: Digest) { unlink(resumePath(key)) }

  private func resumePath(_ key: Digest) -> String { "\(path)/resume/\(key.hex)" }
}
