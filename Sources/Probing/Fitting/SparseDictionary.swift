import TensorCore

/// A dictionary in which activations are sums of few atoms, none taken away (Olshausen and Field 1997; with
/// codes that are not negative: Hoyer 2002; by alternating steps: Mairal et al. 2010):
///
///   minimise Σᵢ ½ ‖xᵢ − Σₖ cᵢₖ dₖ‖² + penalty Σₖ cᵢₖ,   cᵢₖ ≥ 0, ‖dₖ‖ ≤ 1,
///
/// x being an activation less the mean, in units of the root mean square of such lengths. It is learnt without
/// labels from at most 1,024 examples, evenly taken; has as many atoms as min(4 · width, 256, half the examples)
/// or fewer where fewer suffice; and takes 30 steps, each of which codes all examples and then betters each atom in
/// turn. It begins with examples: each time the one of which the atoms so far leave most. What scikit-learn's
/// `DictionaryLearning(positive_code: True)` minimises. Double, with equal bits for any number of threads.
package struct SparseDictionary: Sendable {
  package let examples: Activations

  package static let penalty = 0.1
  package static let steps = 30
  /// Sweeps over the codes of a row that a step takes, going on from the last one's, and those of frozen atoms,
  /// at most.
  package static let (sweepsOfStep, sweeps) = (10, 1000)
  package static let (mostAtoms, mostExamples, fewestExamples, widest) = (256, 1024, 8, 8192)

  package init(examples: Activations) { self.examples = examples }

  /// - Parameter threads: change no bit.
  /// - Throws: `.tooFew` below 8 examples, `.notFinite`, `.noVariance`.
  package func learned(threads: Int = 1) throws(FittingError) -> Learned {
    guard examples.count >= Self.fewestExamples else {
      throw .tooFew(needed: Self.fewestExamples, given: examples.count, of: "unlabelled")
    }
    try examples.checkFinite()
    let count = min(examples.count, Self.mostExamples)
    let taken = Activations(
      width: examples.width,
      floats: (0..<count).flatMap { index -> ArraySlice<Float> in
        let row = index * examples.count / count
        return examples.floats[row * examples.width..<(row + 1) * examples.width]
      })
    let mean = taken.centre
    let centred = CodedRows(taken, mean: mean, unit: 1)
    let square = (0..<count).reduce(0) { sum, row in
      let vector = centred.vector(row)
      return sum + Vector.dot(vector, vector)
    }
    guard square > 0 else { throw .noVariance(of: "unlabelled") }
    let unit = (square / Double(count)).squareRoot()
    let scaled = CodedRows(taken, mean: mean, unit: unit)
    let pool = WorkerPool(threads: threads)
    let most = min(4 * examples.width, Self.mostAtoms, count / 2)
    let atoms = Atoms(firstOf: scaled, most: most)
    let codes = DoubleBuffer(count: count * atoms.count)
    for _ in 0..<Self.steps {
      atoms.code(
        scaled, penalty: Self.penalty, sweeps: Self.sweepsOfStep, into: codes, pool: pool)
      atoms.better(scaled, codes: codes)
    }
    return Learned(mean: mean, unit: unit, penalty: Self.penalty, atoms: atoms)
  }

  /// The frozen dictionary.
  package struct Learned: Sendable {
    /// [width].
    package let mean: [Double]
    package let unit: Double
    package let penalty: Double
    let atoms: Atoms

    package var count: Int { atoms.count }

    /// [width], of an atom.
    package func atom(_ index: Int) -> [Double] { atoms.vector(index) }

    /// [count × atoms], none negative.
    package func codes(of activations: Activations, threads: Int = 1) -> [Double] {
      let rows = CodedRows(activations, mean: mean, unit: unit)
      let codes = DoubleBuffer(count: activations.count * count)
      atoms.code(
        rows, penalty: penalty, sweeps: SparseDictionary.sweeps, into: codes,
        pool: WorkerPool(threads: threads))
      return Array(UnsafeBufferPointer(start: codes.pointer, count: codes.count))
    }

    /// What was minimised, an example, at the codes that are best.
    package func objective(of activations: Activations) -> Double {
      let rows = CodedRows(activations, mean: mean, unit: unit)
      let codes = codes(of: activations)
      var sum = 0.0
      for row in 0..<activations.count {
        var rest = rows.vector(row)
        for index in 0..<count {
          let code = codes[row * count + index]
          guard code > 0 else { continue }
          for (column, value) in atom(index).enumerated() { rest[column] -= code * value }
          sum += penalty * code
        }
        sum += Vector.dot(rest, rest) / 2
      }
      return sum / Double(activations.count)
    }
  }

  /// The atom whose mean code differs most between the sides of a contrast, the first among equals, as a
  /// direction: positive where the positive sides have more of it.
  ///
  /// A score is the projection onto the atom, not its code: most codes are 0, so that a threshold which flags one
  /// control in a hundred need not exist, and random directions are projections too.
  package static func direction(
    positive: Activations, negative: Activations, threads: Int = 1
  ) throws(FittingError) -> Direction {
    for (side, name) in [(positive, "positive"), (negative, "negative")] where side.count == 0 {
      throw .tooFew(needed: 1, given: 0, of: name)
    }
    let learned = try SparseDictionary(examples: positive + negative).learned(threads: threads)
    let means = [positive, negative].map { side in
      let codes = learned.codes(of: side, threads: threads)
      return (0..<learned.count).map { atom in
        (0..<side.count).reduce(0) { $0 + codes[$1 * learned.count + atom] } / Double(side.count)
      }
    }
    let differences = Vector.difference(means[0], means[1])
    let best = differences.indices.max {
      (differences[$0].magnitude, -$0) < (differences[$1].magnitude, -$1)
    }!
    let factor = (differences[best] < 0 ? -1 : 1) / learned.unit
    let vector = learned.atom(best).map { factor * $0 }
    return Direction(vector: vector, offset: -Vector.dot(learned.mean, vector))
  }
}

/// Examples as a dictionary sees them: less a mean, in a unit.
struct CodedRows: @unchecked Sendable {
  let count: Int
  let width: Int
  /// Doubles from row to row, a multiple of 8; what lies beyond the width is 0.
  let stride: Int
  let values: DoubleBuffer

  init(_ activations: Activations, mean: [Double], unit: Double) {
    precondition(activations.width == mean.count, "equal widths")
    count = activations.count
    width = activations.width
    stride = WideMatrix.stride(of: width)
    values = DoubleBuffer(count: count * stride)
    activations.centred(0..<count, at: mean, into: values.pointer, stride: stride)
    guard unit != 1 else { return }
    for row in 0..<count {
      for column in 0..<width { values.pointer[row * stride + column] /= unit }
    }
  }

  func vector(_ row: Int) -> [Double] {
    Array(UnsafeBufferPointer(start: values.pointer + row * stride, count: width))
  }

  /// [width × rows].
  func columns(_ rows: Range<Int>, stride columnStride: Int) -> DoubleBuffer {
    let columns = DoubleBuffer(count: width * columnStride)
    for (index, row) in rows.enumerated() {
      let from = values.pointer + row * stride
      for column in 0..<width { columns.pointer[column * columnStride + index] = from[column] }
    }
    return columns
  }
}
