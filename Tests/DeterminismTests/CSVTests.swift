import Determinism
import Testing

@Suite struct CSVTests {
  @Test func `text that a spreadsheet would run is guarded and numbers are not`() {
    var csv = CSV(columns: ["name", "value"])
    csv.append([.text("=HYPERLINK(\"x\")"), .number(-0.1)])
    csv.append([.text("@SUM(a,b)"), .number(0.1 + 0.2)])
    csv.append([.text("plain, with\nbreak"), .missing])
    csv.append([.text("-0.5e3"), .text("-1+cmd|' /C calc'!A0")])
    csv.append([.text("\tx"), .text("\rx")])
    #expect(
      csv.text == """
        name,value
        "'=HYPERLINK(""x"")",-0.1
        "'@SUM(a,b)",0.30000000000000004
        "plain, with
        break",
        -0.5e3,'-1+cmd|' /C calc'!A0
        '\tx,"'\rx"

        """)
  }

  @Test(arguments: [0.1, 1e-300, 5e-324, 1.7976931348623157e308, 1.0 / 3, -0.0] as [Double])
  func `a number reads back to its bits`(value: Double) throws {
    var csv = CSV(columns: ["v"])
    csv.append([.number(value)])
    let line = csv.text.utf8.split(separator: 0x0A)[1]
    #expect(Double(String(decoding: Array(line), as: UTF8.self))?.bitPattern == value.bitPattern)
  }

  @Test(arguments: ["loss", "=loss, \"x\"\n", ""])
  func `a series has the lines that its points would have one by one`(name: String) {
    let steps = [Int.min, -10, -1, 0, 1, 9, 10, 99, 100, 1_000_000, .max]
    let values = [0.1, -0.0, .nan, .infinity, -.infinity, 5e-324, 1e22, 1.0 / 3, -7, 1e-5, 0]
    var bytes = Array("head\n".utf8)
    CSV.append(series: name, steps: steps, values: values, to: &bytes)
    var csv = CSV(columns: ["head"])
    #expect(csv.bytes == Array("head\n".utf8))
    csv = CSV(columns: ["name", "step", "value"])
    for (step, value) in zip(steps, values) {
      csv.append([.text(name), .integer(step), .number(value)])
    }
    #expect(bytes.dropFirst(5).elementsEqual(csv.bytes.dropFirst("name,step,value\n".utf8.count)))
    #expect(bytes.contains { $0 == UInt8(ascii: "9") })
    let text = String(decoding: bytes, as: UTF8.self)
    for step in steps { #expect(text.contains(",\(step),")) }
  }
}
