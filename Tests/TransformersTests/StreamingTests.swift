import Determinism
import Glibc
import Testing

@testable import Transformers

struct `A stream of activations` {
  let model = Fixture.model()
  let sequences = Fixture.sequences(61, lengths: 1...24, seed: 12)
  let sites: [ActivationSite] = [.residualPre(0), .residualMid(1), .residualPost(1)]
  var positions: [Int] { sequences.map { $0.count / 2 } }

  private struct Broken: Error {}

  @Test(arguments: [1, 7, 8, 61, 256], 1...4)
  func `has the bits of the in-memory form, in order`(block: Int, threads: Int) {
    let whole = model.activations(of: sequences, at: positions, sites: sites)
    var found = Dictionary(uniqueKeysWithValues: sites.map { ($0, [Float]()) })
    var next = 0
    model.streamActivations(
      of: sequences, at: positions, sites: sites, block: block, threads: threads
    ) { piece in
      #expect(piece.sequences.lowerBound == next && piece.sequences.count <= block)
      next = piece.sequences.upperBound
      for site in sites {
        #expect(piece[site].count == piece.sequences.count * model.configuration.dModel)
        found[site]! += piece[site]
      }
    }
    #expect(next == sequences.count)
    #expect(found.mapValues(\.bitPatterns) == whole.mapValues(\.bitPatterns))
  }

  @Test func `holds one block at a time`() {
    let width = model.configuration.dModel
    var places: Set<UnsafePointer<Float>> = []
    var most = 0
    model.streamActivations(
      of: sequences, at: positions, sites: sites, block: 8, threads: 3
    ) { piece in
      for site in sites { places.insert(piece[site].baseAddress!) }
      most = max(most, sites.reduce(0) { $0 + piece[$1].count * MemoryLayout<Float>.size })
    }
    // The same memory for each of eight blocks.
    #expect(places.count == sites.count)
    #expect(most == model.activationBytes(sites: sites.count, block: 8))
    #expect(model.activationBytes(sites: 3, block: 8) == 3 * 8 * width * 4)
  }

  /// Bytes of memory that this process has had at its fullest.
  private static func peak() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  @Test func `does not grow with the number of sequences`() async {
    await #expect(processExitsWith: .success) {
      let configuration = ModelConfiguration(
        vocabulary: 11, context: 4, dModel: 128, layers: 1, heads: 2)
      let model = Model(configuration, seed: 1)
      let sites: [ActivationSite] = [.residualPre(0), .residualMid(0), .residualPost(0)]
      func stream(_ count: Int) -> Int {
        var bytes = 0
        model.streamActivations(
          of: Array(repeating: [3], count: count), at: Array(repeating: 0, count: count),
          sites: sites, threads: 2
        ) { piece in
          for site in sites { bytes += piece[site].count * 4 }
        }
        return bytes
      }
      _ = stream(512)
      let before = `A stream of activations`.peak()
      let bytes = stream(40_000)
      let grown = `A stream of activations`.peak() - before
      precondition(bytes > 60_000_000)
      // 40,000 arrays of one token take 64 bytes and their reference; the activations themselves nothing.
      precondition(grown < 8_000_000, "\(grown) bytes more for \(bytes) bytes of activations")
    }
  }

  @Test func `ends with the error of its sink`() {
    var blocks = 0
    #expect(throws: Broken.self) {
      try model.streamActivations(
        of: sequences, at: positions, sites: sites, block: 8, threads: 2
      ) { _ in
        blocks += 1
        if blocks == 3 { throw Broken() }
      }
    }
    #expect(blocks == 3)
    model.streamActivations(of: [], at: [], sites: sites) { _ in
      Issue.record("a block of nothing")
    }
  }

  @Test func `becomes a safetensors file that holds the same floats`() throws {
    let site = sites[2]
    let shape = [sequences.count, model.configuration.dModel]
    var file: [UInt8] = []
    var calls = 0
    var writer = try SafetensorsWriter(
      tensors: [("residual", shape)], metadata: [("site", site.description)]
    ) {
      calls += 1
      file.append(contentsOf: $0)
    }
    try model.streamActivations(of: sequences, at: positions, sites: [site], block: 16) {
      try writer.append($0[site])
    }
    writer.finish()
    let whole = model.activations(of: sequences, at: positions, sites: [site])[site]!
    #expect(calls == 1 + 4)
    #expect(
      Digest(of: file)
        == Digest(
          of: Safetensors.bytes(
            of: [("residual", shape, whole[...])], metadata: [("site", site.description)])))
    let read = try Safetensors(parsing: file).floats("residual", shape: shape)
    #expect(read.bitPatterns == whole.bitPatterns)
  }
}

struct `A safetensors writer` {
  @Test(arguments: [1, 3, 100])
  func `writes the bytes of the whole file, whatever the pieces`(piece: Int) throws {
    let tensors: [(name: String, shape: [Int])] = [
      ("b", [2, 3]), ("empty", [0, 4]), ("a", [5]), ("scalar", []),
    ]
    let values = (0..<12).map { Float($0) / 3 } as [Float]
    let expected = Safetensors.bytes(
      of: [
        ("b", [2, 3], values[..<6]), ("empty", [0, 4], values[..<0]), ("a", [5], values[6..<11]),
        ("scalar", [], values[11...]),
      ], metadata: [("k", "v")])
    var file: [UInt8] = []
    var writer = try SafetensorsWriter(tensors: tensors, metadata: [("k", "v")]) {
      file.append(contentsOf: $0)
    }
    for start in stride(from: 0, to: values.count, by: piece) {
      #expect(writer.missing == values.count - start)
      try values[start..<min(start + piece, values.count)].withUnsafeBufferPointer {
        try writer.append($0)
      }
    }
    writer.finish()
    #expect(file == expected)
  }

  @Test func `passes on the error of its sink`() throws {
    struct Full: Error {}
    #expect(throws: Full.self) {
      _ = try SafetensorsWriter(tensors: [("a", [1])]) { _ in throw Full() }
    }
  }

  @Test func `traps on too many floats, and on an end with too few`() async {
    await #expect(processExitsWith: .failure) {
      var writer = try SafetensorsWriter(tensors: [("a", [1])]) { _ in }
      try [1, 2].withUnsafeBufferPointer { try writer.append($0) }
    }
    await #expect(processExitsWith: .failure) {
      try SafetensorsWriter(tensors: [("a", [1])]) { _ in }.finish()
    }
  }
}
