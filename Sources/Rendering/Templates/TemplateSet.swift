import Mustache

/// The templates and assets that give the site its look: the embedded set, or a folder's files in its place.
package struct TemplateSet: Sendable {
  /// By file name: `page.mustache`, `figure.mustache`, `site.css`, `site.js`.
  package let files: [String: String]
  private let sources: [String: TemplateSource]
  private let library: MustacheLibrary
  /// Read once, for every page of a site has drawings.
  let drawingStyle: DrawingStyle

  package static let required = ["figure.mustache", "page.mustache", "site.css", "site.js"]

  /// The set in the binary.
  package static func embedded() throws(TemplateError) -> TemplateSet {
    try TemplateSet(replacing: [:])
  }

  /// - Parameter files: contents by file name; what is not among them is taken from the embedded set.
  package init(replacing files: [String: String]) throws(TemplateError) {
    let all = EmbeddedTemplates.files.merging(files) { _, given in given }
    var sources: [String: TemplateSource] = [:]
    var library = MustacheLibrary()
    MustacheContentTypes.register(EscapedOnScalars(), named: EscapedOnScalars.name)
    for (file, text) in all.sorted(by: { $0.key < $1.key }) {
      guard file.utf8.suffix(9).elementsEqual(".mustache".utf8) else { continue }
      let name = String(file.dropLast(9))
      sources[name] = try TemplateSource(file: file, text: text)
      do {
        try library.register("{{% CONTENT_TYPE:\(EscapedOnScalars.name)}}\n" + text, named: name)
      } catch {
        throw TemplateError(file: file, line: 1, message: "not a template: \(error)")
      }
    }
    self.files = all
    self.sources = sources
    self.library = library
    drawingStyle = DrawingStyle(sheet: all["site.css"] ?? "")
    for name in sources.keys.sorted() { try checkPartials(name, path: []) }
  }

  /// - Throws: when the template asks for a key that `context` does not have, or for markup where it has text.
  package func render(_ name: String, _ context: [String: TemplateValue]) throws(TemplateError)
    -> HTML
  {
    guard let source = sources[name] else {
      throw TemplateError(file: "\(name).mustache", line: 1, message: "there is no such template")
    }
    try check(source.tags, in: source, stack: [context])
    let object = context.mapValues(\.object)
    guard let text = library.render(object, withTemplate: name) else {
      throw TemplateError(file: source.file, line: 1, message: "did not render")
    }
    return HTML(rendered: text)
  }

  private func check(
    _ tags: [TemplateSource.Located], in source: TemplateSource, stack: [[String: TemplateValue]]
  ) throws(TemplateError) {
    for located in tags {
      func value(_ key: String) throws(TemplateError) -> TemplateValue {
        for context in stack.reversed() {
          if let value = context[key] { return value }
        }
        let known = Set(stack.flatMap(\.keys)).sorted().joined(separator: ", ")
        throw TemplateError(
          file: source.file, line: located.line,
          message: "there is no '\(key)' here; there are: \(known)")
      }
      func mismatch(_ key: String, _ value: TemplateValue, _ hint: String) -> TemplateError {
        TemplateError(
          file: source.file, line: located.line, message: "'\(key)' is \(value.kind); \(hint)")
      }
      switch located.tag {
      case .text(let key):
        let value = try value(key)
        guard case .text = value else { throw mismatch(key, value, "write {{{\(key)}}} or #") }
      case .markup(let key):
        let value = try value(key)
        guard case .html = value else { throw mismatch(key, value, "write {{\(key)}}") }
      case .section(let key, _, let inner):
        switch try value(key) {
        case .flag: try check(inner, in: source, stack: stack)
        case .list(let items):
          for item in items { try check(inner, in: source, stack: stack + [item]) }
        case let value: throw mismatch(key, value, "a section needs a flag or a list")
        }
      case .partial(let name):
        if let partial = sources[name] { try check(partial.tags, in: partial, stack: stack) }
      }
    }
  }

  /// Partials must exist and must not come back to themselves.
  private func checkPartials(_ name: String, path: [String]) throws(TemplateError) {
    guard let source = sources[name] else { return }
    func visit(_ tags: [TemplateSource.Located]) throws(TemplateError) {
      for located in tags {
        switch located.tag {
        case .section(_, _, let inner): try visit(inner)
        case .partial(let partial):
          guard sources[partial] != nil, !(path + [name]).contains(partial) else {
            throw TemplateError(
              file: source.file, line: located.line,
              message: sources[partial] == nil
                ? "there is no template '\(partial)'" : "'\(partial)' includes itself")
          }
          try checkPartials(partial, path: path + [name])
        default: break
        }
      }
    }
    try visit(source.tags)
  }
}

/// swift-mustache's own escaping compares Characters and lets `"` + U+0301 through.
private struct EscapedOnScalars: MustacheContentType {
  static let name = "DORMOUSE"
  func escapeText(_ text: String) -> String { Escaping.escaped(text) }
}
