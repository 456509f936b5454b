import Determinism
import FoundationEssentials
import Studies

/// What the canonical document of a registered run comes to, found without building the tree of it: of a
/// million points the tree is many times the size of the numbers. A test holds both ways together.
struct RecordFingerprint {
  /// The record hash.
  let record: Digest
  /// The digest of the document of its values.
  let values: Digest
  /// Bytes of the document.
  let size: Int
}

extension RegisteredRunRecord {
  /// The record hash.
  package var digest: Digest { fingerprint.record }
  package var valuesDigest: Digest { fingerprint.values }

  var fingerprint: RecordFingerprint { RecordFingerprint { write($0) } }

  /// The canonical bytes of the document, piece by piece.
  package func writeCanonical(_ emit: @escaping (UnsafeRawBufferPointer) -> Void) {
    write { bytes, _ in emit(bytes) }
  }

  /// The document as it is hashed.
  package var canonicalBytes: [UInt8] {
    var bytes: [UInt8] = []
    writeCanonical { bytes.append(contentsOf: $0) }
    return bytes
  }

  private func write(_ emit: @escaping RunText.Sink) {
    var text = RunText(withoutSeries, emit)
    for (name, series) in values.series.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      text.begin(series: name)
      for range in SeriesPoints.pieces(of: series.steps.count) {
        text.add(steps: series.steps[range])
      }
      text.beginValues()
      for range in SeriesPoints.pieces(of: series.values.count) {
        text.add(values: series.values[range])
      }
    }
    text.finish()
  }

  var withoutSeries: RegisteredRunRecord { with(series: [:]) }

  package func with(series: [String: Series]) -> RegisteredRunRecord {
    RegisteredRunRecord(
      slug: slug, name: name, clientID: clientID, config: config, tags: tags, state: state,
      parent: parent, notes: notes,
      values: RecordedValues(
        scalars: values.scalars, series: series, curves: values.curves,
        artifacts: values.artifacts), circumstances: circumstances)
  }
}

extension StreamedRun {
  /// - Throws: what telling the points throws.
  func fingerprint() throws -> RecordFingerprint {
    try RecordFingerprint { emit in
      var text = RunText(run, emit)
      for (name, points) in series.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
        text.begin(series: name)
        try points.each { steps, _ in text.add(steps: steps) }
        text.beginValues()
        try points.each { _, values in text.add(values: values) }
      }
      text.finish()
    }
  }

  /// What is written can be read back from its document, or it is not written. Series are left out: their
  /// type admits none that could not.
  func requireReadable() throws { _ = try AnyRecord(document: run.document) }
}

extension RecordFingerprint {
  /// - Parameter write: hands on the whole document.
  fileprivate init(of write: (@escaping RunText.Sink) throws -> Void) rethrows {
    var record = Digest.Hasher()
    var values = Digest.Hasher()
    var size = 0
    try write { bytes, isOfValues in
      record.update(bytes)
      if isOfValues { values.update(bytes) }
      size += bytes.count
    }
    self.init(record: record.finish(), values: values.finish(), size: size)
  }
}

/// The canonical bytes of a registered run's document, handed on as they come.
private struct RunText {
  /// Takes a piece, and whether that is a piece of the document of the run's values, too.
  typealias Sink = (_ bytes: UnsafeRawBufferPointer, _ isOfValues: Bool) -> Void

  private let emit: Sink
  private var series = 0

  /// - Parameter run: without its series, which follow by rising names.
  init(_ run: RegisteredRunRecord, _ emit: @escaping Sink) {
    self.emit = emit
    // "values" is the last key of the document by its bytes, and "series" the last of those; without any it
    // is `{}`.
    let rest = run.document(values: .null).canonicalBytes.dropLast("null}".utf8.count)
    rest.withUnsafeBytes { emit($0, false) }
    add(run.values.document.canonicalBytes.dropLast("}}".utf8.count))
  }

  private func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { emit($0, true) } }
  private func add(_ text: String) { add(Array(text.utf8)[...]) }

  mutating func begin(series name: String) {
    if series > 0 { add("\"},") }
    series += 1
    isContinued = false
    add("\(JSON(name).canonicalText):{\"steps\":[")
  }

  /// Whether the list of steps has begun.
  private var isContinued = false

  mutating func add(steps: ArraySlice<Int>) {
    add(Packed.decimals(of: steps, after: isContinued)[...])
    isContinued = true
  }

  func beginValues() { add("],\"values\":\"") }

  func add(values: ArraySlice<Double>) { add(Packed.hexadecimal(of: values)[...]) }

  func finish() {
    if series > 0 { add("\"}") }
    add("}}")
    Array("}".utf8).withUnsafeBytes { emit($0, false) }
  }
}

/// Numbers as bytes, many at a time.
enum Packed {
  /// Eight bytes each, most significant first.
  static func data(of patterns: some Collection<UInt64>) -> Data {
    var data = Data(count: 8 * patterns.count)
    data.withUnsafeMutableBytes { bytes in
      for (index, pattern) in patterns.enumerated() {
        bytes.storeBytes(of: pattern.bigEndian, toByteOffset: 8 * index, as: UInt64.self)
      }
    }
    return data
  }

  /// Sixteen lower-case digits each, most significant first.
  static func hexadecimal(of values: ArraySlice<Double>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16 * values.count) { buffer, count in
      for value in values {
        var pattern = value.bitPattern
        for place in stride(from: 15, through: 0, by: -1) {
          let digit = UInt8(truncatingIfNeeded: pattern & 15)
          buffer[count + place] = digit + (digit < 10 ? 0x30 : 0x57)
          pattern >>= 4
        }
        count += 16
      }
    }
  }

  /// Decimal texts with commas between them, and before the first where others stood before.
  static func decimals(of integers: ArraySlice<Int>, after isContinued: Bool) -> [UInt8] {
    // A comma, a sign and nineteen digits at most.
    [UInt8](unsafeUninitializedCapacity: 21 * integers.count) { buffer, count in
      for integer in integers {
        if count > 0 || isContinued {
          buffer[count] = UInt8(ascii: ",")
          count += 1
        }
        if integer < 0 {
          buffer[count] = UInt8(ascii: "-")
          count += 1
        }
        let start = count
        var rest = integer.magnitude
        repeat {
          buffer[count] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
          rest /= 10
          count += 1
        } while rest > 0
        buffer[start..<count].reverse()
      }
    }
  }
}
