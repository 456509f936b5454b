import Glibc

/// Cuts what comes in pieces into lines. A line that lies within a piece is handed on where it lies.
package struct LineSplitter {
  /// The beginning of a line whose end has not come yet.
  private var rest: [UInt8] = []

  package init() {}

  /// Bytes of the line that has not ended.
  package var pending: Int { rest.count }

  /// Hands on every line that ends in this piece, without its newline.
  ///
  /// - Parameter body: answers whether to go on; what comes after a line where it does not is dropped.
  package mutating func split(
    _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Bool
  ) rethrows {
    var start = 0
    while start < piece.count, let newline = Self.newline(in: piece, from: start) {
      let line = UnsafeRawBufferPointer(rebasing: piece[start..<newline])
      start = newline + 1
      if rest.isEmpty {
        guard try body(line) else { return }
      } else {
        rest.append(contentsOf: line)
        let whole = rest
        rest = []
        guard try whole.withUnsafeBytes(body) else { return }
      }
    }
    rest.append(contentsOf: piece[start...])
  }

  /// Hands on what stands after the last newline, if anything does.
  package mutating func finish(_ body: (UnsafeRawBufferPointer) throws -> Bool) rethrows {
    guard !rest.isEmpty else { return }
    let whole = rest
    rest = []
    _ = try whole.withUnsafeBytes(body)
  }

  private static func newline(in piece: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = piece.baseAddress,
      let found = memchr(base + start, 0x0A, piece.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
