import Determinism
import Records
import Testing

@testable import Interchange

/// The schema that `dormouse schema` prints and the reader say the same.
@Suite struct RunSchemaTests {
  let folder = Folder()
  private let schema: JSON

  init() throws { schema = try JSON(parsing: RunDocument.schema) }

  private func node(_ path: String) throws -> JSON {
    try path.split(separator: "/").reduce(schema) { node, step in
      if let index = Int(step) { return try #require(node.array)[index] }
      return try #require(node[String(step)], "\(path) at \(step)")
    }
  }

  @Test(arguments: [
    ("", RunDocumentReader.Keys.document), ("properties/times", RunDocumentReader.Keys.times),
    ("properties/series/additionalProperties/anyOf/1", RunDocumentReader.Keys.series),
    ("properties/series_files/items/anyOf/1", RunDocumentReader.Keys.seriesFile),
    ("properties/scores/additionalProperties/anyOf/0", RunDocumentReader.Keys.scores),
    ("properties/scores/additionalProperties/anyOf/1", RunDocumentReader.Keys.scoresFile),
    ("properties/curves/additionalProperties", RunDocumentReader.Keys.curve),
    ("properties/artifacts/additionalProperties/anyOf/1", RunDocumentReader.Keys.artifact),
  ])
  func `reader and schema know the same keys`(path: String, keys: [String]) throws {
    let node = try node(path)
    #expect(try Set(#require(node["properties"]?.object).keys) == Set(keys))
    #expect(node["additionalProperties"] == false, "the reader refuses other keys, too")
  }

  @Test func `every mapping of fixed form in the schema is one of the reader's`() {
    // Counted, so that a new one is not forgotten above; `number` has the one of a double's pattern.
    func fixed(_ node: JSON) -> Int {
      let here = node["additionalProperties"] == false ? 1 : 0
      let children = (node.object?.members.map(\.value) ?? []) + (node.array ?? [])
      return here + children.reduce(0) { $0 + fixed($1) }
    }
    #expect(fixed(schema) == 8 + 1)
  }

  @Test func `states and lengths are the same`() throws {
    #expect(
      try node("properties/state")["enum"]?.array?.compactMap(\.string)
        == RunDocumentReader.Keys.states)
    #expect(try node("$defs/name")["maxLength"]?.int == RunDocumentReader.longestName)
    #expect(try node("properties/notes")["maxLength"]?.int == RunDocumentReader.longestNotes)
  }

  /// `Golden/run-documents.json`: documents, and what Python's `jsonschema` says of each
  /// (`Tests/Golden/make/run_schema.py`).
  static let examples: [(name: String, document: JSON, isValid: Bool)] = {
    let file = #filePath.replacing("RunSchemaTests.swift", with: "Golden/run-documents.json")
    guard let bytes = try? DurableFile.read(file),
      let examples = (try? JSON(parsing: bytes, nonFinite: true))?.array
    else { return [] }
    return examples.compactMap { example in
      guard let name = example["name"]?.string, let document = example["document"],
        let isValid = example["valid"]?.bool
      else { return nil }
      return (name: name, document: document, isValid: isValid)
    }
  }()

  @Test func `there are examples`() {
    #expect(Self.examples.count(where: \.isValid) >= 10)
    #expect(Self.examples.count(where: { !$0.isValid }) >= 25)
  }

  @Test(arguments: examples.map(\.name))
  func `reader and validator agree about each example`(name: String) throws {
    let example = try #require(Self.examples.first { $0.name == name })
    for file in ["a.txt", "m.csv", "s.csv"] {
      let text = file == "s.csv" ? "score,label\n1,1\n0,0\n" : "step,loss\n1,2\n"
      try DurableFile.write(Array(text.utf8), to: folder[file])
    }
    var text = ""
    do {
      _ = try RunDocument(
        example.document.canonicalBytes, file: "run.json", folder: folder.path)
    } catch { text = error.description }
    #expect(text.isEmpty == example.isValid, "\(name): \(text)")
  }
}
