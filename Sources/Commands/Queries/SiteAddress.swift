import ArgumentParser

/// Where a site is, or will be: what `--base-url` takes.
enum SiteAddress {
  static func check(_ text: String) throws(ValidationError) {
    guard isAddress(text) else {
      throw ValidationError("--base-url takes an address such as https://example.org/study/")
    }
  }

  /// With a slash at its end, which every page's path can follow.
  static func base(_ text: String) -> String {
    text.utf8.last == UInt8(ascii: "/") ? text : text + "/"
  }

  /// A host, perhaps a port and a path.
  private static func isAddress(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: { text.utf8.starts(with: $0.utf8) })
    else { return false }
    let rest = text.utf8.dropFirst(scheme.utf8.count)
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "-._~:/%@".utf8.contains(byte)
      }
    }
    return !rest.isEmpty && rest.first != UInt8(ascii: "/") && rest.allSatisfy(isPlain)
  }
}
