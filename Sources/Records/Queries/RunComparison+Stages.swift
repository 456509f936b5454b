import Determinism
import Statistics
import Studies

extension RunComparison {
  /// One stage beside its namesakes in the other runs.
  package struct StageRow: Sendable {
    package enum Relation: String, Sendable {
      /// All refer to one stage result: it was performed once.
      case shared
      /// Results of their own, equal bit for bit.
      case equal
      case different
      /// Some run has no such stage, or has not performed it.
      case missing
    }

    /// The first value that is not the same in all: of series that with the earliest step, else the first by name.
    package struct First: Sendable {
      /// Without the stage's name.
      package let name: String
      package let step: Int?
      /// Empty for what is no number.
      package let values: [Double?]
      package let ulps: UInt64?
    }

    package let name: String
    /// One for each run; nil where it has no such stage.
    package let keys: [Digest?]
    /// `implant@1`; nil where it was not performed.
    package let procedures: [String?]
    package let relation: Relation
    /// How many of its values are not the same in all runs.
    package let differing: Int
    package let first: First?
  }

  /// In the order of the first run, then what only others have; none for runs registered from elsewhere.
  package var stages: [StageRow] {
    let own = runs.map {
      run -> (names: [(name: String, key: Digest)], records: [Digest: StageRecord]) in
      guard case .planned(let record, let stages) = run.body else { return ([], [:]) }
      return (record.run.stages.map { ($0.name, $0.key) }, stages)
    }
    var names: [String] = []
    for (name, _) in own.flatMap(\.names)
    where !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
      names.append(name)
    }
    return names.map { name in
      let keys = own.map { run in
        run.names.first { $0.name.utf8.elementsEqual(name.utf8) }?.key
      }
      let records = zip(own, keys).map { run, key in key.flatMap { run.records[$0] } }
      let procedures = records.map { $0.map { "\($0.step.kind)@\($0.step.version)" } }
      let isShared = keys.allSatisfy { $0 != nil && $0 == keys[0] }
      let isMissing = !isShared && records.contains { $0 == nil }
      let (differing, first) = isShared || isMissing ? (0, nil) : differences(in: name)
      return StageRow(
        name: name, keys: keys, procedures: procedures,
        relation: isShared
          ? .shared : isMissing ? .missing : differing == 0 ? .equal : .different,
        differing: differing, first: first)
    }
  }

  private func differences(in stage: String) -> (count: Int, first: StageRow.First?) {
    let prefix = Array("\(stage):".utf8)
    func rest(_ name: String) -> String? {
      name.utf8.starts(with: prefix)
        ? String(decoding: Array(name.utf8.dropFirst(prefix.count)), as: UTF8.self) : nil
    }
    let series = series.filter { !$0.isEqual }.compactMap { row in
      rest(row.name).map { (name: $0, row: row) }
    }
    let metrics = metrics.filter { !$0.isEqual }.compactMap { row in
      rest(row.name).map {
        StageRow.First(name: $0, step: nil, values: row.values, ulps: row.ulps)
      }
    }
    let others =
      curves.filter { !$0.isEqual }.map(\.name) + artifacts.filter { !$0.isEqual }.map(\.name)
    let unnumbered = others.compactMap(rest).map {
      StageRow.First(name: $0, step: nil, values: [], ulps: nil)
    }
    let earliest = series.filter { $0.row.first != nil }
      .min { ($0.row.first!.step, JSON.Text($0.name)) < ($1.row.first!.step, JSON.Text($1.name)) }
      .map {
        StageRow.First(
          name: $0.name, step: $0.row.first!.step, values: $0.row.first!.values,
          ulps: $0.row.first!.ulps)
      }
    return (
      series.count + metrics.count + unnumbered.count,
      earliest ?? metrics.first ?? unnumbered.first
    )
  }
}
