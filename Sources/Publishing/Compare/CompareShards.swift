import Determinism
import Records
import Rendering
import Studies

/// What a page's own script needs to put runs beside each other: a file for some runs of one study, read only
/// when one of them is asked for.
///
/// It has every setting and stage result, and of their values those that a reader compares; for each result also a
/// digest of all its values, so that equal bits are known where not all are here.
struct CompareShards {
  let index: SiteIndex

  /// Runs of one file.
  static let size = 150
  /// Values of one stage result.
  static let mostValues = 400
  /// Letters of a setting; `dormouse diff` has it whole.
  static let longestSetting = 200

  /// A file by its name: below the folder, without its ending.
  struct Shard: Sendable {
    let name: String
    let study: StudyView
    let runs: [RunView]
    let registered: [RegisteredRunView]
    var path: String { "compare/\(name).js" }
  }

  var shards: [Shard] {
    index.studies.flatMap { study -> [Shard] in
      let chunks =
        Self.chunks(study.runs).map { ($0, [RegisteredRunView]()) }
        + Self.chunks(study.registered).map { ([RunView](), $0) }
      return chunks.enumerated().map { number, chunk in
        Shard(
          name: "\(study.folder)-\(number + 1)", study: study, runs: chunk.0, registered: chunk.1)
      }
    }
  }

  /// The name of the file that has a run, by its id.
  var places: [Digest: String] {
    var places: [Digest: String] = [:]
    for shard in shards {
      for run in shard.runs { places[run.id] = shard.name }
      for run in shard.registered { places[run.id] = shard.name }
    }
    return places
  }

  /// Each made when it is asked for.
  var parts: [Site.Part] {
    var parts: [Site.Part] = []
    for shard in shards {
      parts.append(Site.Part(unit: nil, make: Self.making(shard, index.snapshot)))
    }
    return parts
  }

  private static func making(_ shard: Shard, _ snapshot: Snapshot) -> Site.Making {
    { (_: TemplateSet) throws(PublishingError) -> [SiteFile] in
      [try SiteFile(shard.path, ShardText(shard: shard, snapshot: snapshot).text)]
    }
  }

  private static func chunks<Run>(_ runs: [Run]) -> [[Run]] {
    stride(from: 0, to: runs.count, by: size).map {
      Array(runs[$0..<min($0 + size, runs.count)])
    }
  }
}

/// The text of one file. What occurs often (names, numbers, lists of them) stands once and is referred to by number.
private struct ShardText {
  let shard: CompareShards.Shard
  let snapshot: Snapshot

  var text: String {
    var values = Interned()
    var lists = Interned()
    var stages: [JSON] = []
    var places: [Digest: Int] = [:]
    func settings(_ all: [(path: String, value: JSON)]) -> Int {
      lists.place(
        of: .array(
          all.flatMap { path, value in
            [JSON(values.place(of: JSON(path))), JSON(values.place(of: Self.setting(value)))]
          }))
    }
    func result(_ key: String, _ procedure: String, _ digest: Digest, _ scalars: [String: Double])
      -> JSON
    {
      let names = CompareValues.shown(scalars).prefix(CompareShards.mostValues)
      return [
        JSON(key), JSON(digest.hex.prefixText(8)), JSON(values.place(of: JSON(procedure))),
        JSON(lists.place(of: .array(names.map { JSON(values.place(of: JSON($0))) }))),
        .array(names.map { JSON(values.place(of: JSON(scalars[$0]!))) }),
        JSON(scalars.count - names.count),
      ]
    }
    var bases: [Digest: Int] = [:]
    var runs: [JSON] = []
    for run in shard.runs {
      let study = run.record.studyDigest
      if bases[study] == nil { bases[study] = settings(snapshot.studies[study]?.settings ?? []) }
      let numbers = run.stages.map { stage -> JSON in
        if let place = places[stage.key] { return JSON(place) }
        places[stage.key] = stages.count
        stages.append(
          stage.record.map { record in
            result(
              stage.key.hex.prefixText(10), "\(record.step.kind)@\(record.step.version)",
              record.valuesDigest, record.scalars)
          } ?? [JSON(stage.key.hex.prefixText(10))])
        return JSON(stages.count - 1)
      }
      let names = lists.place(of: .array(run.stages.map { JSON(values.place(of: JSON($0.name))) }))
      let details = RunDetails(run, in: snapshot)
      runs.append([
        JSON(run.id.hex.prefixText(16)), JSON(values.place(of: JSON(run.arm))),
        JSON(String(run.seed)),
        JSON(values.place(of: JSON(run.phase.rawValue))),
        JSON(values.place(of: JSON(run.state.rawValue))),
        JSON(values.place(of: JSON(details.verdict))), JSON(run.hasPage ? run.path : ""),
        JSON(bases[study]!),
        JSON(settings(run.record.run.point.members.map { ($0.key.value, $0.value) })), JSON(names),
        .array(numbers),
      ])
    }
    for run in shard.registered {
      let outline = run.outline
      stages.append(result("", "", outline.valuesDigest, outline.scalars))
      runs.append([
        JSON(run.id.hex.prefixText(16)), JSON(values.place(of: JSON(run.title))), .null, .null,
        JSON(values.place(of: JSON(outline.state.rawValue))),
        JSON(values.place(of: JSON(run.verdict?.rawValue ?? outline.verdictWithoutRerun))),
        JSON(run.path),
        JSON(settings(Array(outline.settings.flattened.prefix(CompareShards.mostValues)))),
        JSON(settings([])), .null, [JSON(stages.count - 1)],
      ])
    }
    let document: JSON = [
      "study": JSON(shard.study.slug), "values": .array(values.all), "lists": .array(lists.all),
      "stages": .array(stages), "runs": .array(runs),
    ]
    return "(globalThis.dormouseCompared ??= []).push(\n\(document.canonicalText)\n);\n"
  }

