import Determinism

/// A study made concrete: every run with the stages it is made of.
package struct Plan: Equatable, Sendable {
  /// The study's slug, e.g. `year-backdoor`.
  package let slug: String
  /// The study file as canonical JSON; prose keys (`title`, `question`, predictions' statements) included.
  package let study: JSON
  package let runs: [PlannedRun]
  /// By key; equal keys are one step. Sorted so that inputs come before what takes them.
  package let steps: [PlannedStep]

  package init(slug: String, study: JSON, runs: [PlannedRun], steps: [PlannedStep]) {
    self.slug = slug
    self.study = study
    self.runs = runs
    self.steps = steps
  }
}

/// One point, arm and seed.
package struct PlannedRun: Equatable, Sendable {
  /// What the sweep and zip set here, by path: `{"organism.onset": "delayed"}`.
  package let point: JSON.Object
  package let arm: String
  package let seed: UInt64
  /// Which list of the study's `seeds:` the seed is from.
  package let phase: SeedPhase
  /// In the order of the study file.
  package let stages: [StageReference]

  package init(
    point: JSON.Object, arm: String, seed: UInt64, phase: SeedPhase, stages: [StageReference]
  ) {
    self.point = point
    self.arm = arm
    self.seed = seed
    self.phase = phase
    self.stages = stages
  }

  /// Digest of what makes the run what it is: slug, point, arm, seed and its stage keys.
  package func digest(slug: String) -> Digest {
    Digest(
      of: [
        "slug": JSON(slug), "point": .object(point), "arm": JSON(arm), "seed": JSON(seed),
        "stages": .array(stages.map { [JSON($0.name), JSON($0.key)] }),
      ] as JSON)
  }
}

package enum SeedPhase: String, Sendable, CaseIterable {
  case development
  case confirmatory
}

/// A stage of a run under the name the study file gives it.
package struct StageReference: Hashable, Sendable {
  package let name: String
  package let key: Digest
  package init(name: String, key: Digest) {
    self.name = name
    self.key = key
  }
}

/// One stage result to be had, and all that its values depend on.
package struct PlannedStep: Equatable, Sendable {
  package let kind: String
  /// The procedure version.
  package let version: Int
  /// As `StageContext.options`.
  package let options: JSON.Object
  package let seed: UInt64
  package let backend: String
  /// Stage keys by port.
  package let inputs: [String: Digest]

  package init(
    kind: String, version: Int, options: JSON.Object, seed: UInt64, backend: String,
    inputs: [String: Digest]
  ) {
    self.kind = kind
    self.version = version
    self.options = options
    self.seed = seed
    self.backend = backend
    self.inputs = inputs
  }

  package var document: JSON {
    [
      "kind": JSON(kind), "version": JSON(version), "options": .object(options), "seed": JSON(seed),
      "backend": JSON(backend),
      "inputs": .object(JSON.Object(inputs.map { ($0.key, JSON($0.value)) })),
    ]
  }

  /// The stage key.
  package var key: Digest { Digest(of: document) }
}
