/// Paths inside the site, checked on bytes.
enum SitePath {
  /// Relative, of plain ASCII segments that neither begin with a dot nor climb.
  static func isValid(_ path: String) -> Bool {
    let bytes = Array(path.utf8)
    guard (1...200).contains(bytes.count) else { return false }
    let isPlain = { (byte: UInt8) in
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
    return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0.first != UInt8(ascii: ".") && $0.allSatisfy(isPlain)
    }
  }
}
