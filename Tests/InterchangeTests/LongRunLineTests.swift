import Determinism
import Records
import Studies
import Testing

@testable import Interchange

@Suite struct LongRunLineTests {
  /// With texts that look like what the scanner looks for.
  private func run(_ random: inout RandomStream) -> RegisteredRunRecord {
    func series() -> Series {
      var series = Series()
      var step = random.bool() ? Int.min : -random.below(50)
      for _ in 0..<random.below(30) {
        series.append(Double(bitPattern: random.next()), at: step)
        step += 1 + (random.bool() ? random.below(9) : random.below(1 << 56))
      }
      return series
    }
    let names = ["loss", "é\"\\", "\u{1}", "series", "values", "{}", "a]}}"]
    let decoys: [JSON] = [
      ["values": ["series": ["x": 1]]],
      "\"values\":{\"series\":{\"x\":{\"steps\":[1],\"values\":\"", [[], "}"],
    ]
    return RegisteredRunRecord(
      slug: "s", name: random.element(of: names), clientID: random.bool() ? "\"series\":{" : nil,
      config: JSON.members(["values": random.element(of: decoys), "series": ["a": 1]]),
      tags: [], state: .completed, parent: nil, notes: "}}}\\",
      values: RecordedValues(
        scalars: ["series": 1, "values": 0],
        series: Dictionary(
          names.filter { _ in random.bool() }.map { ($0, series()) }, uniquingKeysWith: { $1 })),
      circumstances: JSON.members(["values": ["series": [:]]]))
  }

  private func chain(_ records: [AnyRecord]) -> (LedgerChain, file: [UInt8]) {
    let origin = Digest(of: "origin")
    var previous = LedgerChain.root(origin: origin, slug: "s")
    var entries: [LedgerChain.Entry] = []
    var file: [UInt8] = []
    for record in records {
      previous = LedgerChain.link(after: previous, record: record.digest)
      let entry = LedgerChain.Entry(
        kind: record.kind.rawValue, record: record.digest, link: previous)
      entries.append(entry)
      file += Array(ArchiveFormat.beforeDocument.utf8) + record.document.canonicalBytes
      file += Array(",".utf8) + ArchiveFormat.line(entry).canonicalBytes.dropFirst() + [0x0A]
    }
    return (LedgerChain(origin: origin, slug: "s", entries: entries), file)
  }

  private func read(_ file: [UInt8], _ chain: LedgerChain, longLine: Int) -> Result<
    [Digest: AnyRecord], ArchiveError
  > {
    var lines = RecordLines(
      folder: "f", slug: "s",
      chains: [
        ArchiveManifest.Chain(
          origin: chain.origin, length: chain.entries.count, head: chain.head)
      ], longLine: longLine)
    return Result { () throws(ArchiveError) in
      try lines.read(file)
      return lines.records
    }
  }

  @Test(arguments: 0..<200)
  func `a run is the same whether its line is a tree or not`(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed), "long lines")
    let record = AnyRecord.registeredRun(run(&random))
    let (chain, file) = chain([record])
    #expect(LongRunLine(file.dropLast()) != nil, "seed \(seed)")
    for longLine in [0, Int.max] {
      let found = try read(file, chain, longLine: longLine).get()
      #expect(found.count == 1)
      #expect(found[record.digest]?.document == record.document, "seed \(seed)")
    }
  }

  @Test(arguments: 0..<300)
  func `a damaged line is refused either way`(seed: Int) {
    var random = RandomStream(seed: UInt64(seed), "damaged long lines")
    var (chain, file) = chain([.registeredRun(run(&random))])
    let place = random.below(file.count - 1)
    switch random.below(3) {
    case 0: file[place] = random.element(of: Array("0-9a{}[]\",:\\x".utf8) + [file[place] ^ 1])
    case 1: file.remove(at: place)
    default: file.insert(random.element(of: Array("0-{}[]\",: ".utf8)), at: place)
    }
    let (long, tree) = (read(file, chain, longLine: 0), read(file, chain, longLine: .max))
    switch (long, tree) {
    case (.success(let some), .success(let others)):
      #expect(some.keys == others.keys, "seed \(seed)")
    case (.failure, .failure): break
    default: Issue.record("seed \(seed): one way takes it and the other does not")
    }
  }
}
