import Determinism

/// Values under dotted names (`"self_report_link.strength"`), each checked against its specification.
struct Settings: Equatable, Sendable {
  private(set) var values: [String: JSON] = [:]

  subscript(name: String) -> JSON? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The values as nested objects.
  var nested: JSON.Object {
    var object = JSON.Object()
    for name in values.keys.sorted() {
      object = object.setting(name.split(separator: ".").map(String.init), to: values[name]!)
    }
    return object
  }

  /// Fills in what is missing, leaves out what is implied; names those without a default.
  func withDefaults(_ specifications: [OptionSpecification]) -> (
    settings: Settings, missing: [String]
  ) {
    var settings = self
    var missing: [String] = []
    for specification in specifications {
      let name = specification.name
      let usual = specification.defaultValue.map(specification.kind.normalised)
      if specification.isImplied {
        if let set = settings[name], set == usual { settings[name] = nil }
      } else if settings[name] == nil {
        if let usual { settings[name] = usual } else { missing.append(name) }
      }
    }
    return (settings, missing)
  }

  /// Those named by a stage's `reads` within one section: the section itself, a value, or a group of them.
  func subset(readBy reads: [String], section: String) -> Settings {
    if reads.contains(section) { return self }
    var subset = Settings()
    for (name, value) in values {
      let path = "\(section).\(name)"
      if reads.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) { subset[name] = value }
    }
    return subset
  }
}

extension JSON.Object {
  /// A copy with the value at a path of keys; what stands in the way is replaced.
  package func setting(_ path: [String], to value: JSON) -> JSON.Object {
    guard let first = path.first else { return self }
    var copy = self
    if path.count == 1 {
      copy[first] = value
    } else {
      let inner = self[first]?.object ?? JSON.Object()
      copy[first] = .object(inner.setting(Array(path.dropFirst()), to: value))
    }
    return copy
  }

  /// The value at a path of keys.
  package func value(at path: [String]) -> JSON? {
    guard let first = path.first, let value = self[first] else { return nil }
    return path.count == 1 ? value : value.object?.value(at: Array(path.dropFirst()))
  }
}
