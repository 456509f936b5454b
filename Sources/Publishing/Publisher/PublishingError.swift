import Rendering

/// Why a site was not written. The folder is as it was before, or the next build finishes what this one began.
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
  /// A file of somebody else, where one of the site is to be.
  case occupied(path: String)
  /// Something in the folder that is neither a file nor a folder.
  case foreign(path: String)
  /// The archives that the site is to carry could not be made.
  case archives(problem: String)
  /// The record of a registered run, which a page shows whole, could not be read.
  case record(run: String, problem: String)
  case system(operation: String, path: String, problem: String)

  package var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }

  /// What is wrong, and where.
  package var problem: String {
    switch self {
    case .template(let error): error.description
    case .collision(let path): "two files of the site want the path '\(path)'"
    case .path(let path): "'\(path)' cannot be a path of the site"
    case .notASite(let folder): "\(folder): not empty, and not a site of dormouse"
    case .manifest(let folder, let problem): "\(folder)/site-manifest.json: \(problem)"
    case .occupied(let path):
      "\(path): a file that is not the site's stands where one of it is to be"
    case .foreign(let path): "\(path): neither a file nor a folder"
    case .archives(let problem): "the archives cannot be carried along: \(problem)"
    case .record(let run, let problem): "run \(run) cannot be read: \(problem)"
    case .system(let operation, let path, let problem): "\(path): cannot \(operation): \(problem)"
    }
  }

  /// What to do about it, where there is something to do.
  package var hint: String? {
    switch self {
    case .notASite: "choose an empty or new folder"
    case .manifest: "move the folder away and build again"
    case .foreign, .occupied: "move it out of the site"
    case .system(_, _, let problem) where problem.contains("No space"):
      "free some space and build again"
    case .system:
      "see that the folder can be written to, and build again"
    case .archives: "--no-archives builds the site without them"
    case .record: "dormouse check says what else is damaged"
    case .template, .collision, .path: nil
    }
  }
}
