import CCompression

/// The check sums that the formats carry.
enum Checksum {
  /// CRC-32 of zlib and zip.
  static func crc32(_ bytes: some Sequence<ArraySlice<UInt8>>) -> UInt32 {
    var sum: UInt = 0
    for piece in bytes {
      piece.withUnsafeBufferPointer { buffer in
        sum = CCompression.crc32_z(sum, buffer.baseAddress, buffer.count)
      }
    }
    return UInt32(truncatingIfNeeded: sum)
  }

  /// CRC-32C (Castagnoli, reflected polynomial 82f63b78), masked as TFRecord files have it, so that a sum of
  /// bytes that hold a sum is none of the usual values.
  static func maskedCRC32C(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum = UInt32.max
    bytes.withUnsafeBufferPointer { bytes in
      table.withUnsafeBufferPointer { table in
        for byte in bytes { sum = table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8 }
      }
    }
    sum = ~sum
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
    (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }
}
