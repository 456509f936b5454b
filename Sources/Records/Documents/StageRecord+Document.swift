import Determinism
import Statistics
import Studies

extension StageRecord {
  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow(["record", "step", "values", "circumstances"])
    let values = try RecordedValues(document: try reader.value("values"), at: "values")
    self.init(
      step: try PlannedStep(document: try reader.value("step"), at: "step"),
      scalars: values.scalars, series: values.series, curves: values.curves,
      artifacts: values.artifacts, circumstances: try reader.members("circumstances"))
  }
}

extension RecordedValues {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let values = try DocumentReader(document, at: path)
    try values.allow(["scalars", "series", "curves", "artifacts"])
    self.init(
      scalars: try values.dictionary("scalars") { (value, place) throws(RecordFormatError) in
        guard case .double(let bits) = value else {
          throw RecordFormatError(place, "expected a double")
        }
        return bits.value
      },
      series: try values.dictionary("series") { (value, place) throws(RecordFormatError) in
        try Series(document: value, at: place)
      },
      curves: try values.dictionary("curves") { (value, place) throws(RecordFormatError) in
        try ROCCurve(document: value, at: place)
      },
      artifacts: try values.dictionary("artifacts") { (value, place) throws(RecordFormatError) in
        try ArtifactReference(document: value, at: place)
      })
  }
}

extension PlannedStep {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: path)
    try reader.allow(["kind", "version", "options", "seed", "backend", "inputs"])
    self.init(
      kind: try reader.string("kind"), version: try reader.int("version"),
      options: try reader.members("options"), seed: try reader.seed("seed"),
      backend: try reader.string("backend"),
      inputs: try reader.dictionary("inputs") { (value, place) throws(RecordFormatError) in
        guard let key = value.digest else {
          throw RecordFormatError(place, "expected 64 hexadecimal digits")
        }
        return key
      })
  }
}

extension Series {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: path)
    try reader.allow(["steps", "values"])
    let steps = try reader.list("steps", "an integer") { $0.int }
    let values = try reader.doubles("values")
    guard steps.count == values.count else {
      throw RecordFormatError(path, "\(steps.count) steps for \(values.count) values")
    }
    guard zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw RecordFormatError(reader.place("steps"), "steps do not rise")
    }
    self.init()
    for (step, value) in zip(steps, values) { append(value, at: step) }
  }
}

extension ROCCurve {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: path)
    try reader.allow(["thresholds", "tp", "fp", "positives", "negatives"])
    let thresholds = try reader.doubles("thresholds")
    let counts = try ["tp", "fp"].map { (key) throws(RecordFormatError) in
      try reader.list(key, "a count") { $0.int }
    }
    let totals = [try reader.count("positives"), try reader.count("negatives")]
    for (key, (count, total)) in zip(["tp", "fp"], zip(counts, totals)) {
      guard count.count == thresholds.count else {
        throw RecordFormatError(
          reader.place(key), "\(count.count) counts for \(thresholds.count) thresholds")
      }
      guard count.allSatisfy({ (0...total).contains($0) }),
        zip(count, count.dropFirst()).allSatisfy({ $0 <= $1 })
      else { throw RecordFormatError(reader.place(key), "counts do not rise from 0 to \(total)") }
    }
    guard thresholds.allSatisfy({ !$0.isNaN }),
      zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 > $1 })
    else { throw RecordFormatError(reader.place("thresholds"), "thresholds do not fall") }
    self.init(
      thresholds: thresholds, truePositives: counts[0], falsePositives: counts[1],
      positives: totals[0], negatives: totals[1])
  }
}

extension ArtifactReference {
  init(document: JSON, at path: String) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: path)
    try reader.allow(["role", "media_type", "sha256", "size"])
    self.init(
      role: try reader.read("role", "'kept' or 'remade'") {
        $0.string.flatMap(Artifact.Role.init(rawValue:))
      },
      mediaType: try reader.string("media_type"), digest: try reader.digest("sha256"),
      size: try reader.count("size"))
  }
}
