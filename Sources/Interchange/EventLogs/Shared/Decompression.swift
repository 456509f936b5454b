import CCompression

/// Packed bytes to the bytes they stand for, of a length that is known before: what unpacks to more is refused
/// before there is room for it.
enum Decompression {
  /// - Returns: nil when the bytes are damaged, or stand for another number of bytes.
  static func inflate(_ packed: [UInt8], to count: Int) -> [UInt8]? {
    fill(count) { buffer in
      var stream = z_stream()
      // Negative: without zlib's own head, as zip has it.
      guard
        inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else { return nil }
      defer { inflateEnd(&stream) }
      return packed.withUnsafeBufferPointer { packed -> Int? in
        guard let input = UInt32(exactly: packed.count), let output = UInt32(exactly: buffer.count)
        else { return nil }
        stream.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
        stream.avail_in = input
        stream.next_out = buffer.baseAddress
        stream.avail_out = output
        guard CCompression.inflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return Int(stream.total_out)
      }
    }
  }

  /// The same of Zstandard, of one frame or several.
  static func unzstd(_ packed: [UInt8], to count: Int) -> [UInt8]? {
    fill(count) { buffer in
      packed.withUnsafeBytes { packed -> Int? in
        let got = ZSTD_decompress(
          buffer.baseAddress, buffer.count, packed.baseAddress, packed.count)
        return ZSTD_isError(got) == 0 ? Int(got) : nil
      }
    }
  }

  private static func fill(
    _ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int?
  ) -> [UInt8]? {
    var written: Int?
    // One more, so that there is an address also for nothing.
    let bytes = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, filled in
      written = body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      filled = written == count ? count : 0
    }
    return written == count ? bytes : nil
  }
}
