import Determinism

/// The entities of an RO-Crate, flat, in the order they were added: the `@graph` of its metadata.
struct CrateGraph {
  private(set) var entities: [JSON.Object] = []
  private var known: Set<JSON.Text> = []

  /// Adds an entity; one that is there already stays as it is.
  ///
  /// - Parameters:
  ///   - type: one, or several.
  ///   - properties: nil values and empty lists are left out; a list of one is that one.
  mutating func add(_ id: String, _ type: String..., properties: [(String, JSON?)]) {
    guard known.insert(JSON.Text(id)).inserted else { return }
    var entity = JSON.Object([("@id", JSON(id)), ("@type", Self.compact(type.map { JSON($0) }))])
    for (name, value) in properties { entity[name] = value.flatMap(Self.compact) }
    entities.append(entity)
  }

  /// An entity of another graph.
  mutating func adopt(_ entity: JSON.Object) {
    guard let id = entity["@id"]?.string, known.insert(JSON.Text(id)).inserted else { return }
    entities.append(entity)
  }

  func contains(_ id: String) -> Bool { known.contains(JSON.Text(id)) }

  static func reference(_ id: String) -> JSON { ["@id": JSON(id)] }
  static func references(_ ids: [String]) -> JSON { .array(ids.map(reference)) }

  private static func compact(_ values: [JSON]) -> JSON {
    values.count == 1 ? values[0] : .array(values)
  }

  private static func compact(_ value: JSON) -> JSON? {
    guard let list = value.array else { return value }
    return list.isEmpty ? nil : compact(list)
  }

  /// `ro-crate-metadata.json`.
  var text: String {
    let document: JSON = [
      "@context": "https://w3id.org/ro/crate/1.1/context",
      "@graph": .array(entities.map { .object($0) }),
    ]
    return document.prettyText
  }
}
