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

  var fingerprint: RecordFingerprint { hashed(handingTo: nil) }

  /// The canonical bytes of the document, piece by piece.
  package func writeCanonical(_ emit: @escaping (UnsafeRawBufferPointer) -> Void) {
    _ = hashed(handingTo: emit)
  }

  /// The document as it is hashed.
  package var canonicalBytes: [UInt8] {
    var bytes: [UInt8] = []
    _ = hashed { bytes.append(contentsOf: $0) }
    return bytes
  }

  private func hashed(handingTo emit: ((UnsafeRawBufferPointer) -> Void)?) -> RecordFingerprint {
    var hash = RunHash(withoutSeries, emit)
    for (name, series) in values.series.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      hash.begin(series: name)
      for range in SeriesPoints.pieces(of: series.steps.count) {
        hash.add(steps: series.steps[range])
      }
      hash.beginValues()
      for range in SeriesPoints.pieces(of: series.values.count) {
        hash.add(values: series.values[range])
      }
    }
    return hash.finish()
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
    var hash = RunHash(run)
    for (name, points) in series.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      hash.begin(series: name)
      try points.each { steps, _ in hash.add(steps: steps) }
      hash.beginValues()
      try points.each { _, values in hash.add(values: values) }
    }
    return hash.finish()
  }

  /// What is written can be read back from its document, or it is not written. Series are left out: their
  /// type admits none that could not.
  func requireReadable() throws { _ = try AnyRecord(document: run.document) }
}

/// The canonical bytes of a registered run's document, hashed and handed on as they come.
private struct RunHash {
  private var record = Digest.Hasher()
  private var values = Digest.Hasher()
  private var size = 0
  private var series = 0
  private let emit: ((UnsafeRawBufferPointer) -> Void)?

  /// - Parameter run: without its series, which follow by rising names.
  init(_ run: RegisteredRunRecord, _ emit: ((UnsafeRawBufferPointer) -> Void)? = nil) {
    self.emit = emit
    // "values" is the last key of the document by its bytes, and "series" the last of those; without any it
    // is `{}`.
    let rest = run.document(values: .null).canonicalBytes.dropLast("null}".utf8.count)
    addToRecord(rest)
    add(run.values.document.canonicalBytes.dropLast("}}".utf8.count))
  }

  private mutating func addToRecord(_ bytes: some Collection<UInt8>) {
    record.update(bytes)
    size += bytes.count
    if let emit { Array(bytes).withUnsafeBytes(emit) }
  }

  private mutating func add(_ bytes: some Collection<UInt8>) {
    addToRecord(bytes)
    values.update(bytes)
  }

  mutating func begin(series name: String) {
    if series > 0 { add("\"},".utf8) }
    series += 1
    isContinued = false
    add("\(JSON(name).canonicalText):{\"steps\":[".utf8)
  }

  /// Whether the list of steps has begun.
  private var isContinued = false

  mutating func add(steps: ArraySlice<Int>) {
    add(Packed.decimals(of: steps, after: isContinued))
    isContinued = true
  }

  mutating func beginValues() { add("],\"values\":\"".utf8) }

  mutating func add(values: ArraySlice<Double>) { add(Packed.hexadecimal(of: values)) }

  mutating func finish() -> RecordFingerprint {
    if series > 0 { add("\"}".utf8) }
    add("}}".utf8)
    addToRecord("}".utf8)
    return RecordFingerprint(record: record.finish(), values: values.finish(), size: size)
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
