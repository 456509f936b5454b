import ArgumentParser
import Determinism
import Interchange
import Records
import Studies

/// Which runs a command speaks of.
struct RunFilter: ParsableArguments {
  @Option(help: ArgumentHelp("Only runs of this study.", valueName: "slug"))
  var study: String?

  @Option(help: "Only runs of this arm.")
  var arm: String?

  @Option(help: ArgumentHelp("Only these seeds: 0, 0..4 or 1,3,1000..1004.", valueName: "list"))
  var seeds: SeedList?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only runs for which a condition holds: \"organism.mechanism = cot and auroc > 0.9\". The guide queries "
        + "has the language.", valueName: "condition"))
  var condition: String?

  var isEmpty: Bool { study == nil && arm == nil && seeds == nil && condition == nil }

  /// - Throws: `QueryError` where the condition cannot be read.
  func query() throws -> RunQuery {
    var query = RunQuery()
    query.study = study
    query.arm = arm
    if let seeds { query.seeds = { seeds.contains($0) } }
    if let condition {
      query.condition = try RunConditionParser.parse(condition)
      query.conditionText = condition
    }
    return query
  }

  /// The planned runs that pass, in the snapshot's order.
  func runs(in snapshot: Snapshot, of registry: Registry) throws -> [RunRecord] {
    let passing = Set(try registry.select(query()).runs.map(\.summary.id))
    return snapshot.runs.filter { passing.contains($0.id) }
  }
}

/// Seeds as people write them: `0`, `0..4`, `1,3,1000..1004`; both ends belong.
struct SeedList: ExpressibleByArgument, Equatable {
  let ranges: [ClosedRange<UInt64>]

  init?(argument: String) {
    var ranges: [ClosedRange<UInt64>] = []
    for piece in argument.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    {
      let text = String(Substring(piece))
      if let seed = UInt64(plain: text) {
        ranges.append(seed...seed)
        continue
      }
      let dots = Array(text.utf8)
      guard
        let split = dots.indices.dropLast().first(where: {
          dots[$0] == 0x2E && dots[$0 + 1] == 0x2E
        }),
        let low = UInt64(plain: String(decoding: dots[..<split], as: UTF8.self)),
        let high = UInt64(plain: String(decoding: dots[(split + 2)...], as: UTF8.self)), low <= high
      else { return nil }
      ranges.append(low...high)
    }
    self.ranges = ranges
  }

  func contains(_ seed: UInt64) -> Bool { ranges.contains { $0.contains(seed) } }
}

extension UInt64 {
  /// Decimal digits only: no sign, no spaces.
  fileprivate init?(plain text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self.init(text)
  }
}

/// A run of either kind, found by its id.
enum NamedRun {
  case planned(RunRecord)
  case registered(RegisteredRunOutline)

  var id: Digest {
    switch self {
    case .planned(let run): run.id
    case .registered(let run): run.id
    }
  }
}

extension Snapshot {
  /// The run of a study whose id begins with these digits.
  func run(named prefix: String) throws(Failure) -> RunRecord {
    switch try anyRun(named: prefix) {
    case .planned(let run): return run
    case .registered(let run) where run.isDetection:
      throw Failure(
        .usage, "run \(run.id.short) was probed: its activations are needed, too",
        hint: "dormouse probe --again \(run.id.short) --activations FOLDER")
    case .registered(let run):
      throw Failure(
        .usage, "run \(run.id.short) was registered from elsewhere: it is NOT-RERUNNABLE",
        hint:
          "its owner runs it again; then: dormouse register new.json --as-rerun-of \(run.id.short)")
    }
  }

  /// The run of either kind whose id begins with these digits.
  func anyRun(named prefix: String) throws(Failure) -> NamedRun {
    let name = try RunName(prefix)
    let found =
      runs.filter { name.fits($0.id) }.map(NamedRun.planned)
      + registered.filter { name.fits($0.id) }.map(NamedRun.registered)
    let id = try name.only(of: found.map(\.id))
    return found.first { $0.id == id }!
  }
}

/// A run as people name it: the first digits of its id.
struct RunName {
  private let digits: String

  init(_ digits: String) throws(Failure) {
    guard (4...64).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ Hexadecimal.value(of: $0) != nil })
    else {
      throw Failure(
        .usage, "'\(digits)' is not a run: expected 4 to 64 hexadecimal digits of its id",
        hint: "dormouse list")
    }
    self.digits = digits
  }

  func fits(_ id: Digest) -> Bool { id.hex.utf8.starts(with: digits.utf8) }

  /// The one that is meant.
  func only(of found: [Digest]) throws(Failure) -> Digest {
    guard let first = found.first else {
      throw Failure(.usage, "no run '\(digits)' in this registry", hint: "dormouse list")
    }
    guard found.count == 1 else {
      throw Failure(
        .usage, "'\(digits)' begins the id of \(found.count) runs",
        hint: "give more digits: \(found.prefix(3).map(\.short).joined(separator: ", "))")
    }
    return first
  }

  /// Its id among recorded, planned and live runs, without reading them.
  func id(in registry: Registry) throws -> Digest {
    let recorded = try registry.runs(beginning: digits, limit: 4)
    let live = try registry.spools().filter { $0.size > 0 }.map(\.run)
      .filter { fits($0) && !recorded.contains($0) }
    return try only(of: recorded + live)
  }

  /// Everything about it; of a recorded one that was registered without its series, unless they are wanted.
  func details(in registry: Registry, readingSeries: Bool = false) throws -> RunDetails {
    let recorded = try registry.runs(beginning: digits, limit: 4)
    let live = try registry.liveRuns { fits($0) && !recorded.contains($0) }
    let id = try only(of: recorded + live.map(\.id))
    if let run = live.first(where: { $0.id == id }) { return try registry.details(ofLive: run) }
    guard let details = try registry.details(of: id, readingSeries: readingSeries) else {
      throw RegistryError.unknown(kind: "run", id: id)
    }
    return details
  }
}

extension JSON.Object {
  /// A point as people read it: `onset=delayed`, or a dash when nothing is swept.
  var pointText: String {
    if isEmpty { return "—" }
    return PointLevel.once(
      members.map { PointLevel($0.key.value, $0.value.string ?? $0.value.canonicalText) }
    ).map { ($0.owner.map { "\($0)." } ?? "") + "\($0.setting)=\($0.value)" }
      .joined(separator: " ")
  }
}
