import Determinism
import Records

/// A study's archive: a folder that outlives the registry it came from.
///
/// ```
/// archive.json       format, slug, chains (origin, length, head), head, counts, SHA-256 of records.jsonl
/// records.jsonl      one canonical document per line in ledger order, with its place in the chain
/// objects/<sha256>   the kept artifacts; with weights, those of the remade ones that were held
/// ```
/// Nothing in it depends on when, where or in what order it was written: the export of an imported archive
/// is the archive.
package enum ArchiveFormat {
  static let version = 1
  static let manifest = "archive.json"
  static let records = "records.jsonl"
  static let objects = "objects"

  // What a reader takes at most; an archive that is committed has a few megabytes.
  static let largestManifest = 16 << 20
  static let largestRecords = 1 << 30
  /// Without the points of a registered run.
  static let largestLine = 64 << 20
  static let largestObject = 4 << 30

  /// `archive.json` of what an archive holds.
  static func manifest(
    slug: String, chains: [LedgerChain], counts: [String: Int], records: Digest, withWeights: Bool,
    artifacts: Int
  ) -> JSON {
    [
      "format": JSON(version), "slug": JSON(slug),
      "chains": .array(
        chains.map {
          [
            "origin": JSON($0.origin), "length": JSON($0.entries.count), "head": JSON($0.head),
          ]
        }),
      "head": JSON(LedgerChain.head(of: chains)),
      "counts": .object(JSON.Object(counts.map { ($0.key, JSON($0.value)) })),
      "records_sha256": JSON(records), "artifacts": JSON(artifacts),
      "with_weights": JSON(withWeights),
    ]
  }

  /// A line of `records.jsonl` where an earlier line has the document.
  static func line(_ entry: LedgerChain.Entry) -> JSON {
    ["kind": JSON(entry.kind), "record": JSON(entry.record), "link": JSON(entry.link)]
  }

  /// What stands before the document, which is the first member by its bytes, in the line that has it.
  static let beforeDocument = "{\"document\":"
}

/// Why an archive cannot be read or written, and where: `records.jsonl:17: …`.
package struct ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The archive's folder.
  package let folder: String
  /// Within it; empty when the folder itself is at fault.
  package let file: String
  /// 1-based; 0 when the file as a whole is at fault.
  package let line: Int
  package let message: String
  package let hint: String?

  init(_ folder: String, _ message: String, hint: String? = nil) {
    self.init(folder, "", message, hint: hint)
  }

  init(_ folder: String, _ file: String, line: Int = 0, _ message: String, hint: String? = nil) {
    self.folder = folder
    self.file = file
    self.line = line
    self.message = message
    self.hint = hint
  }

  package var problem: String {
    let place = [folder, file].filter { !$0.isEmpty }.joined(separator: "/")
    return line == 0 ? "\(place): \(message)" : "\(place):\(line): \(message)"
  }

  package var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
