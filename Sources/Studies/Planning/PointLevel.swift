import Determinism

/// One level of a point, for people: `trigger` and `tag`.
package struct PointLevel: Equatable, Sendable {
  /// Whose setting it is, `organism` of `organism.trigger`, where that has to be said.
  package let owner: String?
  package let setting: String
  package let value: String

  /// - Parameter path: of the setting: `organism.trigger`, `stages.relearn.trigger`.
  package init(_ path: String, _ value: String) {
    let names = path.utf8.split(separator: UInt8(ascii: ".")).map { String(Substring($0)) }
    self.init(
      owner: names.dropLast().last, setting: names.last ?? path, value: value)
  }

  private init(owner: String?, setting: String, value: String) {
    (self.owner, self.setting, self.value) = (owner, setting, value)
  }

  /// What more owners of a setting have than anything else is said once, and of nobody; the others are named. Points
  /// of one study that differ have texts that differ.
  package static func once(_ levels: [PointLevel]) -> [PointLevel] {
    var usual: [JSON.Text: JSON.Text] = [:]
    for (setting, same) in Dictionary(grouping: levels, by: { JSON.Text($0.setting) }) {
      let values = same.map { JSON.Text($0.value) }
      let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
      let most = counts.values.max()
      let first = counts.filter { $0.value == most }
      usual[setting] = first.count == 1 ? first.keys.first : nil
    }
    var said: Set<JSON.Text> = []
    return levels.compactMap { level in
      let setting = JSON.Text(level.setting)
      guard usual[setting] == JSON.Text(level.value) else { return level }
      guard said.insert(setting).inserted else { return nil }
      return PointLevel(owner: nil, setting: level.setting, value: level.value)
    }
  }

  /// `size` of `model.size`.
  package static func lastName(of path: String) -> String { PointLevel(path, "").setting }
}
