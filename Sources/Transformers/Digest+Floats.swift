import Determinism

extension Digest {
  /// SHA-256 over the bit patterns of floats, little-endian: equal bits, and only those, have equal digests.
  package init(ofPatterns floats: some Sequence<Float>) {
    var hasher = Hasher()
    for float in floats {
      withUnsafeBytes(of: float.bitPattern.littleEndian) { hasher.update($0) }
    }
    self = hasher.finish()
  }
}

extension Trainer {
  /// Of everything that a step changes; of a low-rank update that is its factors.
  package var digests: (weights: Digest, firstMoments: Digest, secondMoments: Digest) {
    (
      Digest(ofPatterns: adam.values.array), Digest(ofPatterns: adam.first.array),
      Digest(ofPatterns: adam.second.array)
    )
  }
}
