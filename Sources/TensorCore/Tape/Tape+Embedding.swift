extension Tape {
  /// x[rows, d] = tokenTable[token] + positionTable[position].
  package func embed(
    tokens: [Int32], positions: [Int32], tokenTable: Parameter, positionTable: Parameter
  ) -> Tensor {
    let width = tokenTable.columns
    precondition(tokens.count == positions.count && positionTable.columns == width)
    let x = tensor(tokens.count, width)
    for (row, token) in tokens.enumerated() {
      let position = Int(positions[row])
      precondition((0..<tokenTable.rows).contains(Int(token)), "token \(token) is not in the table")
      precondition((0..<positionTable.rows).contains(position), "position \(position) is too far")
      let out = x.data + row * width
      out.update(from: positionTable.value + position * width, count: width)
      engine.kernels.pointee.add(width, tokenTable.value + Int(token) * width, out)
    }
    record { [self] in
      guard let dx = x.gradient else { return }
      for (row, token) in tokens.enumerated() {
        let d = dx + row * width
        if let table = tokenTable.gradient {
          engine.kernels.pointee.add(width, d, table.settled() + Int(token) * width)
        }
        if let table = positionTable.gradient {
          engine.kernels.pointee.add(width, d, table.settled() + Int(positions[row]) * width)
        }
      }
    }
    return x
  }

  /// The chosen rows of x, in the given order; no row twice.
  package func gather(_ x: Tensor, rows: [Int]) -> Tensor {
    let y = tensor(rows.count, x.columns)
    for (index, row) in rows.enumerated() {
      (y.data + index * x.columns).update(from: x.data + row * x.columns, count: x.columns)
    }
    record { [self] in
      guard let dy = y.gradient else { return }
      let dx: UnsafeMutablePointer<Float>
      if let own = x.gradient {
        dx = own
      } else {
        dx = arena.floats(x.count)
        dx.update(repeating: 0, count: x.count)
      }
      for (index, row) in rows.enumerated() {
        engine.kernels.pointee.add(x.columns, dy + index * x.columns, dx + row * x.columns)
      }
      x.gradient = dx
    }
    return y
  }
}
