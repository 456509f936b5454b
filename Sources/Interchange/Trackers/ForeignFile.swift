import Determinism
import Glibc
import Records

/// A file of another tool, and the first bytes of it, to see what it is.
struct ForeignFile {
  private let head: [UInt8]

  /// nil when it cannot be read, or is no regular file.
  init?(_ path: String, atMost limit: Int = 4096) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = Glibc.read(descriptor, &buffer, limit)
    guard count >= 0 else { return nil }
    head = Array(buffer[..<count])
  }

  func prefix(_ count: Int) -> [UInt8] { Array(head.prefix(count)) }

  /// The whole of a file; nil when there is none.
  ///
  /// - Throws: `ForeignProblem` for what is no regular file, a link, or longer than the limit.
  static func read(_ path: String, atMost limit: Int) throws(ForeignProblem) -> [UInt8]? {
    do { return try DurableFile.read(path, atMost: limit) } catch {
      if case .damaged(_, let what) = error as? RegistryError {
        throw ForeignProblem(path, "cannot be read: \(what)")
      }
      // `path: reason` is how the registry words it; the path stands once.
      let reason = Array(((error as? RegistryError)?.problem ?? "\(error)").utf8)
      let skipped = reason.starts(with: "\(path): ".utf8) ? path.utf8.count + 2 : 0
      let plain = String(decoding: reason.dropFirst(skipped), as: UTF8.self)
      throw ForeignProblem(path, "cannot be read: \(plain)")
    }
  }

  /// The same, of one that has to be there.
  static func demand(_ path: String, atMost limit: Int) throws(ForeignProblem) -> [UInt8] {
    guard let bytes = try read(path, atMost: limit) else {
      throw ForeignProblem(path, "is missing")
    }
    return bytes
  }

  /// - Throws: the place of what is not JSON, or no object.
  static func object(_ path: String, atMost limit: Int) throws(ForeignProblem) -> JSON.Object {
    let bytes = try demand(path, atMost: limit)
    let json: JSON
    do { json = try JSON(parsing: bytes, nonFinite: true) } catch {
      throw ForeignProblem(path, at: .line(error.line, column: error.column), error.message)
    }
    guard let object = json.object else {
      throw ForeignProblem(path, at: .line(1), "expected a JSON object")
    }
    return object
  }
}
