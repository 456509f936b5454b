import Determinism
import Records
import Rendering

/// The hash chains: what makes tampering evident to whoever noted a head elsewhere.
enum LedgerPage {
  static func page(_ index: SiteIndex) -> Page {
    let snapshot = index.snapshot
    var blocks: [Block] = [
      .lead(["Every record is hashed, and each hash is chained to the one before it."]),
      .paragraph([
        "The head below is SHA-256 over all chains. Whoever notes it down today can show tomorrow whether anything recorded until now was changed; without a head noted elsewhere, a chain proves only that it is consistent. Check a registry or this site against a head with:"
      ]),
      .code("dormouse check ./site --expect-head \(snapshot.head.hex)"),
      .facts([(value: [.digest(snapshot.head.hex)], label: ["head of the registry"])]),
    ]
    for chain in snapshot.chains {
      var counts: [String: Int] = [:]
      for entry in chain.entries { counts[entry.kind, default: 0] += 1 }
      let summary = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        .joined(separator: ", ")
      blocks.append(
        .heading(
          2, chain.slug, anchor: "chain-\(chain.origin.short)-\(Link.anchorName(chain.slug))"))
      blocks.append(
        .paragraph([
          "Origin ", .digest(chain.origin.hex),
          .text(", \(Words.plural(chain.entries.count, "record")): \(summary)."),
        ]))
      var table = Table(
        caption: "The newest records of the chain, last first",
        columns: [.init("Position", numeric: true), .init("Kind"), .init("Record"), .init("Link")],
        style: "points")
      for (position, entry) in chain.entries.enumerated().reversed().prefix(40) {
        table.append(
          Table.Row([
            [.text(NumberText.count(position + 1))], [.text(entry.kind)],
            [.digest(entry.record.hex)],
            [.digest(entry.link.hex)],
          ]))
      }
      blocks.append(
        .details(
          summary: [.text("\(table.rows.count) of \(chain.entries.count) records")], [.table(table)]
        ))
    }
    return Page(
      path: "ledger/index.html", title: "Ledger", kicker: "Registry",
      summary: "The hash chains of the registry and their head.", blocks: blocks)
  }
}
