import Determinism
import Statistics
import Studies

extension Assessor {
  /// How sure a supported claim is, and what is left of it when all the study's claims are looked at.
  package struct Significance: Equatable, Sendable {
    package let predictionID: String
    package let primary: Bool
    /// 1 − the highest level whose interval lies wholly within the claim; NaN when not tested or when the
    /// interval has no width. The largest over the claim's conditions, all of which have to hold.
    package let p: Double
    /// Primary predictions: Holm over the primary family, the chance of any false support. The others:
    /// Benjamini and Hochberg's q over them, the share of false ones among the supported.
    package let adjusted: Double
    /// `"Holm, 4 primary predictions"`: as a page states it.
    package let method: String
  }

  /// One for each assessment, in their order: the latest assessments of one study.
  package func significance(of assessments: [AssessmentRecord]) throws -> [Significance] {
    let predictions = try assessments.map { try Prediction(document: $0.prediction) }
    let p = zip(assessments, predictions).map { significance(of: $0, $1) }
    let primary = predictions.indices.filter { predictions[$0].primary }
    let others = predictions.indices.filter { !predictions[$0].primary }
    var adjusted = p
    for (index, value) in zip(primary, Multiplicity.holm(primary.map { p[$0] })) {
      adjusted[index] = value
    }
    for (index, value) in zip(others, Multiplicity.benjaminiHochberg(others.map { p[$0] })) {
      adjusted[index] = value
    }
    func tested(_ indices: [Int]) -> Int { indices.count { !p[$0].isNaN } }
    return predictions.indices.map { index in
      let isPrimary = predictions[index].primary
      return Significance(
        predictionID: assessments[index].predictionID, primary: isPrimary, p: p[index],
        adjusted: adjusted[index],
        method: isPrimary
          ? "Holm, \(tested(primary)) primary predictions"
          : "Benjamini–Hochberg q, \(tested(others)) other predictions")
    }
  }

  private func significance(of assessment: AssessmentRecord, _ prediction: Prediction) -> Double {
    guard assessment.result != .notTested else { return .nan }
    var largest = 0.0
    do throws(Untested) {
      let (layout, seeds) = try runs(of: assessment, prediction)
      for condition in prediction.claim.conditions {
        let p = try statistic(of: condition, layout, seeds)
          .significance(of: condition.comparison)
        if p.isNaN { return .nan }
        largest = max(largest, p)
      }
    } catch {
      return .nan
    }
    return largest
  }
}

extension Prediction {
  /// Reads a prediction back from its document, as assessments and freezes keep it.
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "prediction")
    let claim: Claim
    do { claim = try Claim(parsing: try reader.string("claim")) } catch let problem as ClaimProblem
    {
      throw RecordFormatError(reader.place("claim"), problem.message)
    } catch let error as RecordFormatError {
      throw error
    } catch {
      throw RecordFormatError(reader.place("claim"), "\(error)")
    }
    let paper = try reader.value("paper")
    let forecast = try reader.value("forecast")
    var published: PublishedNumber?
    if paper != .null {
      let paper = try DocumentReader(paper, at: reader.place("paper"))
      published = PublishedNumber(
        value: try paper.read("value", "a number") { $0.double }, source: try paper.string("source")
      )
    }
    self.init(
      id: try reader.string("id"), primary: try reader.read("primary", "true or false") { $0.bool },
      statement: try reader.string("statement"), where: try reader.members("where"),
      arm: try reader.string("arm"), versus: try reader.comparand("versus"), over: try reader.paths("over"),
      claim: claim,
      forecast: forecast == .null ? nil : try reader.read("forecast", "a number") { $0.double },
      seenInPilot: try reader.read("seen_in_pilot", "true or false") { $0.bool }, paper: published)
  }
}

extension DocumentReader {
  /// Null, an arm, or a mapping of paths and `arm`.
  fileprivate func comparand(_ key: String) throws(RecordFormatError) -> Prediction.Comparand? {
    let value = try value(key)
    if value == .null { return nil }
    if let arm = value.string { return Prediction.Comparand(arm: arm) }
    var point = try members(key)
    let arm = point["arm"]?.string
    guard arm != nil || point["arm"] == nil else {
      throw RecordFormatError("\(place(key))/arm", "expected a text")
    }
    point["arm"] = nil
    return Prediction.Comparand(arm: arm, point: point)
  }

  /// A path or a list of paths; none where the key is missing.
  fileprivate func paths(_ key: String) throws(RecordFormatError) -> [String] {
    guard let value = object[key] else { return [] }
    if let one = value.string { return [one] }
    return try list(key, "a text") { $0.string }
  }
}
