import Determinism
import Studies

/// A detection run is recorded like a run from elsewhere, because its activations come from there, but it was
/// performed here: its config is a plan, and whoever holds the activations can have it performed again.
extension RegisteredRunRecord {
  /// - Parameters:
  ///   - reported: where the full reports were made.
  ///   - unit: what the bootstrap drew.
  ///   - circumstances: of the performing.
  package init(
    _ plan: DetectionPlan, values: StageValues, notChecked: [(what: String, why: String)],
    reported: (position: String, layer: Int), unit: String, circumstances: JSON.Object
  ) {
    var config = plan.config
    config["not_checked"] = .array(
      notChecked.map { ["what": JSON($0.what), "why": JSON($0.why)] })
    config["reported_at"] = [
      "position": JSON(reported.position), "layer": JSON(reported.layer),
      "bootstrap_unit": JSON(unit),
    ]
    var artifacts = values.artifacts.mapValues(\.reference)
    for (file, content) in plan.contents {
      let isTable = file.utf8.elementsEqual(plan.examples.utf8)
      artifacts[isTable ? Self.examplesName : "activations/\(file)"] = ArtifactReference(
        role: isTable ? .kept : .remade,
        mediaType: isTable ? "text/plain" : "application/x-safetensors", digest: content.digest,
        size: content.size)
    }
    self.init(
      slug: plan.slug, name: plan.name.isEmpty ? "\(plan.arm), seed \(plan.seed)" : plan.name,
      clientID: nil, config: config, tags: plan.tags, state: .completed, parent: nil,
      notes: plan.notes,
      values: RecordedValues(
        scalars: values.scalars, series: values.series, curves: values.curves,
        artifacts: artifacts), circumstances: circumstances)
  }

  /// The artifact that the table of examples is.
  package static let examplesName = "examples"

  package var isDetection: Bool { DetectionPlan.isDetection(config) }

  /// What stands in the place of a verdict while nobody ran it again: what was done elsewhere never can be here.
  package var verdictWithoutRerun: String { RegisteredRunOutline(live: self).verdictWithoutRerun }

  /// What a detection run left out, and why.
  package var notChecked: [(what: String, why: String)] {
    guard isDetection else { return [] }
    return (config["not_checked"]?.array ?? []).compactMap { entry in
      guard let what = entry["what"]?.string, let why = entry["why"]?.string else { return nil }
      return (what: what, why: why)
    }
  }

  /// Where a detection run made its full reports.
  package var reported: (position: String, layer: Int) {
    let reported = config["reported_at"]
    return (reported?["position"]?.string ?? "last", reported?["layer"]?.int ?? 0)
  }

  /// Of a detection run, in the order of the report.
  package var detectors: [String] { config["detectors"]?.array?.compactMap(\.string) ?? [] }

  /// Controls that have no layer, and the kinds of random directions: words of the keys.
  package static let layerlessControls = ["length", "lexical"]
  package static let nulls = ["isotropic", "covariance", "permuted"]

  /// The layers that a detection run has values of, at the position of its reports.
  package var probedLayers: [Int] {
    let position = Array(reported.position.utf8)
    return Set(
      values.scalars.keys.compactMap { key -> Int? in
        let words = key.utf8.split(separator: UInt8(ascii: "/"))
        guard words.count == 5, words[1].elementsEqual(position),
          words[4].elementsEqual("auroc".utf8), words[2].first == UInt8(ascii: "L")
        else { return nil }
        return Int(String(decoding: Array(words[2].dropFirst()), as: UTF8.self))
      }
    ).sorted()
  }

  /// The share of random directions that a detector beats at the layer of the reports, by the null that it beats
  /// least often; nil without one.
  package func percentile(of detector: String) -> Double? {
    let (position, layer) = reported
    return Self.nulls.compactMap {
      values.scalars["\(detector)/\(position)/L\(layer)/test/percentile.\($0)"]
    }.min()
  }

  /// Whether it is the performing of just this plan.
  package func performs(_ plan: DetectionPlan) -> Bool {
    guard slug.utf8.elementsEqual(plan.slug.utf8), isDetection else { return false }
    var own = config
    own["not_checked"] = nil
    own["reported_at"] = nil
    return own == plan.config
  }
}
