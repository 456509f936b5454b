import Foundation

/// A few runs registered from elsewhere: quick to make, and their ids are the same every time.
enum Elsewhere {
  static let documents = [
    "a": """
    {"study": "probes", "id": "a", "name": "mean difference", "tags": ["sweep=3"],
     "config": {"optimizer": {"lr": 0.001, "betas": [0.9, 0.95]}, "layer": 12, "seed": "7"},
     "environment": {"torch": "2.9.1", "git": {"commit": "1f00", "dirty": false}, "gpu": "H100"},
     "times": {"finished": "2026-11-20T10:00:00Z"},
     "metrics": {"auroc": 0.93, "loss": 0.5},
     "series": {"loss": {"steps": [0, 10, 20], "values": [2.5, 1.25, 0.5]}},
     "scores": {"defection": {"scores": [0.1, 0.9, 0.4, 0.8], "labels": [0, 1, 0, 1]}}}
    """,
    "b": """
    {"study": "probes", "id": "b", "name": "logistic", "tags": ["sweep=3", "draft"],
     "config": {"optimizer": {"lr": 0.003, "betas": [0.9, 0.95]}, "layer": 12, "seed": "7"},
     "environment": {"torch": "2.9.1", "git": {"commit": "2e11", "dirty": true}, "gpu": "H100"},
     "metrics": {"auroc": 0.9300000000000002, "loss": NaN},
     "series": {"loss": {"steps": [0, 10, 20], "values": [2.5, 1.2500000000000002, 0.75]}},
     "scores": {"defection": {"scores": [0.1, 0.9, 0.95, 0.8], "labels": [0, 1, 0, 1]}},
     "notes": "Diverges on *validation*."}
    """,
    "c": """
    {"study": "steering", "id": "c", "name": "=1+1", "state": "failed",
     "config": {"optimizer": {"lr": 0.001, "betas": [0.9, 0.95]}, "layer": 12, "seed": "7"},
     "metrics": {"auroc": 0.5}, "series": {"gradient": [1, 2]}}
    """,
  ]

  static func register(in program: Program) throws {
    for (name, document) in documents.sorted(by: { $0.key < $1.key }) {
      try Data(document.utf8).write(to: URL(filePath: "\(program.folder)/\(name).json"))
    }
    let outcome = try program.run(["register", "a.json", "b.json", "c.json", "--quiet"])
    guard outcome.status == 0 else { throw TinyStudy.Failed(outcome: outcome) }
  }

  /// A shell function that gives the id of a run by the `id` in its document.
  static let id = #"id() { dormouse list --where "client_id = $1" --columns id --csv | tail -1; }"#
}
