import ArgumentParser
import Determinism
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

  /// The runs that pass, in the snapshot's order.
  func runs(in snapshot: Snapshot) -> [RunRecord] {
    snapshot.runs.filter { run in
      (study.map { $0 == run.slug } ?? true) && (arm.map { $0 == run.run.arm } ?? true)
        && (seeds.map { $0.contains(run.run.seed) } ?? true)
    }
  }
}

extension RunFilter {
  /// The registered runs that pass: they have no arm and no seed.
  func registered(in snapshot: Snapshot) -> [RegisteredRunRecord] {
    guard arm == nil, seeds == nil else { return [] }
    return snapshot.registered.filter { run in study.map { $0 == run.slug } ?? true }
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
  case registered(RegisteredRunRecord)

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
    let digits = Array(prefix.utf8)
    guard digits.count >= 4, digits.count <= 64,
      digits.allSatisfy({ Hexadecimal.value(of: $0) != nil })
    else {
      throw Failure(
        .usage, "'\(prefix)' is not a run: expected 4 to 64 hexadecimal digits of its id",
        hint: "dormouse list")
    }
    let found =
      runs.filter { $0.id.hex.utf8.starts(with: digits) }.map(NamedRun.planned)
      + registered.filter { $0.id.hex.utf8.starts(with: digits) }.map(NamedRun.registered)
    guard let run = found.first else {
      throw Failure(.usage, "no run '\(prefix)' in this registry", hint: "dormouse list")
    }
    guard found.count == 1 else {
      throw Failure(
        .usage, "'\(prefix)' begins the id of \(found.count) runs",
        hint: "give more digits: \(found.prefix(3).map(\.id.short).joined(separator: ", "))")
    }
    return run
  }

  /// The newest rerun of a run; nil when it was never rerun.
  func latestRerun(of run: Digest) -> RerunRecord? { reruns.last { $0.run == run } }

  /// The last verdict on a run, or the state that stands in its place.
  func verdictText(of run: NamedRun) -> String {
    if let verdict = latestRerun(of: run.id)?.verdict { return verdict.rawValue }
    if case .registered(let run) = run, !run.isDetection { return "NOT-RERUNNABLE" }
    return "NEVER-RERUN"
  }
}

extension RunRecord {
  /// The point as people read it: `onset=delayed`, or a dash when nothing is swept.
  var pointText: String {
    if run.point.isEmpty { return "—" }
    return run.point.members.map { member in
      let name = member.key.value.utf8.split(separator: UInt8(ascii: ".")).last.map {
        String(Substring($0))
      }
      return "\(name ?? member.key.value)=\(member.value.string ?? member.value.canonicalText)"
    }.joined(separator: " ")
  }
}
