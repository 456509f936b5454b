import Determinism

/// A study seen with a catalog: what its paths mean and what a point sets.
struct StudyResolver {
  let study: Study
  let catalog: Catalog
  /// The kinds that each stage may have over the points.
  let kinds: [String: [String]]

  init(study: Study, catalog: Catalog) {
    self.study = study
    self.catalog = catalog
    var kinds: [String: [String]] = [:]
    for stage in study.stages {
      let path = "stages.\(stage.name).stage"
      let varied = (study.sweep[path] ?? []) + study.zip.compactMap { $0[path] }
      kinds[stage.name] = varied.isEmpty ? [stage.kind] : varied.compactMap(\.string)
    }
    self.kinds = kinds
  }

  /// Sections of a study that are checked by a table.
  func specifications(ofSection section: String) -> [OptionSpecification]? {
    switch section {
    case "organism": catalog.organism
    case "model": catalog.model
    default: nil
    }
  }

  func stages(named name: String) -> [any Stage] {
    (kinds[name] ?? []).compactMap { catalog.stages[$0] }
  }

  /// What a path of a point (`organism.onset`, `stages.safety.steps`, `stages.safety.stage`) may be set to;
  /// a message when there is no such path.
  func kinds(ofPath path: String) -> Result<[OptionSpecification.Kind], PathProblem> {
    let parts = path.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(
      String.init)
    if parts.count >= 2, let table = specifications(ofSection: parts[0]) {
      let name = parts.dropFirst().joined(separator: ".")
      if let found = table.first(where: { $0.name == name }) { return .success([found.kind]) }
      return .failure(
        PathProblem(
          Wording.unknown("path", path, among: table.map { "\(parts[0]).\($0.name)" })))
    }
    if parts.count == 3, parts[0] == "stages" {
      guard kinds[parts[1]] != nil else {
        return .failure(
          PathProblem(Wording.unknown("stage", parts[1], among: study.stages.map(\.name))))
      }
      if parts[2] == "stage" { return .success([.text(choices: catalog.stages.keys.sorted())]) }
      let known = stages(named: parts[1]).flatMap(\.options)
      let found = known.filter { $0.name == parts[2] }
      if !found.isEmpty { return .success(found.map(\.kind)) }
      return .failure(PathProblem(Wording.unknown("option", parts[2], among: known.map(\.name))))
    }
    return .failure(
      PathProblem(
        "'\(Wording.shown(path))' is not a path",
        hint: "organism.KEY, model.KEY, stages.NAME.OPTION or stages.NAME.stage"))
  }

  struct PathProblem: Error {
    let message: String
    let hint: String?
    init(_ message: String, hint: String? = nil) {
      self.message = message
      self.hint = hint
    }
  }

  /// A value of a path in the form that keys and points have.
  func normalised(_ value: JSON, ofPath path: String) -> JSON {
    guard case .success(let kinds) = kinds(ofPath: path), let kind = kinds.first else {
      return value
    }
    return kind.normalised(value)
  }

  /// The study's points with values in the form that keys have.
  func points() -> [JSON.Object] { study.points.map { normalised($0) } }

  func normalised(_ point: JSON.Object) -> JSON.Object {
    JSON.Object(
      point.members.map { ($0.key.value, normalised($0.value, ofPath: $0.key.value)) })
  }

  /// Settings of a nested section by the dotted names of a table; what the table does not have is dropped,
  /// `StudyChecker` complains of it.
  func settings(_ section: JSON.Object, _ table: [OptionSpecification]) -> Settings {
    var settings = Settings()
    for specification in table {
      let path = specification.name.split(separator: ".").map(String.init)
      if let value = section.value(at: path) {
        settings[specification.name] = specification.kind.normalised(value)
      }
    }
    return settings
  }

  /// The study as it is at one point.
  func resolve(_ point: JSON.Object) -> ResolvedPoint {
    func section(_ name: String, _ written: JSON.Object) -> Settings {
      let table = specifications(ofSection: name)!
      var settings = settings(written, table)
      for specification in table {
        if let value = point["\(name).\(specification.name)"] {
          settings[specification.name] = value
        }
      }
      return settings.withDefaults(table).settings
    }
    let stages = study.stages.compactMap { stage -> ResolvedStage? in
      let kind = point["stages.\(stage.name).stage"]?.string ?? stage.kind
      guard let procedure = catalog.stages[kind] else { return nil }
      var options = settings(stage.options, procedure.options)
      for specification in procedure.options {
        if let value = point["stages.\(stage.name).\(specification.name)"] {
          options[specification.name] = value
        }
      }
      return ResolvedStage(
        name: stage.name, procedure: procedure,
        options: options.withDefaults(procedure.options).settings, from: stage.from)
    }
    return ResolvedPoint(
      organism: section("organism", study.organism), model: section("model", study.model),
      stages: stages)
  }
}

/// The study at one point, defaults filled in.
struct ResolvedPoint {
  let organism: Settings
  let model: Settings
  let stages: [ResolvedStage]
}

struct ResolvedStage {
  let name: String
  let procedure: any Stage
  let options: Settings
  let from: [String: InputSource]

  /// What `StageContext.options` says, and the stage key digests.
  func document(at point: ResolvedPoint, arm: String) -> JSON.Object {
    var document = options.nested
    for (section, settings) in [("organism", point.organism), ("model", point.model)] {
      let subset = settings.subset(readBy: procedure.reads, section: section)
      if !subset.values.isEmpty { document[section] = .object(subset.nested) }
    }
    if procedure.readsArm { document["arm"] = JSON(arm) }
    return document
  }
}
