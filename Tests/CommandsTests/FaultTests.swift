import Foundation
import Testing

/// A sample of `make faults`: calls killed or failing, and what power cuts leave, in every command that writes.
struct FaultTests {
  private static let tool = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Faults/faults.py").path

  private static var isPossible: Bool {
    (try? withFolder { try $0.shell("python3 -c '' && ${CC:-cc} --version").status == 0 }) ?? false
  }

  @Test(.enabled(if: isPossible, "needs python3 and a C compiler"))
  func `a call that fails, or is the last, loses nothing and leaves nothing half-written`() throws {
    try withFolder { program in
      let sample = try program.shell(
        "exec python3 \"$0\" \"$1\" --every 60 --scratch scratch", [Self.tool, Program.path])
      #expect(sample.status == 0, "\(sample.output)\(sample.errors)")
      #expect(sample.output.hasSuffix(" s\n") && sample.output.contains(" 0 wrong"))
    }
  }
}
