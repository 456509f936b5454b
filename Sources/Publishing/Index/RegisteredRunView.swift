import Determinism
import Records
import Rendering
import Studies

/// A run that was done elsewhere, with what lists and other pages say of it.
struct RegisteredRunView: Sendable {
  let outline: RegisteredRunOutline
  /// Comparisons with what its owner executed again, oldest first.
  let reruns: [RerunRecord]
  /// What people said of it afterwards, oldest first.
  let annotations: [AnnotationRecord]

  var id: Digest { outline.id }
  var path: String { RunView.path(of: id) }
  var folder: String { String(path.dropLast("/index.html".count)) }
  /// Its name, its owner's id, or the first digits of its id.
  var title: String {
    if !outline.name.isEmpty { return outline.name }
    return outline.clientID ?? "Run \(id.short)"
  }

  var verdict: Verdict? { reruns.last?.verdict }

  /// `2026-11-20 23:41 UTC`, as its owner says.
  var finished: String? { Circumstances(object: outline.times).finished }

  var metrics: [(name: String, value: Double)] {
    outline.scalars.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
      .map { (name: $0.key, value: $0.value) }
  }
}

extension [RegisteredRunView] {
  /// What finished last comes first; of those that finished together, or never say, in the order of their ids.
  func newest(_ count: Int) -> [RegisteredRunView] {
    // Indices are sorted: a view is large, and when it finished is read out of a document.
    let keys = map { (finished: $0.finished ?? "", id: $0.id) }
    return indices.sorted { keys[$0] > keys[$1] }.prefix(count).map { self[$0] }
  }
}
