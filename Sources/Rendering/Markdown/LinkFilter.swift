/// Which destinations of written prose become links.
enum LinkFilter {
  /// `https`, `http`, `mailto` and `#…`; anything else is relative and must be known to `resolve`.
  ///
  /// libcmark's safe mode keeps `//host` and schemes broken up by controls; so this reads bytes and knows a
  /// short list instead.
  static func link(_ destination: String, resolve: (String) -> Link?) -> Link? {
    let bytes = Array(destination.utf8)
    guard !bytes.isEmpty, bytes.count <= 2000,
      bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    for scheme in ["https://", "http://", "mailto:"]
    where bytes.count > scheme.utf8.count
      && bytes.prefix(scheme.utf8.count).map({ lowered($0) }).elementsEqual(scheme.utf8)
    {
      return .external(destination)
    }
    if bytes[0] == UInt8(ascii: "#") {
      let name = Link.anchorName(String(decoding: bytes.dropFirst(), as: UTF8.self))
      return .anchor(name)
    }
    if bytes.contains(UInt8(ascii: ":")) || bytes[0] == UInt8(ascii: "/") { return nil }
    return resolve(destination)
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
