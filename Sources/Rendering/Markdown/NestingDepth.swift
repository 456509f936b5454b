/// How deeply blocks of a Markdown source can nest, bounded from its bytes alone.
enum NestingDepth {
  /// Whether no line can open or continue more than `limit` containers.
  ///
  /// Each `>`, bullet or ordinal at the start of a line opens one; two columns of indentation before one can
  /// stand for a list item that an earlier line opened. Overestimates, never underestimates.
  static func isWithin(_ limit: Int, _ source: String) -> Bool {
    var bytes = Array(source.utf8)
    bytes.append(0x0A)
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A || bytes[index] == 0x0D {
      if depth(bytes[start..<index]) > limit { return false }
      start = index + 1
    }
    return true
  }

  private static func depth(_ line: ArraySlice<UInt8>) -> Int {
    var position = line.startIndex
    var columns = 0
    var markers = 0
    var next: UInt8? { position < line.endIndex ? line[position] : nil }
    while let byte = next {
      switch byte {
      case 0x20: columns += 1
      case 0x09: columns += 4
      case UInt8(ascii: ">"): markers += 1
      case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"):
        guard isSpace(line, position + 1) else { return total(columns, markers) }
        markers += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        var end = position
        while end < line.endIndex, end - position < 10,
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[end])
        {
          end += 1
        }
        guard end < line.endIndex,
          line[end] == UInt8(ascii: ".") || line[end] == UInt8(ascii: ")"), isSpace(line, end + 1)
        else { return total(columns, markers) }
        position = end
        markers += 1
      default: return total(columns, markers)
      }
      position += 1
    }
    return total(columns, markers)
  }

  private static func isSpace(_ line: ArraySlice<UInt8>, _ index: Int) -> Bool {
    index >= line.endIndex || line[index] == 0x20 || line[index] == 0x09
  }

  /// Indentation counts only in front of a marker: deeply indented code is no nesting.
  private static func total(_ columns: Int, _ markers: Int) -> Int {
    markers == 0 ? 0 : markers + max(0, columns - 2 * markers) / 2
  }
}
