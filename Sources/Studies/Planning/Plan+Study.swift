import Determinism

/// Which runs of a study to plan. An empty condition selects everything.
package struct PlanFilter: Equatable, Sendable {
  /// Values of point paths.
  package var point: JSON.Object
  package var arms: Set<String>
  package var seeds: Set<UInt64>

  package static let everything = PlanFilter()

  package init(point: JSON.Object = JSON.Object(), arms: Set<String> = [], seeds: Set<UInt64> = [])
  {
    self.point = point
    self.arms = arms
    self.seeds = seeds
  }
}

extension Plan {
  /// Every run of the phases that the filter selects, ordered by phase, seed, point and arm, so that what
  /// runs of a seed share is performed once and soon.
  ///
  /// - Throws: `StudyProblems` when the catalog does not allow the study, or the filter names what the study
  ///   does not have.
  package init(
    _ study: Study, catalog: Catalog, phases: Set<SeedPhase> = Set(SeedPhase.allCases),
    only filter: PlanFilter = .everything
  ) throws(StudyProblems) {
    let found = study.problems(in: catalog)
    guard found.isEmpty else { throw StudyProblems(file: study.source.file, problems: found) }
    let resolver = StudyResolver(study: study, catalog: catalog)
    let unmet = Self.problems(with: filter, study: study, resolver: resolver)
    guard unmet.isEmpty else { throw StudyProblems(file: study.source.file, problems: unmet) }
    var planner = Planner(resolver: resolver)
    let points = resolver.points().filter { point in
      filter.point.members.allSatisfy {
        point[$0.key.value]?.isSameValue(as: $0.value) ?? false
      }
    }
    let arms = study.arms.filter { filter.arms.isEmpty || filter.arms.contains($0) }
    var runs: [PlannedRun] = []
    for phase in SeedPhase.allCases where phases.contains(phase) {
      for seed in study.seeds[phase] where filter.seeds.isEmpty || filter.seeds.contains(seed) {
        for point in points {
          for arm in arms {
            do {
              let stages = try planner.stages(point: point, arm: arm, seed: seed)
              runs.append(
                PlannedRun(point: point, arm: arm, seed: seed, phase: phase, stages: stages))
            } catch {
              var problems = ProblemCollector(source: study.source)
              problems.add(error)
              throw StudyProblems(file: study.source.file, problems: problems.problems)
            }
          }
        }
      }
    }
    self.init(slug: study.slug, study: study.document, runs: runs, steps: planner.steps)
  }

  private static func problems(
    with filter: PlanFilter, study: Study, resolver: StudyResolver
  ) -> [StudyProblem] {
    var problems = ProblemCollector(source: study.source)
    for arm in filter.arms.sorted() where !study.arms.contains(arm) {
      problems.value(
        ["arms"], Wording.unknown("arm", arm, among: study.arms),
        hint: Wording.known("arms", study.arms))
    }
    let seeds = Set(study.seeds.development + study.seeds.confirmatory)
    for seed in filter.seeds.sorted() where !seeds.contains(seed) {
      problems.value(["seeds"], "the study does not list seed \(seed)")
    }
    let points = resolver.points()
    for member in filter.point.members {
      let path = member.key.value
      let values = points.compactMap { $0[path] }
      if values.isEmpty {
        let paths = points.first?.keys ?? []
        problems.value(
          ["sweep"], Wording.unknown("path", path, among: paths),
          hint: Wording.known("paths", paths))
      } else if !values.contains(where: { $0.isSameValue(as: member.value) }) {
        problems.value(["sweep"], "'\(path)' is never \(member.value.described)")
      }
    }
    return problems.problems
  }
}
