import Determinism
import Statistics
import Studies

// The kinds of record that a registry keeps. All are append-only values; `document` is the canonical JSON
// that the record hash covers and that an archive carries byte for byte.

/// What a stage produced, under its stage key.
package struct StageRecord: Sendable {
  package let step: PlannedStep
  package let scalars: [String: Double]
  package let series: [String: Series]
  package let curves: [String: ROCCurve]
  package let artifacts: [String: ArtifactReference]
  /// Times, throughput, attempts, threads, CPU, toolchain, kernel family, machine id: shown, never compared.
  package let circumstances: JSON.Object

  package init(
    step: PlannedStep, scalars: [String: Double], series: [String: Series],
    curves: [String: ROCCurve], artifacts: [String: ArtifactReference], circumstances: JSON.Object
  ) {
    self.step = step
    self.scalars = scalars
    self.series = series
    self.curves = curves
    self.artifacts = artifacts
    self.circumstances = circumstances
  }

  package init(step: PlannedStep, values: StageValues, circumstances: JSON.Object) {
    self.init(
      step: step, scalars: values.scalars, series: values.series, curves: values.curves,
      artifacts: values.artifacts.mapValues(\.reference), circumstances: circumstances)
  }

  package var key: Digest { step.key }

  /// Equal to `StageValues.document` of the values it was made from.
  package var values: JSON { recordedValues.document }

  package var recordedValues: RecordedValues {
    RecordedValues(scalars: scalars, series: series, curves: curves, artifacts: artifacts)
  }

  package var valuesDigest: Digest { Digest(of: values) }

  package var document: JSON {
    [
      "record": "stage", "step": step.document, "values": values,
      "circumstances": .object(circumstances),
    ]
  }
}

/// A study file as it was when runs were made from it.
package struct StudyRecord: Sendable {
  package let slug: String
  /// The whole study file as canonical JSON.
  package let study: JSON
  package init(slug: String, study: JSON) {
    self.slug = slug
    self.study = study
  }
  /// What runs and assessments name it by.
  package var digest: Digest { Digest(of: study) }
  package var document: JSON { ["record": "study", "slug": JSON(slug), "study": study] }
}

/// One point, arm and seed, with references to its stage results.
package struct RunRecord: Sendable {
  package let slug: String
  package let studyDigest: Digest
  package let run: PlannedRun
  /// The registry that it was first recorded in.
  package let origin: Digest
  /// 0 for the first time the plan was performed, 1 for the next `--again`.
  package let ordinal: Int
  package let circumstances: JSON.Object

  package init(
    slug: String, studyDigest: Digest, run: PlannedRun, origin: Digest, ordinal: Int,
    circumstances: JSON.Object
  ) {
    self.slug = slug
    self.studyDigest = studyDigest
    self.run = run
    self.origin = origin
    self.ordinal = ordinal
    self.circumstances = circumstances
  }

  /// The run's identity: digest(plan, origin, ordinal).
  package var id: Digest {
    Digest(
      of: ["plan": JSON(run.digest(slug: slug)), "origin": JSON(origin), "ordinal": JSON(ordinal)]
        as JSON)
  }

  package var document: JSON {
    [
      "record": "run", "slug": JSON(slug), "study": JSON(studyDigest), "origin": JSON(origin),
      "ordinal": JSON(ordinal), "point": .object(run.point), "arm": JSON(run.arm),
      "seed": JSON(run.seed), "phase": JSON(run.phase.rawValue),
      "stages": .array(run.stages.map { [JSON($0.name), JSON($0.key)] }),
      "circumstances": .object(circumstances),
    ]
  }
}

/// Predictions, tolerances, code version and ledger head, written down before the confirmatory seeds open.
package struct FreezeRecord: Sendable {
  package let slug: String
  package let studyDigest: Digest
  package let predictions: JSON
  package let tolerances: JSON
  package let codeVersion: String
  package let ledgerHead: Digest
  /// How many runs of the study existed already.
  package let runsBefore: Int
  package let circumstances: JSON.Object

  package init(
    slug: String, studyDigest: Digest, predictions: JSON, tolerances: JSON, codeVersion: String,
    ledgerHead: Digest, runsBefore: Int, circumstances: JSON.Object
  ) {
    self.slug = slug
    self.studyDigest = studyDigest
    self.predictions = predictions
    self.tolerances = tolerances
    self.codeVersion = codeVersion
    self.ledgerHead = ledgerHead
    self.runsBefore = runsBefore
    self.circumstances = circumstances
  }

  package var document: JSON {
    [
      "record": "freeze", "slug": JSON(slug), "study": JSON(studyDigest),
      "predictions": predictions, "tolerances": tolerances, "code_version": JSON(codeVersion),
      "ledger_head": JSON(ledgerHead), "runs_before": JSON(runsBefore),
      "circumstances": .object(circumstances),
    ]
  }
}

