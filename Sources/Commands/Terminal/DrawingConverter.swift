import Glibc

/// A format of drawings; what is not SVG is made of it.
enum DrawingFormat: String, CaseIterable {
  case svg, pdf, png
}

/// SVG to PDF and PNG, by the program of librsvg.
struct DrawingConverter {
  private static let program = "rsvg-convert"
  /// Dots to the inch, of PNG.
  private static let resolution = 300

  private let path: String

  /// - Throws: `Failure` when the program is not on the path.
  init() throws(Failure) {
    guard let path = ChildProcess.path(of: Self.program) else {
      throw Failure(
        .couldNotFinish, "PDF and PNG are made by \(Self.program), which is not on the path",
        hint: "apt-get install librsvg2-bin, or --formats svg")
    }
    self.path = path
  }

  func convert(_ svg: String, to format: DrawingFormat) throws -> [UInt8] {
    try Files.withTemporaryFolder { folder in
      try Files.write(Array(svg.utf8), to: "\(folder)/drawing.svg")
      let made = "\(folder)/drawing.\(format.rawValue)"
      var arguments = [Self.program, "--format", format.rawValue, "--output", made]
      if format == .png {
        arguments += [
          "--dpi-x", "\(Self.resolution)", "--dpi-y", "\(Self.resolution)",
          "--background-color", "white",
        ]
      }
      // A PDF says when it was made; equal drawings have equal bytes.
      let process = try ChildProcess(
        path, arguments + ["\(folder)/drawing.svg"], changing: ["SOURCE_DATE_EPOCH": "0"],
        redirecting: [(STDERR_FILENO, .file("\(folder)/problems"))])
      let status = process.wait()
      if let signal = Signals.pending {
        throw Failure(Signals.status(of: signal), lines: [])
      }
      guard status == 0, Files.isFile(made) else {
        let problems = try Files.text(of: "\(folder)/problems", limit: 1 << 20)
        let first = problems.utf8.split(separator: UInt8(ascii: "\n")).first
          .map { ": " + String(Substring($0)) }
        throw Failure(
          .couldNotFinish, "\(Self.program) ended with status \(status)\(first ?? "")",
          hint: "--formats svg writes the drawings as they are")
      }
      return try Files.bytes(of: made)
    }
  }
}
