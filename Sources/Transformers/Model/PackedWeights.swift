import TensorCore

/// The weights of a model's linear layers once more, as the kernels read them fastest.
///
/// Costs a copy of each, so it pays wherever weights are used for more than one shard. Empty for a backend
/// that packs by itself.
struct PackedWeights {
  private struct Entry {
    let tensor: Int
    let rows: Int
    let columns: Int
    /// Floats before it in the model's parameters.
    let source: Int
    let isTransposed: Bool
    let panels: FloatBuffer
  }

  private let engine: Engine
  private let entries: [Entry]

  /// - Parameter isTraining: gradients go through the weights the other way round, too.
  init(_ tensors: [ModelConfiguration.NamedTensor], engine: Engine, isTraining: Bool) {
    self.engine = engine
    var entries: [Entry] = []
    for (index, tensor) in tensors.enumerated()
    where engine.backend == .own && tensor.isLinear {
      let forward = tensor.isHead
      for isTransposed in isTraining ? [forward, !forward] : [forward] {
        let (rows, columns) = (tensor.shape[0], tensor.shape[1])
        let size =
          isTransposed
          ? Engine.packedCount(n: rows, k: columns) : Engine.packedCount(n: columns, k: rows)
        entries.append(
          Entry(
            tensor: index, rows: rows, columns: columns, source: tensor.offset,
            isTransposed: isTransposed, panels: FloatBuffer(count: size, cleared: false)))
      }
    }
    self.entries = entries
  }

  /// How many independent pieces `pack` can be called for.
  var count: Int { entries.count }

  /// Copies one piece out of the model's parameters.
  func pack(_ piece: Int, from parameters: UnsafePointer<Float>) {
    let entry = entries[piece]
    engine.pack(
      parameters + entry.source, rows: entry.rows, columns: entry.columns,
      isTransposed: entry.isTransposed, into: entry.panels.pointer)
  }

  func packAll(from parameters: UnsafePointer<Float>) {
    for piece in entries.indices { pack(piece, from: parameters) }
  }

  /// The panels of a tensor, by its number.
  subscript(tensor: Int) -> Panels? {
    func pointer(_ isTransposed: Bool) -> UnsafePointer<Float>? {
      entries.first { $0.tensor == tensor && $0.isTransposed == isTransposed }
        .map { UnsafePointer($0.panels.pointer) }
    }
    let panels = Panels(plain: pointer(false), transposed: pointer(true))
    return panels.plain == nil && panels.transposed == nil ? nil : panels
  }
}
