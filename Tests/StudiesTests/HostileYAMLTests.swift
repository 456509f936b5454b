import Determinism
import Glibc
import Studies
import Testing

/// The study-file rows of the table of hostile inputs.
@Suite struct `Hostile study files` {
  private func refusal(_ bytes: [UInt8]) -> String {
    do {
      _ = try Study(bytes: bytes, file: "s.yaml", slug: "s", catalog: .toy)
      return "accepted"
    } catch { return error.description.split(separator: "\n").first.map(String.init) ?? "" }
  }

  private func refusal(_ text: String) -> String { refusal(Array(text.utf8)) }

  @Test(arguments: [
    ("", "s.yaml:1:1: error: the file is empty"),
    ("\u{FEFF}", "s.yaml:1:1: error: the file is empty"),
    ("# only a comment\n", "s.yaml:1:1: error: the file is empty"),
    ("a", "s.yaml:1:1: error: a study is a mapping"),
    ("- a\n", "s.yaml:1:1: error: a study is a mapping"),
    ("title: \"a\\0b\"\n", "s.yaml:1:1: error: missing key 'arms'"),
    ("title: a\ntitle: b\n", "s.yaml:1:1: error: duplicate key 'title'"),
    ("seeds: {development: 1, development: 2}\n", "s.yaml:1:9: error: duplicate key 'development'"),
    ("a: &x 1\nb: *x\n", "s.yaml:1:4: error: anchors and aliases are not read"),
    ("a: &x 1\n", "s.yaml:1:4: error: anchors and aliases are not read"),
    ("a: *x\n", "s.yaml:1:4: error: found undefined alias"),
    ("<<: {title: a}\n", "s.yaml:1:1: error: merge keys are not read"),
    ("title: !!python/object:os.system x\n", "s.yaml:1:8: error: tags are not read"),
    ("title: !!binary aGVsbG8=\n", "s.yaml:1:8: error: tags are not read"),
    ("title: !!timestamp 2001-01-01\n", "s.yaml:1:8: error: tags are not read"),
    ("!!python/name:os.system title: x\n", "s.yaml:1:1: error: tags are not read"),
    ("organism: !x {onset: delayed}\n", "s.yaml:1:11: error: tags are not read"),
    ("title: a\n---\ntitle: b\n", "s.yaml:2:1: error: a study is one YAML document"),
    ("? [a, b]\n: c\n", "s.yaml:1:3: error: a key is a text"),
    (
      "title: a\n\tseeds: 1\n", "s.yaml:2:1: error: found a tab character that violates indentation"
    ),
    ("title: 'a\n", "s.yaml:2:1: error: found unexpected end of stream"),
    ("title: \u{7}\n", "s.yaml:1:8: error: control characters are not allowed"),
    ("model: {layers: .nan}\n", "s.yaml:1:17: error: '.nan' is not a finite number"),
    ("model: {layers: -.inf}\n", "s.yaml:1:17: error: '-.inf' is not a finite number"),
    ("model: {layers: 1e999}\n", "s.yaml:1:17: error: 1e999 does not fit a double"),
    ("model: {layers: 1e-400}\n", "s.yaml:1:17: error: 1e-400 does not fit a double"),
  ]) func `what YAML or the format refuses is located`(text: String, message: String) {
    #expect(refusal(text) == message)
  }

