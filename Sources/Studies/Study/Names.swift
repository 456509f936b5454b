/// The form of slugs, stage names and prediction ids: what is safe in paths, keys, links and claims.
package enum Names {
  /// Lower-case letters, digits and hyphens, first a letter or digit, at most 64 bytes.
  package static func isValid(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return (1...64).contains(bytes.count) && bytes[0] != UInt8(ascii: "-")
      && bytes.allSatisfy {
        $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
      }
  }

  static let hint = "lower-case letters, digits and hyphens, at most 64"
}
