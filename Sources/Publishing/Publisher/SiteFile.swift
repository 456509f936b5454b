/// A file of a site, on its way to the disk.
struct SiteFile: Sendable {
  let path: String
  let bytes: [UInt8]

  /// - Throws: `.path` for one that a site may not have.
  init(_ path: String, _ bytes: [UInt8]) throws(PublishingError) {
    guard SitePath.isValid(path) else { throw .path(path) }
    self.path = path
    self.bytes = bytes
  }

  init(_ path: String, _ text: String) throws(PublishingError) {
    try self.init(path, Array(text.utf8))
  }
}
