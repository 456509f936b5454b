import Determinism
import TensorCore

/// The factors of a low-rank update, and their gradient by way of the whole weights' gradient.
///
/// Of each weight, as it is stored, [rows, columns]: W = W₀ + s L R with L [rows, r], R [r, columns] and
/// s = α / r. The factor on the side of the inputs is the paper's A, the other one its B.
final class LowRankUpdate {
  private typealias NamedTensor = ModelConfiguration.NamedTensor

  /// The model's parameters without the update.
  let base: [Float]
  /// Of every weight L, then R.
  let tensors: [ModelConfiguration.NamedTensor]
  let factors: FloatBuffer
  private let slopes: FloatBuffer
  /// s times the factors.
  private let scaled: FloatBuffer
  private let products: [Product]
  private let rank: Int
  private let alpha: Double

  private struct Product {
    let weight: NamedTensor
    let left: NamedTensor
    let right: NamedTensor
    /// Whether the inputs are W's columns.
    var isHead: Bool { weight.isHead }
  }

  convenience init(of model: Model, options: LowRankOptions) {
    let products = Self.products(
      model.configuration, rank: options.rank, includesUnembedding: options.includesUnembedding)
    var values: [Float] = []
    for product in products {
      var stream = RandomStream(seed: options.seed, "low-rank/\(product.weight.name)")
      let inputs = product.weight.shape[product.isHead ? 1 : 0]
      let deviation = (1 / Double(inputs)).squareRoot()
      for (factor, isRandom) in [(product.left, !product.isHead), (product.right, product.isHead)] {
        values += (0..<factor.count).map { _ in isRandom ? Float(deviation * stream.normal()) : 0 }
      }
    }
    self.init(model, products, values, rank: options.rank, alpha: options.alpha)
  }

  private init(
    _ model: Model, _ products: [Product], _ values: [Float], rank: Int, alpha: Double
  ) {
    base = model.parameters
    self.products = products
    self.rank = rank
    self.alpha = alpha
    tensors = products.flatMap { [$0.left, $0.right] }
    factors = FloatBuffer(count: values.count)
    factors.array = values
    slopes = FloatBuffer(count: values.count)
    scaled = FloatBuffer(count: values.count)
  }

  /// Trained numbers of an update.
  static func count(_ configuration: ModelConfiguration, _ options: LowRankOptions) -> Int {
    products(
      configuration, rank: options.rank, includesUnembedding: options.includesUnembedding
    ).reduce(0) { $0 + $1.left.count + $1.right.count }
  }

  private static func products(
    _ configuration: ModelConfiguration, rank: Int, includesUnembedding: Bool
  ) -> [Product] {
    var offset = 0
    func factor(_ side: String, of weight: NamedTensor, _ shape: [Int]) -> NamedTensor {
      defer { offset += shape[0] * shape[1] }
      return NamedTensor(name: factorName(side, weight.name), shape: shape, offset: offset)
    }
    return configuration.tensors.filter { $0.isLinear && (includesUnembedding || !$0.isHead) }.map {
      Product(
        weight: $0, left: factor("left", of: $0, [$0.shape[0], rank]),
        right: factor("right", of: $0, [rank, $0.shape[1]]))
    }
  }

  private static func factorName(_ side: String, _ weight: String) -> String {
    "low_rank.\(side).\(weight)"
  }

  /// Of the factors, after `takeGradient`.
  var gradient: UnsafePointer<Float> { .init(slopes.pointer) }

  /// W = W₀ + s L R in the network's values; the panels are the caller's.
  func merge(into lanes: GradientLanes) {
    let scale = Float(alpha / Double(rank))
    let (from, to) = (factors.pointer, scaled.pointer)
    for index in 0..<factors.count { to[index] = scale * from[index] }
    base.withUnsafeBufferPointer { base in
      lanes.pool.run(products.count) { index, _ in
        let product = products[index]
        let (rows, columns) = (product.weight.shape[0], product.weight.shape[1])
        lanes.engine.multiply(
          .plain, m: rows, n: columns, k: rank, to + product.left.offset, lda: rank,
          from + product.right.offset, ldb: columns,
          start: base.baseAddress! + product.weight.offset, lds: columns,
          into: lanes.values.pointer + product.weight.offset, ldc: columns)
      }
    }
  }

  /// dL = s dW Rᵀ and dR = s Lᵀ dW of the lanes' sum; their norm.
  func takeGradient(from lanes: GradientLanes) -> Double {
    var squares = [Double](repeating: 0, count: products.count)
    squares.withUnsafeMutableBufferPointer { squares in
      lanes.pool.run(products.count) { index, _ in
        let product = products[index]
        let (rows, columns) = (product.weight.shape[0], product.weight.shape[1])
        let whole = lanes.gradient + product.weight.offset
        lanes.engine.multiply(
          .rightTransposed, m: rows, n: rank, k: columns, whole, lda: columns,
          scaled.pointer + product.right.offset, ldb: columns,
          into: slopes.pointer + product.left.offset, ldc: rank)
        lanes.engine.multiply(
          .leftTransposed, m: rank, n: columns, k: rows, scaled.pointer + product.left.offset,
          lda: rank, whole, ldb: columns, into: slopes.pointer + product.right.offset, ldc: columns)
        // L and R lie one behind the other.
        var sum = 0.0
        for place in product.left.offset..<product.right.range.upperBound {
          sum += Double(slopes.pointer[place]) * Double(slopes.pointer[place])
        }
        squares[index] = sum
      }
    }
    return squares.reduce(0, +).squareRoot()
  }
}

/// In a resume point.
extension LowRankUpdate {
  private static let rankKey = "dormouse.low_rank.rank"
  private static let alphaKey = "dormouse.low_rank.alpha"

  var metadata: [(key: String, value: String)] {
    [(Self.rankKey, "\(rank)"), (Self.alphaKey, Hexadecimal.text(of: alpha.bitPattern))]
  }

  /// nil for a file without one.
  convenience init?(of model: Model, in file: Safetensors) throws(SafetensorsError) {
    guard let text = file.metadata(Self.rankKey) else { return nil }
    guard let rank = Int(text), (1...LowRankOptions.maximumRank).contains(rank) else {
      throw .invalidMetadata(key: Self.rankKey, value: text)
    }
    let alpha = try file.double(Self.alphaKey)
    guard alpha.isFinite else {
      throw .invalidMetadata(key: Self.alphaKey, value: Hexadecimal.text(of: alpha.bitPattern))
    }
    let products = Self.products(
      model.configuration, rank: rank,
      includesUnembedding: file.tensor(Self.factorName("left", "lm_head.weight")) != nil)
    let values = try products.flatMap { [$0.left, $0.right] }.floats(of: file)
    self.init(model, products, values, rank: rank, alpha: alpha)
  }
}
