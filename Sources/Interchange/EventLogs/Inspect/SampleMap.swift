import Determinism
import Statistics
import Studies

/// What samples mean, as whoever imports says it: which field is the trigger, which the defection, which a
/// detector's score; and what follows of that.
struct SampleMap {
  /// `--map` knows these; `score` also as `score.NAME`, for several.
  static let roles = ["trigger", "defected", "score", "label", "group"]

  private let trigger: SampleField?
  private let defected: SampleField?
  private let label: SampleField?
  private let group: SampleField?
  private let scores: [(name: String, field: SampleField)]

  private var r1 = (successes: 0, trials: 0)
  private var r0 = (successes: 0, trials: 0)
  private var columns: [Column]
  /// Samples that do not say what a field should, by field.
  private var silent: [(role: String, field: String, count: Int)] = []
  private var samples = 0

  private struct Column {
    var scores: [JSON] = []
    var labels: [JSON] = []
    var groups: [JSON] = []
  }

  /// The members of a sample that its fields are in.
  var parts: [String] {
    ([trigger, defected, label, group].compactMap { $0 } + scores.map(\.field)).map { field in
      field.path.utf8.split(separator: UInt8(ascii: ".")).first.map { String(Substring($0)) } ?? ""
    }
  }

  var isEmpty: Bool { trigger == nil && scores.isEmpty }
  var hasRates: Bool { trigger != nil && defected != nil }

  /// - Throws: `ForeignProblem` for what cannot be meant.
  init(_ map: [(name: String, field: String)], file: String) throws(ForeignProblem) {
    var fields: [String: SampleField] = [:]
    var scores: [(name: String, field: SampleField)] = []
    for (name, path) in map {
      guard !path.isEmpty else { throw ForeignProblem(file, "--map: '\(name)=' names no field") }
      if name == "score" || name.utf8.starts(with: "score.".utf8) {
        let given = String(decoding: name.utf8.dropFirst(6), as: UTF8.self)
        let curve = given.isEmpty ? path : given
        guard ForeignSource.problem(withName: curve) == nil else {
          throw ForeignProblem(file, "--map: '\(Wording.shown(name))' cannot name a curve")
        }
        scores.append((curve, SampleField(path: path)))
        continue
      }
      guard Self.roles.contains(name) else {
        throw ForeignProblem(
          file, "--map: \(Wording.unknown("name", name, among: Self.roles))",
          hint: Wording.known("names", Self.roles))
      }
      guard fields.updateValue(SampleField(path: path), forKey: name) == nil else {
        throw ForeignProblem(file, "--map: '\(name)' is named twice")
      }
    }
    trigger = fields["trigger"]
    defected = fields["defected"]
    group = fields["group"]
    label = fields["label"] ?? fields["defected"]
    self.scores = scores
    columns = Array(repeating: Column(), count: scores.count)
    guard (trigger == nil) == (defected == nil) || !scores.isEmpty else {
      throw ForeignProblem(
        file, "--map: trigger and defected belong together",
        hint: "trigger=metadata.trigger,defected=scores.X")
    }
    guard scores.isEmpty || label != nil else {
      throw ForeignProblem(
        file, "--map: a score needs the label that it should tell",
        hint: "score=scores.MONITOR,label=metadata.trigger")
    }
  }

  // MARK: Samples

  mutating func take(_ sample: JSON.Object) {
    samples += 1
    if let trigger, let defected {
      let (isTriggered, isDefection) = (
        flag(trigger, "trigger", sample), flag(defected, "defected", sample)
      )
      if let isTriggered, let isDefection {
        if isTriggered {
          r1 = (r1.successes + (isDefection ? 1 : 0), r1.trials + 1)
        } else {
          r0 = (r0.successes + (isDefection ? 1 : 0), r0.trials + 1)
        }
      }
    }
    guard let label, !scores.isEmpty else { return }
    let flag = flag(label, "label", sample)
    for (index, score) in scores.enumerated() {
      guard let number = score.field.value(in: sample).flatMap(SampleField.number) else {
        miss("score", score.field.path)
        continue
      }
      guard let flag else { continue }
      columns[index].scores.append(JSON(number))
      columns[index].labels.append(JSON(flag))
      guard let group else { continue }
      let value = group.value(in: sample)
      columns[index].groups.append(JSON(value?.string ?? value?.canonicalText ?? ""))
    }
  }

  private mutating func flag(_ field: SampleField, _ role: String, _ sample: JSON.Object) -> Bool? {
    let flag = field.value(in: sample).flatMap(SampleField.flag)
    if flag == nil { miss(role, field.path) }
    return flag
  }

  private mutating func miss(_ role: String, _ field: String) {
    if let place = silent.firstIndex(where: { $0.role == role && $0.field == field }) {
      silent[place].count += 1
    } else {
      silent.append((role, field, 1))
    }
  }

  // MARK: What follows

  /// `r1`, `r0` with the bounds of Wilson's interval and the counts.
  ///
  /// - Throws: `ForeignProblem` when a field says nothing in any sample.
  func rates(file: String, fields: [String]) throws(ForeignProblem) -> [(
    name: String, value: Double
  )] {
    if samples > 0, let nothing = silent.first(where: { $0.count == samples }) {
      throw ForeignProblem(
        file, "--map: no sample tells \(nothing.role) by '\(Wording.shown(nothing.field))'",
        hint: fields.isEmpty
          ? nil
          : "its samples have: \(fields.prefix(20).map(Wording.shown).joined(separator: ", "))")
    }
    guard hasRates else { return [] }
    var rates: [(name: String, value: Double)] = []
    for (name, counts) in [("r1", r1), ("r0", r0)] where counts.trials > 0 {
      let rate = Proportion(successes: counts.successes, trials: counts.trials)
      let interval = rate.wilson()
      rates += [
        (name, rate.value), ("\(name).lower", interval.lower), ("\(name).upper", interval.upper),
        ("\(name).defections", Double(counts.successes)),
        ("\(name).samples", Double(counts.trials)),
      ]
    }
    return rates
  }

  var remarks: [String] {
    silent.map { role, field, count in
      "\(count) of \(samples) samples do not tell \(role) by '\(Wording.shown(field))': they are not counted"
    }
      + [("r1", "with", r1), ("r0", "without", r0)].compactMap { name, word, counts in
        hasRates && counts.trials == 0
          ? "no sample is \(word) the trigger: there is no \(name)" : nil
      }
  }

  /// As a run document has them: curves, those of groups, and the table that is kept are made there.
  var scoresOfDocument: JSON? {
    guard !scores.isEmpty else { return nil }
    return .object(
      JSON.Object(
        zip(scores, columns).map { score, column in
          var table: JSON.Object = JSON.Object([
            ("scores", .array(column.scores)), ("labels", .array(column.labels)),
          ])
          if group != nil { table["groups"] = .array(column.groups) }
          return (score.name, .object(table))
        }))
  }

  /// What was asked for, as the record tells it.
  var document: JSON.Object {
    var document = JSON.Object()
    for (role, field) in [
      ("trigger", trigger), ("defected", defected), ("label", scores.isEmpty ? nil : label),
      ("group", group),
    ] { document[role] = field.map { JSON($0.path) } }
    for score in scores { document["score.\(score.name)"] = JSON(score.field.path) }
    return document
  }
}
