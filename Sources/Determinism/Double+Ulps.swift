extension Double {
  /// Units in the last place: how many representable doubles lie between the two, counting one of them; nil
  /// when either is NaN. −0.0 and 0.0 are one apart, so that unequal bits are never zero apart.
  package func ulps(to other: Double) -> UInt64? {
    guard !isNaN, !other.isNaN else { return nil }
    let (a, b) = (magnitude.bitPattern, other.magnitude.bitPattern)
    return sign == other.sign ? max(a, b) - min(a, b) : a + b + 1
  }
}
