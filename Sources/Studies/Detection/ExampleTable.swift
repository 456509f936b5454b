/// What is known about each example whose activations are probed: one row for each row of activations, in
/// their order.
package struct ExampleTable: Equatable, Sendable {
  package enum Role: String, CaseIterable, Sendable {
    /// What detectors are fitted on.
    case fit
    /// Controls that thresholds are set on.
    case calibrate
    /// What is reported.
    case test
  }

  package struct Row: Equatable, Sendable {
    package let role: Role
    /// Of a fit row: the side of the contrast that means danger.
    package let label: Bool?
    package let pair: String?
    package let dataset: String?
    package let trigger: Bool?
    package let defected: Bool?
    package let tokens: Double?
    package let group: String?
    package let text: String?

    package init(
      role: Role, label: Bool? = nil, pair: String? = nil, dataset: String? = nil,
      trigger: Bool? = nil, defected: Bool? = nil, tokens: Double? = nil, group: String? = nil,
      text: String? = nil
    ) {
      self.role = role
      self.label = label
      self.pair = pair
      self.dataset = dataset
      self.trigger = trigger
      self.defected = defected
      self.tokens = tokens
      self.group = group
      self.text = text
    }

    /// By a column of the table.
    package func isPositive(by outcome: Outcome) -> Bool? {
      outcome == .defected ? defected : trigger
    }
  }

  /// Which column says what a positive example is.
  package enum Outcome: String, CaseIterable, Sendable {
    case defected, trigger
  }

  package let rows: [Row]

  package init(rows: [Row]) { self.rows = rows }

  /// `defected` where any row of role test says it, else `trigger`.
  package var outcome: Outcome? {
    Outcome.allCases.first { outcome in
      rows.contains { $0.role == .test && $0.isPositive(by: outcome) != nil }
    }
  }
}