  @Test func `text that is not UTF-8 is located`() {
    #expect(
      refusal(Array("title: a\narms: [é".utf8) + [0xFF, 0x5D])
        == "s.yaml:2:9: error: not valid UTF-8")
    #expect(refusal([0xFF, 0xFE, 0x74, 0]) == "s.yaml:1:1: error: not valid UTF-8")
    #expect(refusal([0xFE, 0xFF, 0, 0x74]) == "s.yaml:1:1: error: not valid UTF-8")
    #expect(refusal([0x74, 0xED, 0xA0, 0x80]) == "s.yaml:1:2: error: not valid UTF-8")
  }

  @Test func `bombs go off nowhere`() {
    var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<40 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      laughs += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(refusal(laughs) == "s.yaml:1:5: error: anchors and aliases are not read")
    // As a key, an alias would be hashed expanded.
    #expect(
      refusal(laughs + "? *a39\n: x\n") == "s.yaml:1:5: error: anchors and aliases are not read")
    let arrays = String(repeating: "[", count: 10_000)
    #expect(refusal("title: " + arrays).utf8.starts(with: "s.yaml:1:".utf8))
    #expect(
      refusal("title: " + String(repeating: "{a: ", count: 10_000)).utf8.starts(
        with: "s.yaml:1:".utf8))
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(refusal("title: " + deep) == "s.yaml:1:40: error: nested more than 32 deep")
    let key = String(repeating: "k", count: 1000)
    #expect(refusal("\(key): 1\n") == "s.yaml:1:1: error: a key has at most 256 bytes")
    let large = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 21)
    #expect(
      refusal(large) == "s.yaml:1:1: error: the file has 2097152 bytes; at most 1 MiB is read")
  }

  @Test func `line ends and a byte-order mark change nothing`() throws {
    let plain = try Study(text: small(), file: "a", slug: "s").document
    let windows = small().split(separator: "\n", omittingEmptySubsequences: false).joined(
      separator: "\r\n")
    let classic = small().split(separator: "\n", omittingEmptySubsequences: false).joined(
      separator: "\r")
    for text in [windows, classic, "\u{FEFF}" + small()] {
      #expect(try Study(text: text, file: "b", slug: "s").document == plain)
    }
  }

  @Test func `ampersands and stars in prose are prose`() throws {
    let study = try Study(
      text: small(["title": "title: R&D, 2*3 & *emphasis*, a & b"]), file: "a", slug: "s")
    #expect(study.title == "R&D, 2*3 & *emphasis*, a & b")
  }

  @Test(arguments: [
    "no", "on", "off", "yes", "y", "N", "1:30", "0o7", "0x1F", "010", "1_000", "1e", "e3", "٣",
  ])
  func `what YAML versions disagree about is text, and no flag or number`(text: String) throws {
    let study = try Study(text: small(["title": "title: \(text)"]), file: "a", slug: "s")
    #expect(study.title == text)
    let flag = "stages: {pretrain: {}, safety-sft: {shuffle: \(text)}}"
    #expect(
      refusal(small(["stages": flag]))
        == "s.yaml:3:46: error: 'shuffle': expected true or false, found the text '\(text)'")
    let number = "stages: {pretrain: {}, safety-sft: {refusal_share: \(text)}}"
    #expect(
      refusal(small(["stages": number]))
        == "s.yaml:3:52: error: 'refusal_share': expected a number, found the text '\(text)'")
  }

  @Test(arguments: [
    ("3e-3", 3e-3), ("1", 1.0), (".5", 0.5), ("1.", 1.0), ("5E-1", 0.5), ("+0.25", 0.25),
    ("1.e-2", 0.01),
    ("5e-324", 5e-324), ("-0.0", -0.0), ("0e9", 0),
  ]) func `numbers are read as YAML 1.2 has them`(text: String, value: Double) throws {
    let study = try Study(
      text: small(["stages": "stages: {safety-sft: {refusal_share: \(text)}}"]), file: "a",
      slug: "s")
    #expect(study.stages[0].options["refusal_share"]?.double?.bitPattern == value.bitPattern)
  }

  @Test(arguments: [
    ("-1", "-1 is not in 1…1000000"), ("0", "0 is not in 1…1000000"),
    ("9223372036854775808", "9223372036854775808 is not in 1…1000000"),
    ("-9223372036854775809", "-9223372036854775809 is not in 1…1000000"),
    ("1e30", "expected an integer, found 1e+30"), ("2.5", "expected an integer, found 2.5"),
    ("'3'", "expected an integer, found the text '3'"), ("true", "expected an integer, found true"),
    ("null", "expected an integer, found nothing"), ("[]", "expected an integer, found a list"),
    ("{}", "expected an integer, found a mapping"),
  ]) func `integers have a range`(text: String, message: String) {
    let stages = "stages: {pretrain: {}, implant: {steps: \(text)}, evaluate: {}}"
    #expect(refusal(small(["stages": stages])) == "s.yaml:3:41: error: 'steps': \(message)")
  }

  @Test(arguments: [
    "../../etc/passwd", "/etc/shadow", "~x", "$HOME", "file:///x", "..\\\\..", "%2e%2e%2f",
    "a/\u{301}b",
  ])
  func `names are no paths`(name: String) {
    let refused = refusal(small(["stages": "stages: {\"\(name)\": {stage: pretrain}}"]))
    #expect(refused.hasSuffix("cannot be a stage's name"))
  }

  @Test func `what is no regular file is not waited for`() throws {
    var template = Array("/tmp/studies-XXXXXX".utf8CString)
    #expect(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for name in ["fifo", "study.yaml/x", "big.yaml", "good-one/study.yaml"] {
        unlink("\(folder)/\(name)")
      }
      rmdir("\(folder)/study.yaml")
      rmdir("\(folder)/good-one")
      rmdir(folder)
    }
    func message(_ path: String) -> String? {
      do {
        _ = try Study(contentsOf: path)
        return nil
      } catch { return error.problems.first?.message }
    }
    mkfifo("\(folder)/fifo", 0o600)
    #expect(message("\(folder)/fifo") == "is not a regular file")
    mkdir("\(folder)/study.yaml", 0o700)
    #expect(message(folder) == "is a folder, not a file")
    #expect(message("/dev/zero") == "is not a regular file")
    #expect(message("\(folder)/none") == "No such file or directory")
    #expect(message("/proc/self/mem") != nil)
    func write(_ name: String, _ bytes: [UInt8]) {
      let file = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
      close(file)
    }
    write("big.yaml", [UInt8](repeating: 0x20, count: 1 << 21))
    #expect(message("\(folder)/big.yaml") == "has more than 1 MiB; a study file is at most that")
    mkdir("\(folder)/good-one", 0o700)
    write("good-one/study.yaml", Array(small().utf8))
    #expect(try Study(contentsOf: "\(folder)/good-one").slug == "good-one")
    #expect(try Study(contentsOf: "\(folder)/good-one/study.yaml").slug == "good-one")
    #expect(try Study(contentsOf: "\(folder)/good-one/").slug == "good-one")
  }

  /// Any bytes are read or refused; never a crash, never a hang.
  @Test(arguments: 0..<8 as Range<UInt64>) func `mutated files are read or refused`(seed: UInt64) {
    var stream = RandomStream(seed: seed, "yaml")
    let original = Array(sketch.utf8)
    let pieces = [
      "&a", "*a", "!!x ", "- ", "? ", ": ", "{", "}", "[", "]", "|\n", ">", "\"", "'", "\n  ",
      "<<: ", "\u{301}",
    ]
    for _ in 0..<40 {
      var bytes = original
      for _ in 0...stream.below(3) {
        let at = stream.below(bytes.count)
        switch stream.below(4) {
        case 0: bytes[at] = UInt8(stream.below(256))
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: stream.element(of: pieces).utf8, at: at)
        default: bytes.removeSubrange(at..<min(bytes.count, at + stream.below(40)))
        }
      }
      do {
        let study = try Study(bytes: bytes, file: "s.yaml", slug: "s", catalog: .toy)
        let again = try Study(json: study.document, slug: "s", catalog: .toy)
        #expect(again.document == study.document, "seed \(seed)")
      } catch {
        #expect(!error.problems.isEmpty, "seed \(seed)")
      }
    }
  }
}
