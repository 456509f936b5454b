import Determinism
import FoundationEssentials
import Studies

/// What the canonical document of a registered run comes to, found without building the tree of it: of a
/// million points the tree is many times the size of the numbers. A test holds both ways together.
struct RecordFingerprint {
  /// The record hash.
  let record: Digest
  /// Bytes of the document.
  let size: Int
}

extension RegisteredRunRecord {
  /// The record hash.
  package var digest: Digest { fingerprint.record }

  var fingerprint: RecordFingerprint {
    // "values" is the last key of the document by its bytes.
    let rest = document(values: .null).canonicalBytes.dropLast("null}".utf8.count)
    var hasher = Digest.Hasher()
    hasher.update(rest)
    var size = rest.count + 1
    values.writeCanonical { piece in
      hasher.update(piece)
      size += piece.count
    }
    hasher.update("}".utf8)
    return RecordFingerprint(record: hasher.finish(), size: size)
  }

  /// What is written can be read back from its document, or it is not written. Series are left out: their
  /// type admits none that could not.
  func requireReadable() throws {
    let light = RegisteredRunRecord(
      slug: slug, name: name, clientID: clientID, config: config, tags: tags, state: state,
      parent: parent, notes: notes,
      values: RecordedValues(
        scalars: values.scalars, curves: values.curves, artifacts: values.artifacts),
      circumstances: circumstances)
    _ = try AnyRecord(document: light.document)
  }
}

extension RecordedValues {
  /// The digest of `document`.
  var digest: Digest {
    var hasher = Digest.Hasher()
    writeCanonical { hasher.update($0) }
    return hasher.finish()
  }

  /// The canonical bytes of `document`, piece by piece.
  func writeCanonical(_ emit: (UnsafeRawBufferPointer) -> Void) {
    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes(emit) }
    func write(_ text: String) { write(Array(text.utf8)) }
    let light = RecordedValues(scalars: scalars, curves: curves, artifacts: artifacts)
    // "series" is the last key here too, and is `{}` when there are none.
    write(Array(light.document.canonicalBytes.dropLast("}}".utf8.count)))
    var isFirst = true
    for (name, series) in series.sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      write("\(isFirst ? "" : ",")\(JSON(name).canonicalText):{\"steps\":[")
      isFirst = false
      for start in stride(from: 0, to: series.steps.count, by: Self.piece) {
        let steps = series.steps[start..<min(start + Self.piece, series.steps.count)]
        write(Packed.decimals(of: steps, after: start > 0))
      }
      write("],\"values\":\"")
      for start in stride(from: 0, to: series.values.count, by: Self.piece) {
        let values = series.values[start..<min(start + Self.piece, series.values.count)]
        write(Packed.hexadecimal(of: values))
      }
      write("\"}")
    }
    write("}}")
  }

  /// Points that are written at a time.
  private static let piece = 4096
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
