import Determinism

extension StudyChecker {
  mutating func checkPredictions(selections: Bool) {
    let points = selections ? resolver.points() : []
    for (index, prediction) in study.predictions.enumerated() {
      let path = ["predictions", "\(index)"]
      let compared = prediction.versus.enumerated().map { index, versus in
        (prediction.place(ofComparand: index) + (versus.point.isEmpty ? [] : ["arm"]), versus.arm)
      }
      for (key, arm) in [(["arm"], prediction.arm)] + compared {
        guard let arm, !study.arms.contains(arm) else { continue }
        problems.value(
          path + key, "the study has no arm '\(Wording.shown(arm))'",
          hint: Wording.known("arms", study.arms))
      }
      if selections { checkSelection(prediction, points, at: path) }
      checkReferences(prediction, at: path)
    }
    let primary = study.predictions.indices.filter { study.predictions[$0].primary }
    if primary.count > Study.maximumPrimary {
      problems.value(
        ["predictions", "\(primary[Study.maximumPrimary])", "primary"],
        "\(primary.count) primary predictions; a study has at most \(Study.maximumPrimary)",
        hint: "the others are secondary: leave 'primary' out")
    }
  }

  private mutating func checkSelection(
    _ prediction: Prediction, _ points: [JSON.Object], at path: StudyPath
  ) {
    let before = problems.problems.count
    for member in prediction.where.members {
      checkSetting(member.key.value, member.value, at: path + ["where", member.key.value])
    }
    for (index, versus) in prediction.versus.enumerated() {
      for member in versus.point.members {
        checkSetting(
          member.key.value, member.value,
          at: path + prediction.place(ofComparand: index) + [member.key.value])
      }
    }
    checkOver(prediction, points, at: path)
    guard problems.problems.count == before else { return }
    let selected = select(prediction.where, from: points)
    let open = (points.first?.keys ?? []).filter {
      prediction.where[$0] == nil && !prediction.over.contains($0)
    }
    func say(_ message: String, isOpen: Bool = true) {
      problems.value(
        path + ["where"], message,
        hint: !isOpen || open.isEmpty ? nil : "say also: \(open.joined(separator: ", "))")
    }
    if selected.isEmpty { return say("selects no point of the study", isOpen: false) }
    if prediction.over.isEmpty {
      if selected.count > 1 {
        say("selects \(selected.count) points; a prediction speaks of one")
      } else {
        checkComparands(prediction, selected, among: points, at: path)
      }
      return
    }
    let layout = PredictionLayout(prediction, points: selected)
    if layout.levels.count < 2 {
      problems.value(path + ["over"], "has one level where the prediction looks; two are needed")
    }
    let statistics = prediction.claim.conditions.compactMap(\.levelStatistic)
    if statistics.allSatisfy({ $0 == .eta2 }) {
      checkFactorial(prediction, layout, at: path)
    } else if let most = layout.cellsPerLevel.max(), most > 1 {
      say("selects \(most) points at one level; a prediction speaks of one at each")
    }
    if statistics.contains(.across), layout.levels.count == 2 {
      problems.value(
        path + ["over"], "two draws say nothing of the draws that were not made; three are needed")
    }
    if statistics.contains(.logSlope), layout.levels.contains(where: { !($0[0].double ?? 0 > 0) }) {
      problems.value(
        path + ["over"],
        "log-slope(…) takes the logarithm of a level: '\(prediction.over[0])' is not a positive number everywhere",
        hint: "trend(…) takes the level's rank")
    }
    checkComparands(prediction, selected, among: points, at: path)
  }

  /// The points at which every path is set so, there or for all points.
  func select(_ selection: JSON.Object, from points: [JSON.Object]) -> [JSON.Object] {
    points.filter { point in
      selection.members.allSatisfy { member in
        let path = member.key.value
        return (point[path] ?? setting(path, at: point))?.isSameValue(as: member.value) ?? false
      }
    }
  }

  private mutating func checkOver(
    _ prediction: Prediction, _ points: [JSON.Object], at path: StudyPath
  ) {
    let varied = points.first?.keys ?? []
    for (index, name) in prediction.over.enumerated() {
      let place = prediction.over.count == 1 ? path + ["over"] : path + ["over", "\(index)"]
      if !varied.contains(name) {
        problems.value(
          place, "'\(Wording.shown(name))' does not vary in this study",
          hint: Wording.known("what varies", varied))
      } else if prediction.over.count > 1, study.sweep[name] != nil {
        problems.value(
          place, "'\(Wording.shown(name))' is crossed with the other paths, not tied to them",
          hint: "paths that vary together stand in 'zip'")
      }
      for (index, versus) in prediction.versus.enumerated() where versus.point[name] != nil {
        problems.value(
          path + prediction.place(ofComparand: index) + [name],
          "'\(Wording.shown(name))' is what 'over' varies")
      }
    }
  }

