/// What rows of a tensor are held to along one direction: x · direction should be `offset`.
package struct ProjectionTarget: Equatable, Sendable {
  /// [columns].
  package let direction: [Float]
  package let offset: Float

  package init(direction: [Float], offset: Float) {
    self.direction = direction
    self.offset = offset
  }
}

extension Tape {
  /// scale · Σ (x[row] · direction − offset)² over the rows and targets, in Double: a penalty on where rows lie,
  /// beside whatever else reads them. Other readers of x are recorded after this.
  package func projectionPenalty(
    _ x: Tensor, rows: [Int], onto targets: [ProjectionTarget], scale: Double
  ) -> Double {
    precondition(targets.allSatisfy { $0.direction.count == x.columns }, "a value for each column")
    precondition(rows.allSatisfy { (0..<x.rows).contains($0) }, "rows of the tensor")
    var loss = 0.0
    var slopes: [Float] = []
    slopes.reserveCapacity(rows.count * targets.count)
    for row in rows {
      let values = x.data + row * x.columns
      for target in targets {
        var product = 0.0
        for (column, weight) in target.direction.enumerated() {
          product += Double(values[column]) * Double(weight)
        }
        let distance = product - Double(target.offset)
        loss += scale * distance * distance
        slopes.append(Float(2 * scale * distance))
      }
    }
    record { [self] in
      if x.gradient == nil {
        let zeros = arena.floats(x.count)
        zeros.initialize(repeating: 0, count: x.count)
        x.gradient = zeros
      }
      var next = 0
      for row in rows {
        let gradient = x.gradient! + row * x.columns
        for target in targets {
          let slope = slopes[next]
          next += 1
          for (column, weight) in target.direction.enumerated() {
            gradient[column] += slope * weight
          }
        }
      }
    }
    return loss
  }
}
