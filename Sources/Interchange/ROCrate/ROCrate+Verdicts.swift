import Determinism
import Records
import Statistics
import Studies

extension ROCrate {
  /// Every rerun of a run: the action that performed it again, and the one that judged the outcome.
  mutating func verdicts(on run: ExportedRun) {
    for rerun in run.reruns {
      let name = Digest(of: rerun.document).hex
      let again = "#rerun-\(name)"
      let verdict = "#verdict-\(name)"
      let value = "#verdict-value-\(name)"
      let finished = Moment(rerun.circumstances["finished"])
      let isOwners = rerun.circumstances["engine"]?.string == "external"
      let judge = dormouse(rerun.circumstances)
      let performer = isOwners ? ownersSoftware(of: run) : judge
      graph.add(
        value, "PropertyValue",
        properties: [
          ("name", "verdict"), ("value", JSON(rerun.verdict.rawValue)),
          ("description", JSON(sentence(rerun))),
        ])
      graph.add(
        again, "CreateAction",
        properties: [
          ("name", JSON("Rerun of \(run.title)")),
          (
            "description",
            JSON(
              isOwners
                ? "The run executed again by its owner; its values were compared, and only the comparison is kept."
                : "Every stage performed again from the record alone; values were compared, and only the comparison is kept."
            )
          ),
          ("instrument", CrateGraph.reference(performer)),
          ("object", CrateGraph.reference("runs/\(run.folder)/config.json")),
          ("result", CrateGraph.reference(value)),
          (
            "startTime",
            Moment(rerun.circumstances["started"] ?? rerun.circumstances["at"]).map {
              JSON($0.text)
            }
          ),
          ("endTime", finished.map { JSON($0.text) }),
          (
            "actionStatus",
            rerun.verdict == .incomplete ? nil : "http://schema.org/CompletedActionStatus"
          ),
        ])
      graph.add(
        verdict, "AssessAction",
        properties: [
          ("name", JSON("Verdict on \(run.title): \(rerun.verdict.rawValue)")),
          ("instrument", CrateGraph.reference(judge)),
          ("object", CrateGraph.references([Self.action(of: run.id), again])),
          ("result", CrateGraph.reference(value)),
          ("endTime", finished.map { JSON($0.text) }),
          ("actionStatus", "http://schema.org/CompletedActionStatus"),
        ])
      actions += [again, verdict]
    }
  }

  private func sentence(_ rerun: RerunRecord) -> String {
    var sentences = ["\(rerun.compared) values compared."]
    if let first = rerun.firstDivergence {
      let step = first.step.map { " at step \($0)" } ?? ""
      let ulps = first.ulps.map { ", \($0) ulps apart" } ?? ""
      sentences.append(
        "First divergence: \(first.stage) \(first.key)\(step), recorded \(first.recorded), recomputed \(first.recomputed)\(ulps)."
      )
    }
    sentences.append(
      "Not checked: \(rerun.notChecked.isEmpty ? "nothing" : rerun.notChecked.joined(separator: "; "))."
    )
    let same = rerun.circumstances.members.filter {
      $0.key.value.utf8.starts(with: "same_".utf8) && $0.value.bool != nil
    }.map { member in
      let what = String(decoding: Array(member.key.value.utf8.dropFirst(5)), as: UTF8.self)
      return "\(member.value.bool == true ? "same" : "other") \(what)"
    }
    if !same.isEmpty { sentences.append("Circumstances: \(same.joined(separator: ", ")).") }
    if !rerun.note.isEmpty { sentences.append(rerun.note) }
    return sentences.joined(separator: " ")
  }

  /// What was predicted, and every judgement as an action over the runs that it looked at.
  mutating func predictions(_ export: inout ExportedFolder) throws {
    let table = PredictionTable(snapshot: snapshot, slugs: [slug]).table
    guard !table.isEmpty() else { return }
    let path = "predictions.csv"
    try export.add(path) { try table.write(to: &$0) }
    describe(
      path, name: "Predictions and how they came out", type: "text/csv",
      size: export.size(of: path) ?? 0)
    parts.append(path)
    for (prediction, assessment) in snapshot.board(slug) {
      guard let assessment, assessment.result != .notTested else { continue }
      let name = Digest(of: assessment.document).hex
      var values: [String] = []
      for (index, estimate) in assessment.estimates.enumerated() {
        let id = "#estimate-\(name)-\(index + 1)"
        graph.add(id, "PropertyValue", properties: properties(estimate, assessment))
        values.append(id)
      }
      graph.add(
        "#result-\(name)", "PropertyValue",
        properties: [("name", "result"), ("value", JSON(assessment.result.rawValue))])
      graph.add(
        "#assessment-\(name)", "AssessAction",
        properties: [
          (
            "name",
            JSON("Prediction \(assessment.predictionID): \(assessment.result.rawValue)")
          ),
          ("description", prediction["statement"]),
          (
            "object",
            CrateGraph.references(
              [path]
                + assessment.runs.map(Self.action).filter { graph.contains($0) })
          ),
          ("result", CrateGraph.references(["#result-\(name)"] + values)),
          ("actionStatus", "http://schema.org/CompletedActionStatus"),
        ])
      actions.append("#assessment-\(name)")
    }
  }

  private func properties(_ estimate: Estimate, _ assessment: AssessmentRecord) -> [(
    String, JSON?
  )] {
    // JSON-LD has no infinities: an end that is open is left out.
    func number(_ value: Double) -> JSON? { value.isFinite ? JSON(value + 0.0) : nil }
    return [
      ("name", assessment.prediction["claim"]), ("value", number(estimate.value)),
      ("minValue", number(estimate.lower)), ("maxValue", number(estimate.upper)),
      ("measurementTechnique", JSON("\(assessment.statistic); \(estimate.method)")),
      (
        "description",
        JSON("n = \(estimate.n); the interval's level is \(estimate.level.description).")
      ),
    ]
  }
}
