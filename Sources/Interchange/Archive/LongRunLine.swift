import Determinism
import Records
import Studies

/// A line of `records.jsonl` whose registered run has many points. Their tree would be many times the size of
/// the numbers: they are read where they stand, and the rest of the line as any other.
struct LongRunLine {
  /// The line as it would be without series.
  let rest: [UInt8]
  let series: [String: Series]
  /// The record hash that the bytes of the document give.
  let digest: Digest

  /// nil where the line is not of the one canonical form: it is for the JSON reader, which takes it or says
  /// what is wrong.
  init?(_ line: ArraySlice<UInt8>) {
    let found = line.withUnsafeBytes { bytes -> LongRunLine? in
      var scanner = Scanner(bytes: bytes)
      guard scanner.findSeries() else { return nil }
      let start = scanner.position
      guard let series = scanner.series() else { return nil }
      let end = scanner.position
      let head = ArchiveFormat.beforeDocument.utf8.count
      // The ends of the series, the values and the document.
      guard scanner.take("}}}"), scanner.position > head else { return nil }
      return LongRunLine(
        rest: Array(bytes[..<start]) + Array(bytes[end...]), series: series,
        digest: Digest(of: UnsafeRawBufferPointer(rebasing: bytes[head..<scanner.position])))
    }
    guard let found else { return nil }
    self = found
  }

  private init(rest: [UInt8], series: [String: Series], digest: Digest) {
    self.rest = rest
    self.series = series
    self.digest = digest
  }

  private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func take(_ text: StaticString) -> Bool {
      let end = position + text.utf8CodeUnitCount
      guard end <= bytes.count,
        bytes[position..<end].elementsEqual(
          UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
      else { return false }
      position = end
      return true
    }

    /// Stops behind the brace that opens the series among the document's values.
    mutating func findSeries() -> Bool {
      guard take("{\"document\":{") else { return false }
      // Within the document, and within its values.
      var depth = 2
      var isInValues = false
      while position < bytes.count, depth >= 2 {
        switch next {
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: "\""):
          let start = position
          guard skipText() else { return false }
          if depth == 2, take(":") {
            isInValues = bytes[start..<position - 1].elementsEqual("\"values\"".utf8)
          } else if depth == 3, isInValues,
            bytes[start..<position].elementsEqual("\"series\"".utf8),
            take(":{")
          {
            return true
          }
          continue
        default: break
        }
        position += 1
      }
      return false
    }

    private mutating func skipText() -> Bool {
      guard take("\"") else { return false }
      while position < bytes.count, next != UInt8(ascii: "\"") {
        position += next == UInt8(ascii: "\\") ? 2 : 1
      }
      return take("\"")
    }

    mutating func series() -> [String: Series]? {
      var all: [String: Series] = [:]
      guard next == UInt8(ascii: "\"") else { return all }
      repeat {
        let start = position
        guard skipText(), let name = (try? JSON(parsing: bytes[start..<position]))?.string,
          take(":{\"steps\":["), let steps = steps(), take("],\"values\":\""),
          let series = series(steps), take("\"}"),
          all.updateValue(series, forKey: name) == nil
        else { return nil }
      } while take(",")
      return all
    }

    /// Rising, as canonical JSON has them.
    private mutating func steps() -> [Int]? {
      var steps: [Int] = []
      guard next != UInt8(ascii: "]") else { return steps }
      repeat {
        let isNegative = take("-")
        let start = position
        var value = 0
        while case let digit = next &- 0x30, digit < 10 {
          let (product, overflow) = value.multipliedReportingOverflow(by: 10)
          let (sum, overflow2) = product.subtractingReportingOverflow(Int(digit))
          guard !overflow, !overflow2 else { return nil }
          value = sum
          position += 1
        }
        // The digits were taken from zero, for there is one more negative number.
        guard position > start, isNegative || value != .min else { return nil }
        let step = isNegative ? value : -value
        guard steps.last.map({ $0 < step }) ?? true else { return nil }
        steps.append(step)
      } while take(",")
      return steps
    }

    private mutating func series(_ steps: [Int]) -> Series? {
      guard bytes.count - position >= 16 * steps.count else { return nil }
      var series = Series()
      series.reserveCapacity(steps.count)
      for step in steps {
        var pattern: UInt64 = 0
        for _ in 0..<16 {
          guard let digit = Hexadecimal.value(of: next) else { return nil }
          pattern = pattern << 4 | UInt64(digit)
          position += 1
        }
        series.append(Double(bitPattern: pattern), at: step)
      }
      return series
    }
  }
}
