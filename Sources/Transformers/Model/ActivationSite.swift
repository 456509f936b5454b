/// A place in the residual stream; blocks count from 0.
package enum ActivationSite: Hashable, Sendable, CustomStringConvertible {
  /// What enters a block.
  case residualPre(Int)
  /// Between a block's attention and its MLP.
  case residualMid(Int)
  /// What leaves a block, before the final layer norm.
  case residualPost(Int)

  package var layer: Int {
    switch self {
    case .residualPre(let layer), .residualMid(let layer), .residualPost(let layer): layer
    }
  }

  package var description: String {
    switch self {
    case .residualPre(let layer): "residual.pre.\(layer)"
    case .residualMid(let layer): "residual.mid.\(layer)"
    case .residualPost(let layer): "residual.post.\(layer)"
    }
  }
}