extension FreezeRecord {
  /// Whether it wrote down just these predictions and tolerances, so that the study's confirmatory seeds are
  /// open. Seeds and prose may have changed since.
  ///
  /// - Parameter study: the study file as canonical JSON.
  package func covers(slug: String, study: JSON) -> Bool {
    self.slug == slug && predictions == study["predictions"] && tolerances == study["tolerances"]
  }
}

/// How a claim came out.
package enum ClaimResult: String, Sendable, CaseIterable {
  case supported
  case refuted
  case inconclusive
  case notTested = "not tested"
}

/// One prediction judged over its runs.
package struct AssessmentRecord: Sendable {
  package let slug: String
  package let studyDigest: Digest
  /// The prediction's id and its whole frozen text as JSON.
  package let predictionID: String
  package let prediction: JSON
  package let runs: [Digest]
  /// e.g. `"mean-over-seeds@1"`.
  package let statistic: String
  /// One per condition of the claim (`joined by and`); empty when not tested.
  package let estimates: [Estimate]
  package let seeds: [UInt64]
  /// The per-seed values behind the first estimate, in the order of `seeds`.
  package let perSeed: [Double]
  package let result: ClaimResult
  /// Why, when not tested or where it needs saying.
  package let note: String

  package init(
    slug: String, studyDigest: Digest, predictionID: String, prediction: JSON, runs: [Digest],
    statistic: String, estimates: [Estimate], seeds: [UInt64], perSeed: [Double],
    result: ClaimResult, note: String
  ) {
    self.slug = slug
    self.studyDigest = studyDigest
    self.predictionID = predictionID
    self.prediction = prediction
    self.runs = runs
    self.statistic = statistic
    self.estimates = estimates
    self.seeds = seeds
    self.perSeed = perSeed
    self.result = result
    self.note = note
  }

  package var document: JSON {
    [
      "record": "assessment", "slug": JSON(slug), "study": JSON(studyDigest),
      "prediction_id": JSON(predictionID), "prediction": prediction,
      "runs": .array(runs.map { JSON($0) }), "statistic": JSON(statistic),
      "estimates": .array(
        estimates.map {
          [
            "value": JSON($0.value), "lower": JSON($0.lower), "upper": JSON($0.upper),
            "n": JSON($0.n), "method": JSON($0.method), "level": JSON($0.level),
          ]
        }),
      "seeds": .array(seeds.map { JSON($0) }), "per_seed": .array(perSeed.map { JSON($0) }),
      "result": JSON(result.rawValue), "note": JSON(note),
    ]
  }
}

/// How a rerun came out.
package enum Verdict: String, Sendable, CaseIterable {
  case exact = "EXACT"
  case withinTolerance = "WITHIN-TOLERANCE"
  case sameConclusions = "SAME-CONCLUSIONS"
  case diverged = "DIVERGED"
  case incomplete = "INCOMPLETE"
}

/// The first value that came out otherwise.
package struct Divergence: Equatable, Sendable {
  /// The stage's name in the run.
  package let stage: String
  /// e.g. `"series/loss"`, `"scalars/r1"`, `"artifacts/weights"`.
  package let key: String
  package let step: Int?
  /// 16 hexadecimal digits of the double's pattern, or a digest.
  package let recorded: String
  package let recomputed: String
  /// Units in the last place between the two doubles, where both are numbers.
  package let ulps: UInt64?

  package init(
    stage: String, key: String, step: Int?, recorded: String, recomputed: String, ulps: UInt64?
  ) {
    self.stage = stage
    self.key = key
    self.step = step
    self.recorded = recorded
    self.recomputed = recomputed
    self.ulps = ulps
  }
}

/// A run performed again from its record, and what came of it.
package struct RerunRecord: Sendable {
  package let slug: String
  package let run: Digest
  package let verdict: Verdict
  package let firstDivergence: Divergence?
  /// How many values (scalars, series points, curve counts, artifacts) were compared.
  package let compared: Int
  /// In words, e.g. `"weights of pretrain: not held, compared by digest"`.
  package let notChecked: [String]
  /// Why, when incomplete.
  package let note: String
  /// Of the rerun; with `same_machine`, `same_cpu`, `same_binary`, … against the record.
  package let circumstances: JSON.Object

  package init(
    slug: String, run: Digest, verdict: Verdict, firstDivergence: Divergence?, compared: Int,
    notChecked: [String], note: String, circumstances: JSON.Object
  ) {
    self.slug = slug
    self.run = run
    self.verdict = verdict
    self.firstDivergence = firstDivergence
    self.compared = compared
    self.notChecked = notChecked
    self.note = note
    self.circumstances = circumstances
  }

  package var document: JSON {
    [
      "record": "rerun", "slug": JSON(slug), "run": JSON(run), "verdict": JSON(verdict.rawValue),
      "first_divergence": firstDivergence?.document ?? .null, "compared": JSON(compared),
      "not_checked": .array(notChecked.map { JSON($0) }), "note": JSON(note),
      "circumstances": .object(circumstances),
    ]
  }
}
