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
    /// `"Holm, 4 primary predictions of the registry"`: as a page states it.
    package let method: String
    /// What the first condition could have found; nil where nothing tells.
    package let detectable: Detectable?
  }

  /// The smallest truth that a claim over so many seeds finds with a power of .8.
  package enum Detectable: Equatable, Sendable {
    /// This far beyond the bound, from the spread that the seeds show (paired t).
    case beyondBound(Double)
    /// So many of all seeds that could be drawn have to be like that (exact binomial).
    case share(Double)
  }

  /// One for each assessment, in their order: the latest assessments of one study.
  ///
  /// - Parameter others: primary predictions of the registry's other studies, which Holm's correction counts
  ///   in; see ``Snapshot/primaryAssessments(besides:)``.
  package func significance(
    of assessments: [AssessmentRecord], among others: [AssessmentRecord] = []
  ) throws -> [Significance] {
    let predictions = try assessments.map { try Prediction(document: $0.prediction) }
    let judged = zip(assessments, predictions).map { statistics(of: $0, $1) }
    let p = judged.map { Self.significance(of: $0) }
    let elsewhere = try others.map {
      Self.significance(of: statistics(of: $0, try Prediction(document: $0.prediction)))
    }
    let primary = predictions.indices.filter { predictions[$0].primary }
    let secondary = predictions.indices.filter { !predictions[$0].primary }
    var adjusted = p
    for (index, value) in zip(
      primary, Multiplicity.holm(primary.map { p[$0] } + elsewhere))
    {
      adjusted[index] = value
    }
    for (index, value) in zip(
      secondary, Multiplicity.benjaminiHochberg(secondary.map { p[$0] }))
    {
      adjusted[index] = value
    }
    let tested = (
      primary: (primary.map { p[$0] } + elsewhere).count { !$0.isNaN },
      secondary: secondary.count { !p[$0].isNaN }
    )
    return predictions.indices.map { index in
      let isPrimary = predictions[index].primary
      return Significance(
        predictionID: assessments[index].predictionID, primary: isPrimary, p: p[index],
        adjusted: adjusted[index],
        method: isPrimary
          ? "Holm, \(tested.primary) primary predictions of the registry"
          : "Benjamini–Hochberg q, \(tested.secondary) other predictions of the study",
        detectable: judged[index].first.flatMap { $0.statistic.detectable($0.comparison) })
    }
  }

  private typealias Judged = (statistic: SeedStatistic, comparison: Comparison)

  /// Of each condition; empty where the prediction was not tested or its runs are not here.
  private func statistics(
    of assessment: AssessmentRecord, _ prediction: Prediction
  ) -> [Judged] {
    guard assessment.result != .notTested else { return [] }
    do throws(Untested) {
      let (layout, seeds) = try runs(of: assessment, prediction)
      return try prediction.claim.conditions.map { (condition) throws(Untested) in
        (try statistic(of: condition, layout, seeds), condition.comparison)
      }
    } catch {
      return []
    }
  }

  private static func significance(of judged: [Judged]) -> Double {
    var largest = judged.isEmpty ? Double.nan : 0
    for (statistic, comparison) in judged {
      let p = statistic.significance(of: comparison)
      if p.isNaN { return .nan }
      largest = max(largest, p)
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
      arm: try reader.string("arm"), versus: try reader.comparands("versus"),
      over: try reader.paths("over"),
      claim: claim,
      forecast: forecast == .null ? nil : try reader.read("forecast", "a number") { $0.double },
      seenInPilot: try reader.read("seen_in_pilot", "true or false") { $0.bool }, paper: published)
  }
}

extension DocumentReader {
  /// Null, one comparand, or a list of them.
  fileprivate func comparands(_ key: String) throws(RecordFormatError) -> [Prediction.Comparand] {
    let value = try value(key)
    if value == .null { return [] }
    var comparands: [Prediction.Comparand] = []
    for one in value.array ?? [value] { comparands.append(try comparand(one, at: place(key))) }
    return comparands
  }

  /// An arm, or a mapping of paths and `arm`.
  private func comparand(
    _ value: JSON, at place: String
  ) throws(RecordFormatError) -> Prediction.Comparand {
    if let arm = value.string { return Prediction.Comparand(arm: arm) }
    guard var point = value.object else {
      throw RecordFormatError(place, "expected an arm or a mapping")
    }
    let arm = point["arm"]?.string
    guard arm != nil || point["arm"] == nil else {
      throw RecordFormatError("\(place)/arm", "expected a text")
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
