import Determinism
import Studies

/// That artifacts which a rerun can make again were removed from the store on request. Their digests and sizes
/// stay on record where they always were.
package struct TombstoneRecord: Sendable {
  package struct Removed: Hashable, Comparable, Sendable {
    package let digest: Digest
    /// Bytes.
    package let size: Int

    package init(digest: Digest, size: Int) {
      self.digest = digest
      self.size = size
    }

    package static func < (left: Removed, right: Removed) -> Bool { left.digest < right.digest }
  }

  /// The study whose records name them.
  package let slug: String
  /// Sorted by digest, each once.
  package let artifacts: [Removed]
  /// When, and with which program: shown, never compared.
  package let circumstances: JSON.Object

  package init(slug: String, artifacts: [Removed], circumstances: JSON.Object) {
    self.slug = slug
    self.artifacts = Set(artifacts).sorted()
    self.circumstances = circumstances
  }

  package var document: JSON {
    [
      "record": "tombstone", "slug": JSON(slug), "artifacts": artifactsDocument,
      "circumstances": .object(circumstances),
    ]
  }

  var artifactsDocument: JSON {
    .array(artifacts.map { ["sha256": JSON($0.digest), "size": JSON($0.size)] })
  }

  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow(["record", "slug", "artifacts", "circumstances"])
    self.init(
      slug: try reader.string("slug"),
      artifacts: try reader.list("artifacts", "a digest with its size", Self.removed),
      circumstances: try reader.members("circumstances"))
  }

  static func removed(_ document: JSON) -> Removed? {
    guard let object = document.object, object.count == 2, let digest = object["sha256"]?.digest,
      let size = object["size"]?.int, size >= 0
    else { return nil }
    return Removed(digest: digest, size: size)
  }
}
