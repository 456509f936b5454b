import Determinism

/// What a built site consists of: `site-manifest.json` in its root.
struct Manifest: Equatable {
  static let name = "site-manifest.json"

  let head: Digest
  /// Of everything besides the records: ``Site/Sources/document(_:_:)``.
  let inputs: JSON
  /// By path.
  let files: [String: Digest]
  /// Folders that are remade only when something in them changes: what their files are a function of.
  let units: [String: Digest]

  var text: String {
    let document: JSON = [
      "format": JSON(Site.format), "head": JSON(head), "inputs": inputs,
      "files": .object(JSON.Object(files.map { ($0.key, JSON($0.value)) })),
      "units": .object(JSON.Object(units.map { ($0.key, JSON($0.value)) })),
    ]
    return document.prettyText
  }

  init(head: Digest, inputs: JSON, files: [String: Digest], units: [String: Digest]) {
    self.units = units
    self.head = head
    self.inputs = inputs
    self.files = files
  }

  /// A folder's; nil where it has none.
  ///
  /// - Throws: `.manifest` for one that cannot be read.
  init?(of folder: String) throws(PublishingError) {
    let path = folder + "/" + Manifest.name
    guard Folder.kind(path) == .file else { return nil }
    let bytes = try Folder.read(path)
    do {
      self = try Manifest(parsing: bytes)
    } catch {
      throw .manifest(folder: folder, problem: error.description)
    }
  }

  /// Reads a manifest; paths that a site cannot have make it unreadable, so that nothing outside is touched.
  init(parsing bytes: [UInt8]) throws(ManifestProblem) {
    let document: JSON
    do {
      document = try JSON(parsing: bytes)
    } catch {
      throw ManifestProblem(description: "not JSON: \(error)")
    }
    guard let head = document["head"]?.digest, let inputs = document["inputs"],
      let listed = document["files"]?.object
    else { throw ManifestProblem(description: "not a manifest of a site") }
    var files: [String: Digest] = [:]
    for member in listed.members {
      let path = member.key.value
      guard SitePath.isValid(path), let digest = member.value.digest else {
        throw ManifestProblem(description: "'\(path)' is not a path with a digest")
      }
      files[path] = digest
    }
    // A site of an earlier program has none.
    let units = (document["units"]?.object?.members ?? []).compactMap { member in
      member.value.digest.map { (member.key.value, $0) }
    }
    self.init(
      head: head, inputs: inputs, files: files,
      units: Dictionary(units, uniquingKeysWith: { first, _ in first }))
  }
}

struct ManifestProblem: Error, Equatable, CustomStringConvertible {
  let description: String
}
