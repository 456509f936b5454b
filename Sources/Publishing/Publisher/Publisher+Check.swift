import Determinism

extension Publisher {
  /// Something wrong with a built site.
  package struct Finding: Equatable, Sendable, CustomStringConvertible {
    /// From the root of the site.
    package let path: String
    package let problem: String
    package var description: String { "\(path): \(problem)" }
  }

  /// Bytes of a page, its figures in it and its data beside it. More is slow to open on a telephone.
  package static let heaviestPage = 300_000

  /// Whether a folder is a whole site: every file of the manifest with its digest, nothing unlisted, every internal
  /// link and anchor present, no external resource, no page too heavy.
  ///
  /// - Throws: `PublishingError` when the folder cannot be read as a site at all.
  package static func check(_ folder: String) throws(PublishingError) -> [Finding] {
    guard let manifest = try Manifest(of: folder) else { throw .notASite(folder: folder) }
    var findings: [Finding] = []
    if Replacement.waiting(for: folder) != nil {
      findings.append(
        Finding(
          path: Manifest.name,
          problem: "a build was stopped while it took its place: 'dormouse site build' finishes it")
      )
    }
    var pages: [String: PageLinks] = [:]
    let listed = manifest.files.sorted { $0.key < $1.key }
    for (path, digest) in listed {
      guard Folder.kind(folder + "/" + path) == .file else {
        findings.append(Finding(path: path, problem: "missing"))
        continue
      }
      let bytes = try Folder.read(folder + "/" + path)
      if Digest(of: bytes) != digest {
        findings.append(Finding(path: path, problem: "differs from the manifest"))
      }
      guard isPage(path) else { continue }
      pages[path] = PageLinks(bytes)
      if bytes.count > heaviestPage {
        findings.append(
          Finding(
            path: path,
            problem: "weighs \(bytes.count / 1000) kB; a page has \(heaviestPage / 1000) at most"))
      }
    }
    for path in try Folder.tree(folder).files
    where manifest.files[path] == nil && path != Manifest.name {
      findings.append(Finding(path: path, problem: "not listed in the manifest"))
    }
    for (path, links) in pages.sorted(by: { $0.key < $1.key }) {
      findings += links.problems(on: path, pages: pages, files: Set(manifest.files.keys))
    }
    return findings
  }
}
