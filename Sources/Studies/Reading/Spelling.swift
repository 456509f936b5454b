/// Which of the known words was probably meant.
package enum Spelling {
  /// The known word with the smallest distance, if that is small for its length; ties go to the word that
  /// sorts first.
  package static func nearest(to word: String, among known: [String]) -> String? {
    // A word of one letter is near every other of one letter.
    let limit = word.utf8.count < 2 ? 0 : max(1, min(4, word.utf8.count / 3))
    var best: (distance: Int, word: String)?
    for candidate in known.sorted() {
      let distance = self.distance(word, candidate)
      if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.word
  }

  /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), on UTF-8.
  /// Words over 64 bytes are at distance 1000 from everything.
  static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    guard a.count <= 64, b.count <= 64 else { return 1000 }
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, rows[i - 1][j - 1] + 1)
        }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
