import Foundation
import Rendering
import Testing

@Suite struct TemplateTests {
  private func render(_ template: String, _ context: [String: TemplateValue]) throws -> String {
    try TemplateSet(replacing: ["test.mustache": template]).render("test", context).markup
  }

  @Test func `a key that is not given is an error with its place`() throws {
    let error = #expect(throws: TemplateError.self) {
      try render("line one\n<p>{{titel}}</p>", ["title": .text("x")])
    }
    #expect(
      error?.description
        == "test.mustache:2: error: there is no 'titel' here; there are: title")
  }

  @Test func `text cannot be placed unescaped`() throws {
    let error = #expect(throws: TemplateError.self) {
      try render("{{{title}}}", ["title": .text("<b>")])
    }
    #expect(error?.description == "test.mustache:1: error: 'title' is text; write {{title}}")
  }

  @Test(arguments: payloads)
  func `text is escaped on scalars`(payload: String) throws {
    let html = try render("<p title=\"{{x}}\">{{x}}</p>", ["x": .text(payload)])
    let escaped = Escaping.escaped(payload)
    #expect(html.utf8.elementsEqual("<p title=\"\(escaped)\">\(escaped)</p>".utf8))
  }

  @Test(arguments: payloads)
  func `partials and sections escape too`(payload: String) throws {
    let set = try TemplateSet(replacing: [
      "outer.mustache": "{{#items}}{{> inner}}{{/items}}", "inner.mustache": "<i>{{x}}</i>",
    ])
    let html = try set.render("outer", ["items": .list([["x": .text(payload)]])]).markup
    #expect(html.utf8.elementsEqual("<i>\(Escaping.escaped(payload))</i>".utf8))
  }

  @Test(arguments: [
    "{{=<% %>=}}<%{x}%>", "{{% CONTENT_TYPE:TEXT}}{{x}}", "{{x.y}}", "{{#upper(x)}}{{/upper(x)}}",
    "{{<base}}{{/base}}", "{{$block}}{{/block}}", "{{>*x}}", "{{x", "{{#x}}", "{{/x}}", "{{}}",
    "{{> missing}}", "{{> test}}",
  ])
  func `what could switch escaping off or never end is refused`(template: String) {
    let error = #expect(throws: TemplateError.self) { try render(template, ["x": .text("")]) }
    #expect(error?.file == "test.mustache")
  }

  @Test func `the embedded set equals the folder`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appending(path: "templates")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == TemplateSet.required)
    var source = """
      // swift-format-ignore-file

      /// The default look, so that one binary is enough. Equal to `templates/`: a test compares them, and rewrites
      /// this file when `DORMOUSE_UPDATE_TEMPLATES` is set.
      enum EmbeddedTemplates {
        static let files: [String: String] = [

      """
    for name in names {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      source += "    \"\(name)\": ###\"\"\"\n\(text)\n\"\"\"###,\n"
    }
    source += "  ]\n}\n"
    if ProcessInfo.processInfo.environment["DORMOUSE_UPDATE_TEMPLATES"] != nil {
      try source.write(
        to: root.appending(path: "Sources/Rendering/Templates/EmbeddedTemplates.swift"),
        atomically: true, encoding: .utf8)
    }
    let file = root.appending(path: "Sources/Rendering/Templates/EmbeddedTemplates.swift")
    #expect(try String(contentsOf: file, encoding: .utf8) == source)
    let embedded = try TemplateSet.embedded().files
    for name in names {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      #expect(embedded[name] == text, "\(name)")
    }
  }
}
