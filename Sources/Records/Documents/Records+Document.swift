import Determinism
import Statistics
import Studies

// Each kind of record read back from its document. Errors name the member at fault.

extension StudyRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow(["record", "slug", "study"])
    self.init(slug: try reader.string("slug"), study: try reader.value("study"))
  }
}

extension RunRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow([
      "record", "slug", "study", "origin", "ordinal", "point", "arm", "seed", "phase", "stages",
      "circumstances",
    ])
    self.init(
      slug: try reader.string("slug"), studyDigest: try reader.digest("study"),
      run: PlannedRun(
        point: try reader.members("point"), arm: try reader.string("arm"),
        seed: try reader.seed("seed"),
        phase: try reader.read("phase", "'development' or 'confirmatory'") {
          $0.string.flatMap(SeedPhase.init(rawValue:))
        },
        stages: try reader.list("stages", "a name and a stage key") { pair in
          guard let pair = pair.array, pair.count == 2, let name = pair[0].string,
            let key = pair[1].digest
          else { return nil }
          return StageReference(name: name, key: key)
        }),
      origin: try reader.digest("origin"), ordinal: try reader.count("ordinal"),
      circumstances: try reader.members("circumstances"))
  }
}

extension FreezeRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow([
      "record", "slug", "study", "predictions", "tolerances", "code_version", "ledger_head",
      "runs_before", "circumstances",
    ])
    self.init(
      slug: try reader.string("slug"), studyDigest: try reader.digest("study"),
      predictions: try reader.value("predictions"), tolerances: try reader.value("tolerances"),
      codeVersion: try reader.string("code_version"),
      ledgerHead: try reader.digest("ledger_head"), runsBefore: try reader.count("runs_before"),
      circumstances: try reader.members("circumstances"))
  }
}

extension AssessmentRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow([
      "record", "slug", "study", "prediction_id", "prediction", "runs", "statistic", "estimates",
      "seeds", "per_seed", "result", "note",
    ])
    let estimates = try reader.list("estimates", "an object") { $0 }
    var read: [Estimate] = []
    for (index, estimate) in estimates.enumerated() {
      read.append(try Estimate(document: estimate, at: "estimates/\(index)"))
    }
    self.init(
      slug: try reader.string("slug"), studyDigest: try reader.digest("study"),
      predictionID: try reader.string("prediction_id"),
      prediction: try reader.value("prediction"),
      runs: try reader.list("runs", "64 hexadecimal digits") { $0.digest },
      statistic: try reader.string("statistic"), estimates: read,
      seeds: try reader.list("seeds", "a seed") { $0.uint64 },
      perSeed: try reader.list("per_seed", "a double") {
        if case .double(let bits) = $0 { bits.value } else { nil }
      },
      result: try reader.read("result", "a result") {
        $0.string.flatMap(ClaimResult.init(rawValue:))
      },
      note: try reader.string("note"))
  }
}

extension Estimate {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: path)
    try reader.allow(["value", "lower", "upper", "n", "method", "level"])
    self.init(
      value: try reader.double("value"), lower: try reader.double("lower"),
      upper: try reader.double("upper"), n: try reader.int("n"),
      method: try reader.string("method"), level: try reader.double("level"))
  }
}

extension RerunRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow([
      "record", "slug", "run", "verdict", "first_divergence", "compared", "not_checked", "note",
      "circumstances",
    ])
    let divergence = try reader.value("first_divergence")
    self.init(
      slug: try reader.string("slug"), run: try reader.digest("run"),
      verdict: try reader.read("verdict", "a verdict") {
        $0.string.flatMap(Verdict.init(rawValue:))
      },
      firstDivergence: divergence == .null
        ? nil : try Divergence(document: divergence, at: "first_divergence"),
      compared: try reader.count("compared"),
      notChecked: try reader.list("not_checked", "a text") { $0.string },
      note: try reader.string("note"), circumstances: try reader.members("circumstances"))
  }
}

extension Divergence {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: path)
    try reader.allow(["stage", "key", "step", "recorded", "recomputed", "ulps"])
    let step = try reader.value("step")
    let ulps = try reader.value("ulps")
    self.init(
      stage: try reader.string("stage"), key: try reader.string("key"),
      step: step == .null ? nil : try reader.int("step"),
      recorded: try reader.string("recorded"), recomputed: try reader.string("recomputed"),
      ulps: ulps == .null ? nil : try reader.seed("ulps"))
  }

  var document: JSON {
    [
      "stage": JSON(stage), "key": JSON(key), "step": step.map { JSON($0) } ?? .null,
      "recorded": JSON(recorded), "recomputed": JSON(recomputed),
      "ulps": ulps.map { JSON($0) } ?? .null,
    ]
  }
}
