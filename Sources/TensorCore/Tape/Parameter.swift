/// A trained matrix or row: its value, and where its gradient adds up (nil when nothing is recorded).
package struct Parameter {
  package let value: UnsafePointer<Float>
  package let gradient: Gradient?
  package let rows: Int
  package let columns: Int
  /// The value once more, as products read it fastest; nil = not packed.
  package var panels: Panels?

  package init(
    value: UnsafePointer<Float>, gradient: Gradient?, rows: Int, columns: Int,
    panels: Panels? = nil
  ) {
    self.value = value
    self.gradient = gradient
    self.rows = rows
    self.columns = columns
    self.panels = panels
  }

  /// - Parameter gradient: memory whose floats are added to.
  package init(
    value: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>?, rows: Int, columns: Int
  ) {
    self.init(
      value: value,
      gradient: gradient.map { Gradient($0, count: rows * columns, isZero: false) }, rows: rows,
      columns: columns)
  }

  package var count: Int { rows * columns }
}

/// A weight W as the right operand of many products: packed once, read in place by each.
///
/// Made by `Engine.pack`; as old as the last packing, so whoever changes W packs again.
package struct Panels {
  /// For x W; nil where nobody asks for it.
  package let plain: UnsafePointer<Float>?
  /// For x Wᵀ.
  package let transposed: UnsafePointer<Float>?

  package init(plain: UnsafePointer<Float>?, transposed: UnsafePointer<Float>?) {
    self.plain = plain
    self.transposed = transposed
  }
}