  /// As text: numbers of any size keep their digits, and the text "7" is not the number.
  private static func setting(_ value: JSON) -> JSON {
    let text = value.canonicalText
    return JSON(
      text.utf8.count > CompareShards.longestSetting
        ? String(text.unicodeScalars.prefix(CompareShards.longestSetting)) + "… "
          + Digest(of: value).short : text)
  }
}

/// Values by the number of their first occurrence.
private struct Interned {
  private(set) var all: [JSON] = []
  private var places: [JSON.Text: Int] = [:]

  mutating func place(of value: JSON) -> Int {
    let key = JSON.Text(value.canonicalText)
    if let place = places[key] { return place }
    places[key] = all.count
    all.append(value)
    return all.count - 1
  }
}

/// Which of a stage's numbers a reader compares.
enum CompareValues {
  /// Sorted. Without what repeats a rate as its counts, and of detectors what is not at the place of their reports:
  /// there are hundreds for every layer.
  static func shown(_ scalars: [String: Double]) -> [String] {
    scalars.keys.filter { name in
      for ending in [".count", ".n"]
      where name.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
        if scalars[String(name.dropLast(ending.count))] != nil { return false }
      }
      let words = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .map { String(decoding: Array($0), as: UTF8.self) }
      guard words.count >= 4 else { return true }
      return ["decision", "last"].contains(words[1]) && ["primary", "all"].contains(words[2])
        && reported.contains(words.dropFirst(3).joined(separator: "/"))
    }.sorted { JSON.Text($0) < JSON.Text($1) }
  }

  private static let reported: Set = [
    "swap/auroc", "worst-auroc", "tpr-at-1pct", "swap/tpr-at-1pct", "test/auroc",
    "test/tpr-at-1pct",
  ]
}

extension String {
  /// The first digits of a digest.
  func prefixText(_ count: Int) -> String { String(decoding: utf8.prefix(count), as: UTF8.self) }
}

extension RunDetails {
  init(_ run: RunView, in snapshot: Snapshot) {
    self.init(
      id: run.id,
      body: .planned(
        run.record,
        stages: Dictionary(
          run.stages.compactMap { stage in stage.record.map { (stage.key, $0) } },
          uniquingKeysWith: { first, _ in first })),
      study: snapshot.studies[run.record.studyDigest], state: run.state, stopped: run.note,
      reruns: run.reruns, annotations: run.annotations)
  }

  init(_ run: RegisteredRunView, _ record: RegisteredRunRecord) {
    self.init(
      id: run.id, body: .registered(record), study: nil, state: record.state, stopped: "",
      reruns: run.reruns, annotations: run.annotations)
  }
}
