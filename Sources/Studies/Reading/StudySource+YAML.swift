import Determinism
import Yams

// YAML is touched in this file alone. What is read is YAML's core schema 1.2 minus its traps: no anchors
// or aliases (they can blow up a small file), no tags, one document, no merge keys, text keys only.

extension StudySource {
  /// Bytes of the largest file that is read.
  package static let maximumSize = 1 << 20
  /// Levels of nesting; a study needs five.
  package static let maximumDepth = 32

  /// What is read, and how it is called.
  package struct Rules: Sendable {
    /// In bytes.
    package let maximumSize: Int
    package let maximumDepth: Int
    /// Takes `.nan`, `.inf` and `-.inf`.
    package let takesNonFinite: Bool
    /// `a study`, in messages.
    package let noun: String
    /// How such a document begins.
    package let beginning: String

    package init(
      maximumSize: Int, maximumDepth: Int, takesNonFinite: Bool, noun: String, beginning: String
    ) {
      self.maximumSize = maximumSize
      self.maximumDepth = maximumDepth
      self.takesNonFinite = takesNonFinite
      self.noun = noun
      self.beginning = beginning
    }

    static let study = Rules(
      maximumSize: StudySource.maximumSize, maximumDepth: StudySource.maximumDepth,
      takesNonFinite: false, noun: "a study", beginning: "title: …")
  }

  /// - Throws: `StudyProblems` with what YAML, or the rules, refuse.
  package init(yaml bytes: [UInt8], file: String, rules: Rules = .study) throws(StudyProblems) {
    func refusal(_ line: Int, _ column: Int, _ message: String, _ hint: String? = nil)
      -> StudyProblems
    {
      StudyProblems(
        file: file,
        problems: [StudyProblem(line: line, column: column, message: message, hint: hint)])
    }
    guard bytes.count <= rules.maximumSize else {
      throw refusal(
        1, 1, "the file has \(bytes.count) bytes; at most \(rules.maximumSize >> 20) MiB is read")
    }
    guard let whole = String(validating: bytes, as: UTF8.self) else {
      let place = Self.firstInvalid(bytes)
      throw refusal(place.line, place.column, "not valid UTF-8", "save the file as UTF-8")
    }
    let text =
      whole.unicodeScalars.first == "\u{FEFF}" ? String(whole.unicodeScalars.dropFirst()) : whole
    if let mark = Self.anchor(in: Array(text.utf8)) {
      throw refusal(
        mark.line, mark.column, "anchors and aliases are not read", "write the value out each time")
    }
    let root: Node?
    // The nodes hold their anchors weakly: the parser has to outlive the walk.
    var parser: Yams.Parser?
    do {
      parser = try Yams.Parser(yaml: text, encoding: .utf8)
      root = try parser?.singleRoot()
    } catch let error as YamlError {
      let (mark, message) = Self.wording(of: error, in: text, noun: rules.noun)
      throw refusal(mark.line, mark.column, message)
    } catch {
      throw refusal(1, 1, "\(error)")
    }
    guard let root else {
      throw refusal(1, 1, "the file is empty", "begin with '\(rules.beginning)'")
    }
    var walk = Walk(
      rules: rules,
      lines: text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false))
    let value = walk.value(of: root, at: [])
    withExtendedLifetime(parser) {}
    guard walk.problems.isEmpty else { throw StudyProblems(file: file, problems: walk.problems) }
    self.init(
      file: file, root: value, valueMarks: walk.valueMarks, keyMarks: walk.keyMarks,
      order: walk.order, plain: walk.plain)
  }

  private static func wording(of error: YamlError, in text: String, noun: String) -> (
    TextMark, String
  ) {
    func mark(_ mark: Mark) -> TextMark { TextMark(line: mark.line, column: mark.column) }
    switch error {
    case .scanner(_, let problem, let at, _), .parser(_, let problem, let at, _):
      return (mark(at), problem)
    case .composer(_, let problem, let at, _):
      return (mark(at), problem.hasPrefix("but found") ? "\(noun) is one YAML document" : problem)
    case .duplicatedKeysInMapping(let keys, let context):
      return (mark(context.mark), "duplicate key '\(Wording.shown(keys.first ?? ""))'")
    case .reader(let problem, _, _, _):
      return (firstControl(text), problem)
    default: return (TextMark(line: 1, column: 1), "\(error)")
    }
  }

  /// The first scalar that YAML does not allow.
  private static func firstControl(_ text: String) -> TextMark {
    var line = 1
    var column = 1
    for scalar in text.unicodeScalars {
      let value = scalar.value
      if value < 0x20 && value != 9 && value != 10 && value != 13 || value == 0x7F
        || (0x80..<0xA0).contains(value) && value != 0x85 || value == 0xFFFE || value == 0xFFFF
      {
        break
      }
      if value == 10 { (line, column) = (line + 1, 1) } else { column += 1 }
    }
    return TextMark(line: line, column: column)
  }

  private static func firstInvalid(_ bytes: [UInt8]) -> TextMark {
    // Line by line, then scalar by scalar in the first bad line.
    var line = 1
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      guard String(validating: bytes[start...index], as: UTF8.self) != nil else { break }
      line += 1
      start = index + 1
    }
    var column = 1
    var end = start
    while end < bytes.count {
      let length = (1...4).first {
        end + $0 <= bytes.count && String(validating: bytes[end..<end + $0], as: UTF8.self) != nil
      }
      guard let length else { break }
      end += length
      column += 1
    }
    return TextMark(line: line, column: column)
  }

  /// The first anchor, if the file has what looks like an anchor and what looks like an alias.
  ///
  /// The parser hashes mapping keys with aliases expanded, which a hostile file makes exponential, so this
  /// comes before it; a lone anchor is found afterwards by its node.
  private static func anchor(in bytes: [UInt8]) -> TextMark? {
    func isName(_ byte: UInt8) -> Bool {
      byte == 0x2D || byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte)
    }
    var anchor: TextMark?
    var hasAlias = false
    var line = 1
    var lineStart = 0
    for (index, byte) in bytes.enumerated() {
      if byte == 0x0A { (line, lineStart) = (line + 1, index + 1) }
      guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"), index + 1 < bytes.count,
        isName(bytes[index + 1]), index == 0 || " \n\r\t[{,:?-!".utf8.contains(bytes[index - 1])
      else { continue }
      if byte == UInt8(ascii: "*") { hasAlias = true }
      if byte == UInt8(ascii: "&"), anchor == nil {
        anchor = TextMark(line: line, column: index - lineStart + 1)
      }
    }
    return hasAlias ? anchor : nil
  }
}

