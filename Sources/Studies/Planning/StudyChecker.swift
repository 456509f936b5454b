import Determinism

extension Study {
  /// Everything in the study that the catalog does not allow, in one go.
  package func problems(in catalog: Catalog) -> [StudyProblem] {
    var checker = StudyChecker(study: self, catalog: catalog)
    checker.check()
    return checker.problems.problems
  }
}

/// Checks a study against a catalog, collecting problems.
struct StudyChecker {
  let study: Study
  let catalog: Catalog
  let resolver: StudyResolver
  var problems: ProblemCollector

  init(study: Study, catalog: Catalog) {
    self.study = study
    self.catalog = catalog
    resolver = StudyResolver(study: study, catalog: catalog)
    problems = ProblemCollector(source: study.source)
  }

  mutating func check() {
    checkSection("organism", study.organism, catalog.organism)
    checkSection("model", study.model, catalog.model)
    for (index, arm) in study.arms.enumerated() { checkArm(arm, at: ["arms", "\(index)"]) }
    for stage in study.stages { checkStage(stage) }
    checkPoints()
    // What looks at points needs points that can be resolved.
    let isSound = problems.problems.isEmpty
    checkPredictions(selections: isSound)
    checkFigures(selections: isSound)
    guard isSound else { return }
    checkResolved()
    guard problems.problems.isEmpty else { return }
    var planner = Planner(resolver: resolver)
    for point in resolver.points() {
      for arm in study.arms { planner.check(point: point, arm: arm, problems: &problems) }
    }
  }

  private func isVaried(_ path: String) -> Bool {
    study.sweep[path] != nil || study.zip.contains { $0[path] != nil }
  }

  private mutating func checkSection(
    _ name: String, _ written: JSON.Object, _ table: [OptionSpecification]
  ) {
    check(written, against: [table], at: [name])
    let missing = resolver.settings(written, table).withDefaults(table).missing
    for key in missing where !isVaried("\(name).\(key)") {
      problems.value(
        [name], "missing key '\(key)' of \(name)", hint: table.first { $0.name == key }?.summary)
    }
  }

  /// Checks nested values against tables of dotted names; a key must be in one of them, and fit each that
  /// has it.
  private mutating func check(
    _ object: JSON.Object, against tables: [[OptionSpecification]], at path: StudyPath,
    prefix: String = "",
    extra: [String] = []
  ) {
    let names = tables.flatMap { $0.map(\.name) }
    for key in study.source.keys(at: path, of: object) {
      let name = prefix + key
      let place = path + [key]
      let found = tables.compactMap { table in table.first { $0.name == name } }
      if !found.isEmpty {
        for specification in found {
          if let message = specification.kind.problem(with: object[key]!) {
            problems.value(place, "'\(name)': \(message)", hint: specification.kind.hint)
          }
        }
      } else if names.contains(where: { $0.utf8.starts(with: "\(name).".utf8) }) {
        if let inner = object[key]!.object {
          check(inner, against: tables, at: place, prefix: name + ".")
        } else {
          problems.value(place, "'\(name)': expected a mapping, found \(object[key]!.described)")
        }
      } else if !extra.contains(key) {
        let here = names.filter { $0.utf8.starts(with: prefix.utf8) }.map { name in
          String(
            decoding: Array(name.utf8.dropFirst(prefix.utf8.count).prefix { $0 != 0x2E }),
            as: UTF8.self)
        }
        let known = Array(Set(here + extra))
        problems.key(
          place, Wording.unknown("key", key, among: known), hint: Wording.known("keys", known))
      }
    }
  }

  mutating func checkArm(_ arm: String, at path: StudyPath) {
    guard !catalog.arms.contains(arm) else { return }
    problems.value(
      path, Wording.unknown("arm", arm, among: catalog.arms),
      hint: Wording.known("arms", catalog.arms))
  }

  // MARK: Stages

