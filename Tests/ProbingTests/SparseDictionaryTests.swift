import Determinism
import TensorCore
import Testing

@testable import Probing

struct SparseDictionaryTests {
  private let goldens = Result { try Golden.cases("dictionaries", in: "detectors") }

  @Test func `codes for given atoms are those of scikit-learn's lasso_cd`() throws {
    for (index, golden) in try goldens.get().enumerated() {
      let atoms = Atoms(golden["given"]!.array!.map(\.doubles))
      // Doubles that no float has: scaled here as there.
      let scaled = golden["scaled"]!.array!.map(\.doubles)
      let rows = CodedRows(
        Activations(
          width: atoms.width, floats: [Float](repeating: 0, count: scaled.count * atoms.width)),
        mean: [Double](repeating: 0, count: atoms.width), unit: 1)
      for (row, values) in scaled.enumerated() {
        for (column, value) in values.enumerated() {
          rows.values.pointer[row * rows.stride + column] = value
        }
      }
      let codes = DoubleBuffer(count: rows.count * atoms.count)
      atoms.code(
        rows, penalty: golden["alpha"]!.doubles[0], sweeps: 1000, into: codes,
        pool: WorkerPool(threads: 1))
      let found = Array(UnsafeBufferPointer(start: codes.pointer, count: codes.count))
      let wanted = golden["codes"]!.doubles
      // The second atom is half of the first: it is never worth its price.
      #expect((0..<rows.count).allSatisfy { found[$0 * atoms.count + 1] == 0 }, "case \(index)")
      let gaps = zip(found, wanted).map { ($0 - $1).magnitude }
      #expect(gaps.max()! < 1e-6, "case \(index): \(gaps.max()!)")
      #expect(found.count { $0 > 0 } > rows.count / 2, "case \(index)")
    }
  }

  @Test func `a learnt dictionary is that of the steps in NumPy, and as good as scikit-learn's`()
    throws
  {
    for (index, golden) in try goldens.get().enumerated() {
      let examples = golden.activations("examples")
      let learned = try SparseDictionary(examples: examples).learned()
      let atoms = golden["atoms"]!.array!.map(\.doubles)
      #expect(learned.count == atoms.count)
      for (atom, wanted) in atoms.enumerated() {
        #expect(distance(learned.atom(atom), wanted) < 1e-6, "case \(index), atom \(atom)")
      }
      let objective = learned.objective(of: examples)
      #expect(distance([objective], golden["objective"]!.doubles) < 1e-9, "case \(index)")
      #expect(objective <= 1.05 * golden["sklearn"]!.doubles[0], "case \(index): \(objective)")
    }
  }

  @Test func `threads change no bit, nor does the order of equal work`() throws {
    let examples = try goldens.get()[1].activations("examples")
    let one = try SparseDictionary(examples: examples).learned()
    let two = try SparseDictionary(examples: examples).learned(threads: 2)
    for atom in 0..<one.count { #expect(one.atom(atom) == two.atom(atom)) }
    #expect(one.codes(of: examples) == two.codes(of: examples, threads: 3))
    #expect(one.codes(of: examples).allSatisfy { $0 >= 0 })
  }

  /// One cause that only the first side has, among others that both have.
  private func sides(_ count: Int, width: Int = 12, seed: UInt64 = 1) -> [Activations] {
    var stream = RandomStream(seed: seed, "causes")
    return [2.0, 0].map { own in
      Activations(
        width: width,
        floats: (0..<count).flatMap { _ -> [Float] in
          let causes = (0..<width).map { cause in
            cause == 4 ? own : stream.bool(probability: 0.2) ? 3 * stream.uniform() : 0
          }
          return causes.map { Float($0 + stream.normal() / 20 + 1) }
        })
    }
  }

  @Test func `the atom that differs is the cause that differs, with its sign`() throws {
    let both = sides(60)
    let direction = try SparseDictionary.direction(positive: both[0], negative: both[1])
    let largest = direction.vector.indices.max {
      direction.vector[$0].magnitude < direction.vector[$1].magnitude
    }
    #expect(largest == 4 && direction.vector[4] > 0)
    let turned = try SparseDictionary.direction(positive: both[1], negative: both[0])
    #expect(distance(turned.vector, direction.vector.map { -$0 }) < 1e-6)
    let means = both.map { direction.scores(of: $0).reduce(0, +) }
    #expect(means[0] > means[1])
    // Sides that are the same differ in no atom: the first is taken, as it is.
    let same = try SparseDictionary.direction(positive: both[0], negative: both[0])
    let first = try SparseDictionary(examples: both[0] + both[0]).learned().atom(0)
    #expect(Vector.cosine(same.vector, first) > 1 - 1e-12)
  }

  @Test func `too few, none that vary, and values that are not finite are errors`() throws {
    let both = sides(3)
    #expect(throws: FittingError.tooFew(needed: 8, given: 6, of: "unlabelled")) {
      try SparseDictionary(examples: both[0] + both[1]).learned()
    }
    #expect(throws: FittingError.tooFew(needed: 1, given: 0, of: "negative")) {
      try SparseDictionary.direction(positive: sides(9)[0], negative: both[0].rows(0..<0))
    }
    #expect(throws: FittingError.noVariance(of: "unlabelled")) {
      try SparseDictionary(
        examples: Activations(width: 2, floats: [Float](repeating: 0.1, count: 20))
      ).learned()
    }
    var floats = sides(5)[0].floats
    floats[13] = .nan
    #expect(throws: FittingError.notFinite(row: 1, column: 1)) {
      _ = try SparseDictionary.direction(
        positive: Activations(width: 12, floats: floats), negative: sides(5)[1])
    }
  }

  @Test func `there are as many atoms as said, fewer where examples repeat`() throws {
    let many = sides(40)[0]
    #expect(try SparseDictionary(examples: many).learned().count == 20)
    let narrow = sides(40, width: 5)[0]
    #expect(try SparseDictionary(examples: narrow + narrow).learned().count == 20)
    // Three different rows, twenty times: what is left after them is rounding.
    let three = many.rows(0..<3)
    let repeated = (0..<19).reduce(three) { all, _ in all + three }
    let learned = try SparseDictionary(examples: repeated).learned()
    #expect(learned.count <= 3)
    #expect(learned.codes(of: many).allSatisfy { $0.isFinite })
    // A constant feature has no part in any atom.
    let constant = Activations(
      width: 6, floats: (0..<narrow.count).flatMap { [0.7] + narrow[$0].map { Float($0) } })
    let other = try SparseDictionary(examples: constant).learned()
    #expect((0..<other.count).allSatisfy { other.atom($0)[0] == 0 })
  }

  @Test func `more examples than it learns from are taken evenly`() throws {
    let few = sides(513, width: 3)
    let all = few[0] + few[1]
    let learned = try SparseDictionary(examples: all).learned(threads: 2)
    #expect(learned.count == 12)
    // 1,026 of which 1,024 are taken: all but two.
    #expect(learned.objective(of: all) < 0.5)
  }
}