  /// Every level has the same points beside it, and more than one of them.
  private mutating func checkFactorial(
    _ prediction: Prediction, _ layout: PredictionLayout, at path: StudyPath
  ) {
    // What is zipped with the levels is part of them.
    let isZipped = prediction.over.contains { name in study.zip.contains { $0[name] != nil } }
    let own = Set(prediction.over + (isZipped ? study.zip.flatMap { $0.keys } : []))
    let rests = Dictionary(grouping: layout.cells, by: \.level).values.map { cells in
      cells.map { cell in
        JSON.Object(
          cell.point.members.filter { !own.contains($0.key.value) }
            .map { ($0.key.value, $0.value) }
        ).pointKey
      }.sorted()
    }
    if Set(rests).count > 1 || rests.contains(where: { Set($0).count != $0.count }) {
      problems.value(
        path + ["where"], "does not select a factorial: not every level has the same other settings"
      )
    } else if let first = rests.first, first.count < 2 {
      problems.value(
        path + ["claim"], "nothing varies beside the levels, so that eta2(…) would be 1",
        hint: "take less into 'where'")
    }
  }

  /// Every run that the prediction compares with is planned.
  private mutating func checkComparands(
    _ prediction: Prediction, _ selected: [JSON.Object], among points: [JSON.Object],
    at path: StudyPath
  ) {
    for index in prediction.versus.indices {
      checkComparand(
        index, of: prediction, selected, among: points,
        at: path + prediction.place(ofComparand: index))
    }
  }

  private mutating func checkComparand(
    _ index: Int, of prediction: Prediction, _ selected: [JSON.Object],
    among points: [JSON.Object], at path: StudyPath
  ) {
    let versus = prediction.versus[index]
    guard !versus.point.isEmpty else { return }
    let varied = points.first?.keys ?? []
    for key in versus.point.keys where !varied.contains(key) {
      problems.value(
        path + [key], "'\(Wording.shown(key))' does not vary in this study",
        hint: Wording.known("what varies", varied))
      return
    }
    let keys = Set(points.map(\.pointKey))
    for point in selected {
      let other = prediction.comparands(ofPoint: point)[index]
      if other.arm == prediction.arm, other.point.pointKey == point.pointKey {
        problems.value(path, "is the run itself")
        return
      }
      guard !keys.contains(other.point.pointKey) else { continue }
      let tied = varied.filter { key in
        versus.point[key] == nil && study.zip.contains { $0[key] != nil }
      }
      problems.value(
        path, "selects no point of the study",
        hint: tied.isEmpty ? nil : "say also: \(tied.joined(separator: ", "))")
      return
    }
  }

  /// What a path that does not vary is set to.
  private func setting(_ path: String, at point: JSON.Object) -> JSON? {
    let resolved = resolver.resolve(point)
    let parts = path.split(separator: ".", maxSplits: 2).map(String.init)
    let rest = parts.dropFirst().joined(separator: ".")
    switch parts[0] {
    case "organism": return resolved.organism[rest]
    case "model": return resolved.model[rest]
    default:
      guard parts.count == 3, let stage = resolved.stages.first(where: { $0.name == parts[1] })
      else { return nil }
      return parts[2] == "stage" ? JSON(stage.procedure.kind) : stage.options[parts[2]]
    }
  }

  private mutating func checkReferences(_ prediction: Prediction, at path: StudyPath) {
    for reference in prediction.claim.references {
      guard let procedures = stages(of: reference, at: path + ["claim"]) else { continue }
      for arm in [prediction.arm] + prediction.versus.compactMap(\.arm) {
        if !procedures.isEmpty, !procedures.contains(where: { $0.applies(toArm: arm) }) {
          problems.value(
            path + ["claim"], "arm '\(arm)' does not perform stage '\(reference.stage)'")
        }
      }
    }
  }

  /// What the stage of a value may be at the points; nil, and a problem, where the study has no such stage.
  mutating func stages(of reference: ClaimReference, at path: StudyPath) -> [any Stage]? {
    let names = study.stages.map(\.name)
    guard names.contains(reference.stage) else {
      problems.value(
        path, Wording.unknown("stage", reference.stage, among: names),
        hint: Wording.known("stages", names))
      return nil
    }
    return resolver.stages(named: reference.stage)
  }
}

extension Prediction {
  /// Where a comparand stands in the prediction's mapping; a single one need not be a list.
  fileprivate func place(ofComparand index: Int) -> StudyPath {
    versus.count == 1 ? ["versus"] : ["versus", "\(index)"]
  }
}
