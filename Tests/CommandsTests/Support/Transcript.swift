import Foundation
import Testing

/// A whole session at the terminal, held against the committed one.
///
/// `DORMOUSE_RECORD=1 swift test --filter CommandsTests` writes the sessions anew; read the diff. Digests, times and
/// machine facts differ between runs and are replaced by their names.
struct Transcript {
  private let program: Program
  private var lines: [String] = []

  init(_ program: Program) { self.program = program }

  /// Runs a command and appends what a person would have seen.
  mutating func type(_ command: String) throws {
    let outcome = try program.shell(
      "dormouse() { \"$DORMOUSE\" \"$@\"; }; \(command)", environment: ["DORMOUSE": Program.path])
    lines.append("$ \(command)")
    for text in [outcome.output, outcome.errors] where !text.isEmpty {
      lines.append(normalised(text).trimmingCharacters(in: .newlines))
    }
    lines.append("[\(outcome.status)]")
    lines.append("")
  }

  /// Compares with `Transcripts/<name>.txt`.
  func expect(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Transcripts/\(name).txt")
    let session = lines.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["DORMOUSE_RECORD"] != nil {
      try Data(session.utf8).write(to: file)
      return
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(session == recorded, sourceLocation: sourceLocation)
  }

  private func normalised(_ text: String) -> String {
    var text = text.replacingOccurrences(of: program.folder, with: "<folder>")
    for (pattern, name) in Transcript.varying {
      text = text.replacingOccurrences(of: pattern, with: name, options: .regularExpression)
    }
    return text
  }

  private static let varying = [
    (#"\b[0-9a-f]{64}\b"#, "<digest>"),
    (#"\b[0-9a-f]{16}\b"#, "<bits>"),
    (#"\b[0-9a-f]{10}\b"#, "<id>"),
    (#"\b\d+(\.\d+)? (ms|s)\b"#, "<time>"),
    (#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"#, "<moment>"),
  ]
}
