import TensorCore

/// A change to the residual stream at one site while a model computes: steering, ablation, patching.
///
/// Made at every position of every sequence unless it says otherwise. Those of one site are made in the
/// order given, before anybody looks at the activations there. Inference only.
package struct Intervention: Sendable {
  enum Change: Sendable {
    case add([Float])
    /// A unit vector.
    case ablate([Float])
    /// By sequence: where, and what stands there instead.
    case patch(positions: [Int], values: [[Float]])
  }

  package let site: ActivationSite
  let change: Change

  /// x + amount · direction.
  package static func add(
    _ direction: [Float], times amount: Float = 1, at site: ActivationSite
  ) -> Intervention {
    Intervention(site: site, change: .add(direction.map { amount * $0 }))
  }

  /// x − (x · u) u for the unit vector u along the direction: nothing of it is left.
  package static func ablate(_ direction: [Float], at site: ActivationSite) -> Intervention {
    let norm = direction.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    precondition(norm > 0 && norm.isFinite, "a direction has a length")
    return Intervention(site: site, change: .ablate(direction.map { Float(Double($0) / norm) }))
  }

  /// At one position of each sequence, the activations of another computation instead: `values[s]` (as many
  /// as the model is wide) at `positions[s]` of the s-th sequence given to the model.
  package static func patch(
    _ values: [[Float]], positions: [Int], at site: ActivationSite
  ) -> Intervention {
    precondition(values.count == positions.count, "a position for each value")
    return Intervention(site: site, change: .patch(positions: positions, values: values))
  }

  /// Traps on a site or a width that the model does not have.
  func check(_ configuration: ModelConfiguration) {
    precondition((0..<configuration.layers).contains(site.layer), "no block \(site.layer)")
    let widths =
      switch change {
      case .add(let direction), .ablate(let direction): [direction.count]
      case .patch(_, let values): values.map(\.count)
      }
    precondition(widths.allSatisfy { $0 == configuration.dModel }, "a value for each column")
  }

  func apply(to x: Tensor, _ packed: PackedSequences, on tape: Tape) {
    precondition(!tape.isRecording, "nothing is learnt through an intervention")
    switch change {
    case .add(let direction):
      tape.addOuter(x, by: [Float](repeating: 1, count: x.rows), direction)
    case .ablate(let unit):
      tape.addOuter(x, by: tape.products(of: x, with: unit).map { -$0 }, unit)
    case .patch(let positions, let values):
      for (slot, member) in packed.members.enumerated() where positions.indices.contains(member) {
        let rows = packed.starts[slot]..<packed.starts[slot] + packed.lengths[slot]
        guard let row = rows.first(where: { packed.positions[$0] == positions[member] }) else {
          continue
        }
        values[member].withUnsafeBufferPointer {
          (x.data + row * x.columns).update(from: $0.baseAddress!, count: x.columns)
        }
      }
    }
  }
}

extension Tape {
  /// x[r] · vector for each row.
  fileprivate func products(of x: Tensor, with vector: [Float]) -> [Float] {
    var products = [Float](repeating: 0, count: x.rows)
    engine.multiply(
      .plain, m: x.rows, n: 1, k: x.columns, x.data, lda: x.columns, vector, ldb: 1,
      into: &products, ldc: 1)
    return products
  }

  /// x[r] += factors[r] · vector, in place.
  fileprivate func addOuter(_ x: Tensor, by factors: [Float], _ vector: [Float]) {
    engine.multiply(
      .plain, m: x.rows, n: x.columns, k: 1, factors, lda: 1, vector, ldb: x.columns,
      start: x.data, lds: x.columns, into: x.data, ldc: x.columns)
  }
}
