import Records
import Studies

/// Every kind of store that is read, and which of them a path holds.
package enum ForeignStores {
  /// One line each.
  package static let all: [any ForeignStore.Type] = [
    MLflowDatabase.self,
    MLflowFolder.self,
    SacredFolder.self,
    TableStore.self,
  ]

  package static var names: [String] { all.map { $0.name } }

  /// The one kind that a path's content is of; nil when it is of none.
  ///
  /// - Throws: `ForeignProblem` when there is nothing, or when it is of several kinds.
  package static func kind(of path: String) throws(ForeignProblem) -> (any ForeignStore.Type)? {
    if Path.kind(of: path) == .missing {
      throw ForeignProblem(path, "there is no such file or folder", hint: "check the path")
    }
    let kinds = all.filter { $0.recognises(path) }
    guard kinds.count <= 1 else {
      let names = kinds.map { $0.name }
      throw ForeignProblem(
        path, "holds runs of several kinds: \(names.joined(separator: ", "))",
        hint: "name the one to import: --from \(names[0])")
    }
    return kinds.first
  }
}