  private mutating func checkStage(_ stage: StudyStage) {
    let path = ["stages", stage.name]
    let known = catalog.stages.keys.sorted()
    if catalog.stages[stage.kind] == nil {
      let message = Wording.unknown("stage", stage.kind, among: known)
      if study.source.keyMarks[path + ["stage"]] != nil {
        problems.value(path + ["stage"], message, hint: Wording.known("stages", known))
      } else {
        problems.key(
          path, message,
          hint: "say which stage it is: \(stage.name): {stage: \(known.first ?? "…")}")
      }
      return
    }
    let procedures = resolver.stages(named: stage.name)
    check(
      stage.options, against: procedures.map(\.options), at: path, extra: ["stage", "from"])
    for procedure in procedures {
      let missing = resolver.settings(stage.options, procedure.options)
        .withDefaults(procedure.options).missing
      for key in missing where !isVaried("stages.\(stage.name).\(key)") {
        problems.key(
          path, "missing option '\(key)' of stage '\(stage.name)'",
          hint: procedure.options.first { $0.name == key }?.summary)
      }
    }
    let ports = procedures.flatMap { $0.inputs.map(\.port) }
    for port in stage.from.keys.sorted() {
      let place = path + ["from", port]
      if !ports.contains(port) {
        problems.key(
          place, Wording.unknown("input", port, among: ports), hint: Wording.known("inputs", ports))
      }
      let source = stage.from[port]!
      if let arm = source.arm { checkArm(arm, at: place + ["arm"]) }
      if let name = source.stage, resolver.kinds[name] == nil {
        let names = study.stages.map(\.name)
        problems.value(
          place + ["stage"], Wording.unknown("stage", name, among: names),
          hint: Wording.known("stages", names))
      }
      for member in source.point.members {
        checkSetting(member.key.value, member.value, at: place + ["point", member.key.value])
      }
    }
  }

  // MARK: Points

  private mutating func checkPoints() {
    for path in study.source.keys(
      at: ["sweep"], of: JSON.Object(study.sweep.map { ($0.key, JSON.null) }))
    {
      for (index, value) in (study.sweep[path] ?? []).enumerated() {
        let place = ["sweep", path, "\(index)"]
        checkSetting(path, value, at: place, key: ["sweep", path])
        if study.sweep[path]!.prefix(index).contains(where: { $0.isSameValue(as: value) }) {
          problems.value(place, "repeats an earlier value of the list")
        }
      }
      if study.zip.contains(where: { $0[path] != nil }) {
        problems.key(["sweep", path], "'\(path)' is in 'zip' as well")
      }
    }
    for (index, element) in study.zip.enumerated() {
      for member in element.members {
        let place = ["zip", "\(index)", member.key.value]
        checkSetting(member.key.value, member.value, at: place)
      }
    }
    if study.pointCount == nil {
      problems.value(["sweep"], "the sweep has more than \(Study.maximumPoints) points")
    }
  }

  /// - Parameter key: where the path itself stands; the place of the value unless given.
  mutating func checkSetting(
    _ path: String, _ value: JSON, at place: StudyPath, key: StudyPath? = nil
  ) {
    switch resolver.kinds(ofPath: path) {
    case .failure(let problem): problems.key(key ?? place, problem.message, hint: problem.hint)
    case .success(let kinds):
      for kind in kinds {
        if let message = kind.problem(with: value) {
          problems.value(place, "'\(path)': \(message)", hint: kind.hint)
        }
      }
    }
  }

  /// What stages say of their options as a whole.
  private mutating func checkResolved() {
    var seen: Set<Digest> = []
    for point in resolver.points() {
      let resolved = resolver.resolve(point)
      for stage in resolved.stages {
        for arm in study.arms where stage.procedure.applies(toArm: arm) {
          let document = stage.document(at: resolved, arm: arm)
          let identity = Digest(
            of: [JSON(stage.name), JSON(stage.procedure.kind), .object(document)] as JSON)
          guard seen.insert(identity).inserted else { continue }
          for problem in stage.procedure.problems(in: document) {
            let parts = problem.path.split(separator: ".").map(String.init)
            let isSection = parts.first == "organism" || parts.first == "model"
            problems.value(
              isSection ? parts : ["stages", stage.name] + parts,
              "'\(problem.path)' of stage '\(stage.name)': \(problem.message)", hint: problem.hint)
          }
        }
      }
    }
  }
}
