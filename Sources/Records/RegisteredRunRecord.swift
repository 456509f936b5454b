import Determinism
import Studies

/// A run that was done elsewhere, as its owner tells it: nothing about it was performed or checked here.
///
/// A function of what was handed in: it holds no time of registering, so that the same content is the same
/// record in every registry.
package struct RegisteredRunRecord: Sendable {
  /// The study that it belongs to; there need be no study file of that name.
  package let slug: String
  /// For people; may be empty.
  package let name: String
  /// What its owner calls it: unique within the study, and then its identity.
  package let clientID: String?
  package let config: JSON.Object
  /// Sorted by bytes, each once.
  package let tags: [String]
  /// `completed`, `failed` or `interrupted`; of a live one that has no record yet also `running`.
  package let state: RunState
  /// The run that it goes on from or is part of; it need not be here.
  package let parent: Digest?
  /// Markdown.
  package let notes: String
  package let values: RecordedValues
  /// `environment`, `times`: shown, never compared.
  package let circumstances: JSON.Object

  package init(
    slug: String, name: String, clientID: String?, config: JSON.Object, tags: [String],
    state: RunState, parent: Digest?, notes: String, values: RecordedValues,
    circumstances: JSON.Object
  ) {
    self.slug = slug
    self.name = name
    self.clientID = clientID
    self.config = config
    self.tags = Set(tags.map { JSON.Text($0) }).sorted().map(\.value)
    self.state = state
    self.parent = parent
    self.notes = notes
    self.values = values
    self.circumstances = circumstances
  }

  /// The identity: of study and client id where there is one, else the digest of the document, which names
  /// every referenced byte by digest.
  package var id: Digest {
    clientID.map { Self.id(slug: slug, clientID: $0) } ?? Digest(of: document)
  }

  /// The identity, where the record hash is known already.
  func id(of record: Digest) -> Digest {
    clientID.map { Self.id(slug: slug, clientID: $0) } ?? record
  }

  package static func id(slug: String, clientID: String) -> Digest {
    Digest(of: ["registered": JSON(slug), "client_id": JSON(clientID)] as JSON)
  }

  package var configDigest: Digest { Digest(of: .object(config)) }

  package var document: JSON { document(values: values.document) }

  func document(values: JSON) -> JSON {
    [
      "record": "registered-run", "slug": JSON(slug), "name": JSON(name),
      "client_id": JSON(clientID), "config": .object(config), "tags": .array(tags.map { JSON($0) }),
      "state": JSON(state.rawValue), "parent": JSON(parent?.hex), "notes": JSON(notes),
      "values": values, "circumstances": .object(circumstances),
    ]
  }
}

extension RegisteredRunRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow([
      "record", "slug", "name", "client_id", "config", "tags", "state", "parent", "notes", "values",
      "circumstances",
    ])
    let states: Set<RunState> = [.completed, .failed, .interrupted]
    self.init(
      slug: try reader.string("slug"), name: try reader.string("name"),
      clientID: try reader.value("client_id") == .null ? nil : try reader.string("client_id"),
      config: try reader.members("config"),
      tags: try reader.list("tags", "a text") { $0.string },
      state: try reader.read("state", "'completed', 'failed' or 'interrupted'") {
        $0.string.flatMap(RunState.init(rawValue:)).flatMap { states.contains($0) ? $0 : nil }
      },
      parent: try reader.value("parent") == .null ? nil : try reader.digest("parent"),
      notes: try reader.string("notes"),
      values: try RecordedValues(document: try reader.value("values"), at: "values"),
      circumstances: try reader.members("circumstances"))
  }
}
