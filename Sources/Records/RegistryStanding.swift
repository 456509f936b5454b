import Determinism
import GRDB

/// All that tells one state of a registry from another: little, and quickly read however much is recorded.
package struct RegistryStanding: Equatable, Sendable {
  package struct Unfinished: Equatable, Sendable {
    package let run: Digest
    package let state: RunState
    /// What was said when it last stopped; may be empty.
    package let note: String
  }

  /// Of the ledger: it stands for every record.
  package let head: Digest
  /// Studies with a chain, sorted by bytes.
  package let slugs: [String]
  /// Planned runs that are not completed, sorted by id: they have no record.
  package let unfinished: [Unfinished]
  /// Digests of the documents of live runs, sorted: they have no record either.
  package let live: [Digest]
}

extension Snapshot {
  package var standing: RegistryStanding {
    RegistryStanding(
      head: head, slugs: Set(chains.map { JSON.Text($0.slug) }).sorted().map(\.value),
      unfinished: states.filter { $0.value != .completed }.map { run, state in
        RegistryStanding.Unfinished(run: run, state: state, note: notes[run] ?? "")
      }.sorted { $0.run < $1.run },
      live: live.values.map { Digest(of: $0.document) }.sorted())
  }
}

extension Registry {
  /// Of what a snapshot would hold, with these live runs.
  package func standing(live: [RegisteredRunRecord]) throws -> RegistryStanding {
    try reading { db in
      let unfinished = try db.rows(
        "SELECT run, CAST(state AS BLOB), CAST(note AS BLOB) FROM attempt"
      ).map { row in
        let run = try row.digest(0)
        return RegistryStanding.Unfinished(
          run: run, state: try living(try row.choice(1, of: RunState.self), run),
          note: try row.text(2))
      }
      let slugs = try db.rows("SELECT DISTINCT CAST(slug AS BLOB) FROM chain").map {
        JSON.Text(try $0.text(0))
      }
      let new = try live.filter { run in
        guard kinds.contains(.registeredRun) else { return true }
        return try db.row("SELECT 1 FROM registered_run WHERE run = ?", [.digest(run.id)]) == nil
      }
      return RegistryStanding(
        head: try LedgerTable.head(db), slugs: slugs.sorted().map(\.value),
        unfinished: unfinished.sorted { $0.run < $1.run },
        live: new.map { Digest(of: $0.document) }.sorted())
    }
  }
}
