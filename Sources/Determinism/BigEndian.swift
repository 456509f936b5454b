extension UInt64 {
  /// The eight bytes, most significant first.
  package var bigEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * UInt64($0))) }
  }
}

extension Double {
  /// The eight bytes of the pattern, most significant first: how the registry keeps every float.
  package var bigEndianBytes: [UInt8] { bitPattern.bigEndianBytes }
}