/// From nodes to values, with marks.
private struct Walk {
  let rules: StudySource.Rules
  let lines: [String.UnicodeScalarView.SubSequence]
  var problems: [StudyProblem] = []
  var valueMarks: [StudyPath: TextMark] = [:]
  var keyMarks: [StudyPath: TextMark] = [:]
  var order: [StudyPath: [String]] = [:]
  var plain: Set<StudyPath> = []

  init(rules: StudySource.Rules, lines: [String.UnicodeScalarView.SubSequence]) {
    self.rules = rules
    self.lines = lines
  }

  private func mark(_ node: Node) -> TextMark {
    TextMark(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
  }

  private mutating func refuse(_ node: Node, _ message: String, hint: String? = nil) -> JSON {
    let mark = mark(node)
    problems.append(
      StudyProblem(line: mark.line, column: mark.column, message: message, hint: hint))
    return .null
  }

  mutating func value(of node: Node, at path: StudyPath) -> JSON {
    valueMarks[path] = mark(node)
    guard path.count <= rules.maximumDepth else {
      return refuse(node, "nested more than \(rules.maximumDepth) deep")
    }
    guard node.anchor == nil else {
      return refuse(
        node, "anchors and aliases are not read", hint: "write the value out each time")
    }
    switch node {
    case .alias: return refuse(node, "anchors and aliases are not read")
    case .scalar(let scalar): return self.scalar(scalar, node, at: path)
    case .sequence(let sequence):
      guard isUntagged(sequence.tag, "seq") else { return refuse(node, "tags are not read") }
      return .array(
        sequence.enumerated().map { index, element in value(of: element, at: path + ["\(index)"]) })
    case .mapping(let mapping):
      guard isUntagged(mapping.tag, "map") else { return refuse(node, "tags are not read") }
      var object = JSON.Object()
      var keys: [String] = []
      for (keyNode, valueNode) in mapping {
        guard case .scalar(let key) = keyNode, keyNode.anchor == nil else {
          _ = refuse(keyNode, "a key is a text")
          continue
        }
        let name = key.string
        guard isKeyTag(key.tag) else {
          _ = refuse(keyNode, "tags are not read")
          continue
        }
        if name == "<<" {
          _ = refuse(keyNode, "merge keys are not read", hint: "write the keys out")
          continue
        }
        guard name.utf8.count <= 256 else {
          _ = refuse(keyNode, "a key has at most 256 bytes")
          continue
        }
        guard object[name] == nil else {
          _ = refuse(keyNode, "duplicate key '\(Wording.shown(name))'")
          continue
        }
        keyMarks[path + [name]] = mark(keyNode)
        keys.append(name)
        object[name] = value(of: valueNode, at: path + [name])
      }
      order[path] = keys
      return .object(object)
    }
  }

  private func isUntagged(_ tag: Tag, _ kind: String) -> Bool {
    // Untagged nodes carry the implicit tag; a quoted scalar carries str.
    tag.description.isEmpty || tag.description == "!"
      || tag.description == "tag:yaml.org,2002:\(kind)"
  }

  /// The parser resolves the implicit tags of keys in place when it looks for duplicates.
  private func isKeyTag(_ tag: Tag) -> Bool {
    ["str", "int", "float", "bool", "null", "timestamp", "merge", "value"].contains {
      isUntagged(tag, $0)
    }
  }

  private mutating func scalar(_ scalar: Node.Scalar, _ node: Node, at path: StudyPath) -> JSON {
    guard isUntagged(scalar.tag, "str") else {
      return refuse(node, "tags are not read", hint: "leave '\(scalar.tag.description)' out")
    }
    guard scalar.style == .plain else { return JSON(scalar.string) }
    // A text folded over lines is not at its mark position by position.
    let place = mark(node)
    if lines.indices.contains(place.line - 1),
      lines[place.line - 1].dropFirst(place.column - 1).starts(with: scalar.string.unicodeScalars)
    {
      plain.insert(path)
    }
    if rules.takesNonFinite, let value = PlainScalar.nonFinite(scalar.string) { return JSON(value) }
    switch PlainScalar(scalar.string) {
    case .value(let value): return value
    case .refused(let message, let hint): return refuse(node, message, hint: hint)
    }
  }
}
