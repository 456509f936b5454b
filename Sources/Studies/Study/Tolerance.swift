import Determinism

/// How far a rerun's values may be from the record, for the values whose `stage/key` matches a pattern.
package struct Tolerance: Equatable, Sendable {
  /// `*` stands for any text, slashes included; everything else for itself. Matched against the stage's
  /// name in the run, a slash, and the key: `probe/*/auroc`.
  package let pattern: String
  /// Largest |recomputed − recorded|.
  package let absolute: Double?
  /// Largest |recomputed − recorded| / |recorded|.
  package let relative: Double?

  package init(pattern: String, absolute: Double?, relative: Double?) {
    self.pattern = pattern
    self.absolute = absolute
    self.relative = relative
  }

  var document: JSON {
    var object = JSON.Object()
    if let absolute { object["abs"] = JSON(absolute) }
    if let relative { object["rel"] = JSON(relative) }
    return .object(object)
  }

  /// Every bound that is given must hold; equal bits always do, NaN and infinities otherwise never.
  package func allows(recorded: Double, recomputed: Double) -> Bool {
    if recorded.bitPattern == recomputed.bitPattern { return true }
    let difference = (recomputed - recorded).magnitude
    guard difference.isFinite else { return false }
    if let absolute, difference > absolute { return false }
    if let relative, difference > relative * recorded.magnitude { return false }
    return true
  }

  package func covers(stage: String, key: String) -> Bool {
    Self.matches(Array(pattern.utf8), Array("\(stage)/\(key)".utf8))
  }

  /// In time proportional to pattern × text: the last star alone is retried.
  private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var (p, t) = (0, 0)
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        p = last.pattern + 1
        t = last.text + 1
        star = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
