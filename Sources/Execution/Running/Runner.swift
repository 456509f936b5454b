import Determinism
import Records
import Studies

/// Performs plans: every stage once, recorded when it is done, and every run completed when its stages are.
///
/// Several processes may perform the same plan at once. A stage is claimed before it is performed, the kernel
/// drops the claim of a process that dies, and whoever gets a claim looks first whether the result is there.
/// A run is owned by all that work on it and completed by whichever finds its last stage recorded.
package struct Runner: Sendable {
  package let registry: any RegistryInterface
  package let catalog: Catalog
  package let reporter: any Reporter
  package let options: RunnerOptions

  package init(
    registry: any RegistryInterface, catalog: Catalog, reporter: any Reporter = SilentReporter(),
    options: RunnerOptions
  ) {
    self.registry = registry
    self.catalog = catalog
    self.reporter = reporter
    self.options = options
  }

  /// Performs what is missing of a plan.
  ///
  /// - Throws: `ExecutionError` before anything is performed; afterwards only what the registry throws. A
  ///   stage that throws fails its runs and no others.
  package func perform(_ plan: Plan) throws -> RunnerSummary {
    let lacks = catalog.lacks(plan.steps)
    guard lacks.isEmpty else { throw ExecutionError.lacksProcedures(lacks) }
    try checkFreeze(plan)
    let study = StudyRecord(slug: plan.slug, study: plan.study)
    try registry.record(study)
    var performance = try Performance(runner: self, plan: plan)
    try performance.prepareRuns(studyDigest: study.digest)
    let workers = try performance.startWorkers()
    do {
      try performance.performSteps()
      performance.wait(for: workers)
      try performance.closeRuns()
    } catch {
      performance.wait(for: workers)
      // The first error is the one to tell; a registry that fails altogether drops its locks anyway.
      try? performance.closeRuns()
      throw error
    }
    guard options.role == .coordinator else { return performance.summary }
    if !performance.summary.completed.isEmpty { try assess(study) }
    return performance.summary
  }

  /// Confirmatory seeds are closed until the study's predictions and tolerances, as they are now, are frozen.
  private func checkFreeze(_ plan: Plan) throws {
    guard plan.runs.contains(where: { $0.phase == .confirmatory }) else { return }
    let freezes = try registry.snapshot().freezes.filter { $0.slug == plan.slug }
    let isFrozen = freezes.contains { $0.covers(slug: plan.slug, study: plan.study) }
    guard isFrozen else {
      throw ExecutionError.notFrozen(slug: plan.slug, frozenBefore: !freezes.isEmpty)
    }
  }

  /// Records the assessments that the runs now allow and that are not there yet.
  private func assess(_ study: StudyRecord) throws {
    let judged = try options.assess(study, registry)
    guard !judged.isEmpty else { return }
    var known = Set(try registry.snapshot().assessments.map { Digest(of: $0.document) })
    for assessment in judged where known.insert(Digest(of: assessment.document)).inserted {
      try registry.record(assessment)
      reporter.report(.assessed(prediction: assessment.predictionID, result: assessment.result))
    }
  }
}
