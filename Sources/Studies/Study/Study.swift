import Determinism

/// A study file, read: a question with what is varied, measured and predicted.
package struct Study: Sendable {
  /// The name of the study's folder: lower-case letters, digits and hyphens.
  package let slug: String
  package let title: String
  package let question: String
  /// As written, nested; checked against a catalog when planned.
  package let organism: JSON.Object
  package let model: JSON.Object
  package let arms: [String]
  /// In the order of the file, which is the order of performing.
  package let stages: [StudyStage]
  /// Values by path; points are their cartesian product.
  package let sweep: [String: [JSON]]
  /// Settings that vary together; each is crossed with the sweep.
  package let zip: [JSON.Object]
  package let seeds: StudySeeds
  package let tolerances: [Tolerance]
  package let predictions: [Prediction]
  /// `own` or `openblas`.
  package let backend: String
  /// In the order of the file.
  package let figures: [DeclaredFigure]

  let source: StudySource

  /// The study as one JSON document: what records keep, equal for equal studies however they are laid out.
  /// Figures are not in it: like the narrative they show what was recorded, and change without new records.
  package var document: JSON {
    [
      "title": JSON(title), "question": JSON(question), "organism": .object(organism),
      "model": .object(model), "arms": .array(arms.map { JSON($0) }),
      "stages": .array(stages.map(\.document)),
      "sweep": .object(JSON.Object(sweep.map { ($0.key, .array($0.value)) })),
      "zip": .array(zip.map { .object($0) }), "seeds": seeds.document,
      "tolerances": tolerancesDocument, "predictions": predictionsDocument,
      "backend": JSON(backend),
    ]
  }

  /// What a freeze writes down of the predictions.
  package var predictionsDocument: JSON { .array(predictions.map(\.document)) }

  /// What a freeze writes down of the tolerances.
  package var tolerancesDocument: JSON {
    .object(JSON.Object(tolerances.map { ($0.pattern, $0.document) }))
  }
}

/// A stage as the study file names and sets it.
package struct StudyStage: Equatable, Sendable {
  package let name: String
  package let kind: String
  /// As written.
  package let options: JSON.Object
  /// By port.
  package let from: [String: InputSource]

  package init(
    name: String, kind: String, options: JSON.Object = JSON.Object(),
    from: [String: InputSource] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.options = options
    self.from = from
  }

  var document: JSON {
    [
      "name": JSON(name), "stage": JSON(kind), "options": .object(options),
      "from": .object(JSON.Object(from.map { ($0.key, $0.value.document) })),
    ]
  }
}

/// Where an input comes from, when not from the nearest earlier stage of the same run. What is nil is as in
/// the run that takes it.
package struct InputSource: Equatable, Sendable {
  package let arm: String?
  package let seed: UInt64?
  package let stage: String?
  /// Point paths that differ.
  package let point: JSON.Object

  package init(
    arm: String? = nil, seed: UInt64? = nil, stage: String? = nil,
    point: JSON.Object = JSON.Object()
  ) {
    self.arm = arm
    self.seed = seed
    self.stage = stage
    self.point = point
  }

  var document: JSON {
    var object = JSON.Object()
    if let arm { object["arm"] = JSON(arm) }
    if let seed { object["seed"] = JSON(seed) }
    if let stage { object["stage"] = JSON(stage) }
    if !point.isEmpty { object["point"] = .object(point) }
    return .object(object)
  }
}

/// The two lists of seeds; none is in both.
package struct StudySeeds: Equatable, Sendable {
  package let development: [UInt64]
  package let confirmatory: [UInt64]

  package init(development: [UInt64], confirmatory: [UInt64]) {
    self.development = development
    self.confirmatory = confirmatory
  }

  package subscript(phase: SeedPhase) -> [UInt64] {
    switch phase {
    case .development: development
    case .confirmatory: confirmatory
    }
  }

  var document: JSON {
    [
      "development": .array(development.map { JSON($0) }),
      "confirmatory": .array(confirmatory.map { JSON($0) }),
    ]
  }
}
