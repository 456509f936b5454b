import Rendering

/// Why a site was not written. The folder is as it was before.
package enum PublishingError: Error, Equatable, Sendable, CustomStringConvertible {
  case template(TemplateError)
  /// Two files of one path.
  case collision(String)
  /// A path that a site may not have.
  case path(String)
  /// The folder has content and no manifest: it is no site of ours.
  case notASite(folder: String)
  /// The folder's manifest cannot be read.
  case manifest(folder: String, problem: String)
  /// Something in the folder that is neither a file nor a folder.
  case foreign(path: String)
  case system(operation: String, path: String, problem: String)

  package var description: String {
    switch self {
    case .template(let error): error.description
    case .collision(let path): "two files of the site want the path '\(path)'"
    case .path(let path): "'\(path)' cannot be a path of the site"
    case .notASite(let folder):
      "\(folder): error: not empty and not a site of dormouse; hint: choose an empty or new folder"
    case .manifest(let folder, let problem):
      "\(folder)/site-manifest.json: error: \(problem); hint: move the folder away and build again"
    case .foreign(let path):
      "\(path): error: neither a file nor a folder; hint: move it out of the site"
    case .system(let operation, let path, let problem):
      "\(path): error: cannot \(operation): \(problem)"
    }
  }
}
