import Rendering
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.93, 0.88, 0.97, "0.93 [0.88, 0.97]"), (0.31, 0.22, 0.41, "0.31 [0.22, 0.41]"),
    (0.9327184, 0.9301, 0.9352, "0.933 [0.930, 0.935]"), (-1.234, -2.5, 0.1, "−1.2 [−2.5, 0.1]"),
    (351, 300, 402, "351 [300, 402]"), (1, 1, 1, "1.000 [1.000, 1.000]"),
    (.nan, 0, 1, "—"), (0.5, -.infinity, .infinity, "0.500"),
  ])
  func `digits follow the interval`(value: Double, lower: Double, upper: Double, text: String) {
    #expect(NumberText.interval(value, lower, upper) == text)
  }

  @Test(arguments: [
    (0, "0"), (9_999, "9999"), (12_345, "12\u{202F}345"), (-1_234_567, "−1\u{202F}234\u{202F}567"),
  ])
  func `thousands stand apart from five digits on`(count: Int, text: String) {
    #expect(NumberText.count(count) == text)
  }

  @Test(arguments: [
    (0.5, 0, "0"), (1.5, 0, "2"), (2.675, 2, "2.68"), (-0.0001, 2, "0.00"), (1e-12, 3, "0.000"),
    (123.456, 1, "123.5"), (-7.25, 1, "-7.2"),
  ])
  func `fixed decimals round half to even and lose the sign of zero`(
    value: Double, decimals: Int, text: String
  ) {
    #expect(NumberText.fixed(value, decimals) == text)
  }

  @Test(arguments: [
    (0.0042, "4\u{202F}ms"), (4.21, "4.2\u{202F}s"), (59.7, "60\u{202F}s"),
    (200, "3\u{202F}min 20\u{202F}s"), (7500, "2\u{202F}h 05\u{202F}min"), (-1, "—"), (.nan, "—"),
  ])
  func `times are in units that people say`(seconds: Double, text: String) {
    #expect(NumberText.duration(seconds) == text)
  }

  @Test(arguments: [0, 1e-9, 0.00012345, 1234567, -1e300, .infinity, -.infinity, .nan] as [Double])
  func `every double has a text`(value: Double) {
    #expect(!NumberText.plain(value).isEmpty)
  }

  @Test
  func `a coordinate has the digits of a tenth of a pixel, and no more of them than it needs`() {
    for step in -3000...3000 {
      for scale in [1.0 / 37, 0.05, 1e3 / 7, 1e9 / 3] {
        let value = Double(step) * scale
        var expected = NumberText.fixed(value, 1)
        if expected.hasSuffix(".0") { expected.removeLast(2) }
        #expect(NumberText.coordinate(value) == expected)
      }
    }
    let known: KeyValuePairs = [
      0: "0", -0.0: "0", -0.04: "0", 0.05: "0", 0.15: "0.2", 9.96: "10", -12.34: "-12.3",
      100: "100",
    ]
    for (value, text) in known { #expect(NumberText.coordinate(value) == text, "\(value)") }
  }

  @Test func `a bound just off zero does not read as zero`() {
    #expect(NumberText.interval(3.287, 0.046, 6.524) == "3.29 [0.05, 6.52]")
    #expect(NumberText.interval(3.285, 0, 6.524) == "3.3 [0.0, 6.5]")
    #expect(NumberText.interval(0.4, -0.0001, 0.8) == "0.4000 [\u{2212}0.0001, 0.8000]")
  }
}
