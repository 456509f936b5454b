import ArgumentParser
import Determinism
import Records

/// Some of the runs, drawn so that nobody can choose them: by the head of the ledger, which is known only once
/// everything is recorded. `--sample 20` draws by the head there is, `--sample 20@55dc0bffeb` again by an
/// earlier one: a rerun adds to the ledger, and so moves its head.
struct DrawnSample: ExpressibleByArgument, Equatable {
  let count: Int
  /// First ten digits of a head; nil = the present one.
  let head: String?

  init?(argument: String) {
    let parts = argument.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let count = Int(parts[0]), count > 0 else { return nil }
    self.count = count
    head = parts.count == 2 ? parts[1] : nil
    if let head {
      guard head.utf8.count == 10, Hexadecimal.bytes(of: head) != nil else { return nil }
    }
  }

  /// The sample in the runs' own order, and what was drawn by.
  func draw(from runs: [RunRecord], head present: Digest) -> (runs: [RunRecord], head: String) {
    let head = self.head ?? present.short
    let ranked = runs.map { (run: $0, rank: Digest(of: "sample/\(head)/\($0.id.hex)")) }
      .sorted { $0.rank < $1.rank }
    let drawn = Set(ranked.prefix(count).map(\.run.id))
    return (runs.filter { drawn.contains($0.id) }, head)
  }
}
