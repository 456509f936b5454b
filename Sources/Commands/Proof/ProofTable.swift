import Determinism
import Experiments

/// The determinism table: what was computed under which conditions, and whether the bits were those of the
/// first row of their kind.
struct ProofTable {
  /// Rows of one kind compute the same thing; their hashes have the same names.
  enum Kind: String, CaseIterable {
    /// `DeterminismTrial` with our own kernels.
    case own
    /// The same with OpenBLAS, whose bits belong to its core type.
    case openblas
    /// All stage results of a small study, performed by `run`.
    case study

    /// Whether a row that differs from the first one is a fault.
    var isPromised: Bool { self != .openblas }

    var title: String {
      switch self {
      case .own: "trained, sampled and probed with our own kernels: every row must be equal"
      case .openblas:
        "the same with backend openblas: rows may differ, which is why it is not the default"
      case .study: "a study of five stages, two arms and two seeds: every row must be equal"
      }
    }
  }

  struct Row {
    let kind: Kind
    let conditions: String
    let outcome: Outcome
  }

  enum Outcome {
    case hashes([Hash])
    /// Why it could not be computed here.
    case skipped(String)
    /// Computing it went wrong.
    case failed(String)
  }

  struct Hash: Equatable {
    let name: String
    let digest: Digest
  }

  private(set) var rows: [Row] = []

  mutating func add(_ kind: Kind, _ conditions: String, _ outcome: Outcome) {
    rows.append(Row(kind: kind, conditions: conditions, outcome: outcome))
  }

  /// The first row of a kind that has hashes: what the others are compared with.
  func reference(_ kind: Kind) -> [Hash]? {
    for row in rows where row.kind == kind {
      if case .hashes(let hashes) = row.outcome { return hashes }
    }
    return nil
  }

  func result(of row: Row) -> String {
    switch row.outcome {
    case .hashes(let hashes): hashes == reference(row.kind) ? "equal" : "DIFFERS"
    case .skipped: "skipped"
    case .failed: "FAILED"
    }
  }

  /// Whether everything that was promised and could be computed holds.
  var holds: Bool {
    rows.allSatisfy { row in
      switch row.outcome {
      case .hashes(let hashes): !row.kind.isPromised || hashes == reference(row.kind)
      case .skipped: true
      case .failed: false
      }
    }
  }

  var document: JSON {
    [
      "edition": JSON(DeterminismTrial.edition), "holds": JSON(holds),
      "rows": .array(
        rows.map { row in
          var object = JSON.Object([
            ("kind", JSON(row.kind.rawValue)), ("conditions", JSON(row.conditions)),
            ("result", JSON(result(of: row).lowercased())),
            ("promised", JSON(row.kind.isPromised)),
          ])
          switch row.outcome {
          case .hashes(let hashes):
            object["hashes"] = .object(JSON.Object(hashes.map { ($0.name, JSON($0.digest)) }))
          case .skipped(let reason), .failed(let reason): object["reason"] = JSON(reason)
          }
          return .object(object)
        }),
    ]
  }

  func print(on terminal: Terminal) throws(Failure) {
    for kind in Kind.allCases {
      let rows = rows.filter { $0.kind == kind }
      guard !rows.isEmpty else { continue }
      let names = reference(kind)?.map(\.name) ?? []
      var table = Table(
        [("  conditions", .left), ("result", .left)] + names.map { ($0, .left) })
      var remarks: [String] = []
      for row in rows {
        var cells = ["  \(row.conditions)", result(of: row)]
        switch row.outcome {
        case .hashes(let hashes): cells += hashes.map(\.digest.short)
        case .skipped(let reason), .failed(let reason):
          cells += names.map { _ in "—" }
          remarks.append("  \(row.conditions): \(reason)")
        }
        table.add(cells)
      }
      try terminal.say(kind.title)
      for line in table.lines { try terminal.say(line) }
      for remark in remarks { try terminal.say(remark.forTerminal) }
      try terminal.say()
    }
    let compared = rows.filter {
      if case .hashes = $0.outcome { $0.kind.isPromised } else { false }
    }
    try terminal.say(
      holds ? "the same bits under all \(compared.count) conditions" : "the bits are NOT the same")
  }
}
