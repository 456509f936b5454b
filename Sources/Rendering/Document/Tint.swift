/// A score in standard deviations as the background of the word that it is of: eleven steps about 0, one hue below it
/// and one above. `site.css` has the colours, for light and for dark.
package struct Tint: Equatable, Sendable {
  /// 0 for the lowest scores, 5 about 0, 10 for the highest.
  package let step: Int

  private static let bounds = [0.5, 1, 1.5, 2, 3]

  /// NaN stands with 0.
  package init(score: Double) {
    let distance = Self.bounds.count { score.magnitude >= $0 }
    step = Self.bounds.count + (score < 0 ? -distance : distance)
  }

  private init(step: Int) { self.step = step }

  var cssClass: String { "z\(step)" }

  /// The steps with the scores that they begin at, from the lowest.
  package static let legend: [Inline] = {
    func label(_ sign: String, _ bound: Double) -> String {
      "\(sign) \(NumberText.decimal(bound, 1))"
    }
    let middle = bounds.count
    let below = bounds.indices.reversed().map {
      Inline.tinted(label("≤", -bounds[$0]), Tint(step: middle - 1 - $0))
    }
    let above = bounds.indices.map {
      Inline.tinted(label("≥", bounds[$0]), Tint(step: middle + 1 + $0))
    }
    let steps = below + [.tinted("0", Tint(step: middle))] + above
    return Array(steps.map { [$0] }.joined(separator: [.text(" ")]))
  }()
}
