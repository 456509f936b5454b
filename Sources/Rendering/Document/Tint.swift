/// A score as the background of the word that it is of: eleven steps about 0, one hue below it and one above, each
/// step twice as far out as the one before. `site.css` has the colours, for light and for dark.
package struct Tint: Equatable, Sendable {
  /// 0 for the lowest scores, 5 about 0, 10 for the highest.
  package let step: Int

  private static let bounds = [0.5, 1, 2, 4, 8]

  /// NaN stands with 0.
  package init(score: Double) {
    let distance = Self.bounds.count { score.magnitude >= $0 }
    step = Self.bounds.count + (score < 0 ? -distance : distance)
  }

  private init(step: Int) { self.step = step }

  var cssClass: String { "z\(step)" }

  /// The steps with the scores that they begin at, from the lowest.
  package static let legend: [Inline] = (0...2 * bounds.count).flatMap { step -> [Inline] in
    let middle = bounds.count
    let label =
      step == middle
      ? "0"
      : step < middle
        ? "≤ "
          + NumberText.decimal(-bounds[middle - 1 - step], bounds[middle - 1 - step] < 1 ? 1 : 0)
        : "≥ "
          + NumberText.decimal(bounds[step - middle - 1], bounds[step - middle - 1] < 1 ? 1 : 0)
    return (step == 0 ? [] : [.text(" ")]) + [.tinted(label, Tint(step: step))]
  }
}
