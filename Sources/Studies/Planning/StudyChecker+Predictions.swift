import Determinism

extension StudyChecker {
  mutating func checkPredictions(selections: Bool) {
    let points = selections ? resolver.points() : []
    for (index, prediction) in study.predictions.enumerated() {
      let path = ["predictions", "\(index)"]
      for (key, arm) in [("arm", prediction.arm), ("versus", prediction.versus)] {
        guard let arm, !study.arms.contains(arm) else { continue }
        problems.value(
          path + [key], "the study has no arm '\(Wording.shown(arm))'",
          hint: Wording.known("arms", study.arms))
      }
      if selections { checkSelection(prediction, points, at: path) }
      checkReferences(prediction, at: path)
    }
  }

  private mutating func checkSelection(
    _ prediction: Prediction, _ points: [JSON.Object], at path: StudyPath
  ) {
    var isSound = true
    for member in prediction.where.members {
      let before = problems.problems.count
      checkSetting(member.key.value, member.value, at: path + ["where", member.key.value])
      isSound = isSound && problems.problems.count == before
    }
    guard isSound else { return }
    let selected = points.filter { point in
      prediction.where.members.allSatisfy { member in
        let path = member.key.value
        return (point[path] ?? setting(path, at: point))?.isSameValue(as: member.value) ?? false
      }
    }
    guard selected.count != 1 else { return }
    let open = (points.first?.keys ?? []).filter { prediction.where[$0] == nil }
    problems.value(
      path + ["where"],
      selected.isEmpty
        ? "selects no point of the study"
        : "selects \(selected.count) points; a prediction speaks of one",
      hint: selected.isEmpty || open.isEmpty ? nil : "say also: \(open.joined(separator: ", "))")
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
    let names = study.stages.map(\.name)
    for reference in prediction.claim.references {
      guard names.contains(reference.stage) else {
        problems.value(
          path + ["claim"], Wording.unknown("stage", reference.stage, among: names),
          hint: Wording.known("stages", names))
        continue
      }
      for arm in [prediction.arm] + (prediction.versus.map { [$0] } ?? []) {
        let procedures = resolver.stages(named: reference.stage)
        if !procedures.isEmpty, !procedures.contains(where: { $0.applies(toArm: arm) }) {
          problems.value(
            path + ["claim"], "arm '\(arm)' does not perform stage '\(reference.stage)'")
        }
      }
    }
  }
}
