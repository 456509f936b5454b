import Determinism

/// One level of a point, in words: `trigger` and `tag`.
package struct PointLevel: Equatable, Sendable {
  package let setting: JSON.Text
  package let value: JSON.Text

  package init(_ setting: String, _ value: String) {
    self.setting = JSON.Text(setting)
    self.value = JSON.Text(value)
  }

  /// What several stages have alike is said once. A setting with several values keeps all of them, in their order:
  /// points that differ have texts that differ.
  package static func once(_ levels: [PointLevel]) -> [PointLevel] {
    var said: Set<JSON.Text> = []
    return levels.filter { level in
      let isOne = levels.allSatisfy { $0.setting != level.setting || $0.value == level.value }
      return !isOne || said.insert(level.setting).inserted
    }
  }

  /// `size` of `model.size`.
  package static func lastName(of path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: ".")).last.map { String(Substring($0)) } ?? path
  }
}
