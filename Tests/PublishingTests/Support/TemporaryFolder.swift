import Foundation

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/dormouse-publishing-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure() }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  struct Failure: Error {}

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
