import Determinism
import Records
import Statistics
import Studies

/// The tables that runs are exported as: one row a run, and its values in long form.
struct RunTables {
  let runs: [ExportedRun]

  var all: [RunTable] {
    [runsTable, configuration, metrics, series, curves, artifacts, reruns]
  }

  /// One row a run.
  var runsTable: RunTable {
    RunTable(
      "runs",
      [
        "run", "study", "kind", "name", "state", "arm", "seed", "phase", "rerun", "started",
        "finished", "seconds", "tags", "parent", "record", "config",
      ]
    ) { emit in
      for run in runs {
        let times = run.times
        try emit([
          .init(run.id), .init(run.slug), .init(run.kind.rawValue), .init(run.name),
          .init(run.state.rawValue), .init(run.arm), .init(run.seed.map { JSON($0) }),
          .init(run.phase?.rawValue), .init(run.verdict), .init(times.started?.text),
          .init(times.finished?.text), .init(run.seconds),
          .init(run.tags.joined(separator: " ")), .init(run.parent), .init(run.record),
          .init(JSON.object(run.config).canonicalText),
        ])
      }
    }
  }

  /// Every setting of every run, by dotted key.
  var configuration: RunTable {
    RunTable("config", ["run", "key", "value"]) { emit in
      for run in runs {
        for (key, value) in Self.leaves(.object(run.config)) {
          try emit([.init(run.id), .init(key), .init(value)])
        }
      }
    }
  }

  var metrics: RunTable {
    RunTable("metrics", ["run", "stage", "metric", "value"]) { emit in
      for run in runs {
        for part in run.parts {
          for (name, value) in Self.sorted(part.values.scalars) {
            try emit([.init(run.id), .init(part.stage), .init(name), .number(value)])
          }
        }
      }
    }
  }

  var series: RunTable {
    RunTable("series", ["run", "stage", "series", "step", "value"]) { emit in
      for run in runs {
        for part in run.parts {
          for (name, series) in Self.sorted(part.values.series) {
            for (step, value) in zip(series.steps, series.values) {
              try emit([
                .init(run.id), .init(part.stage), .init(name), .integer(step), .number(value),
              ])
            }
          }
        }
      }
    }
  }

  /// ROC curves as counts: what is flagged at each threshold and above.
  var curves: RunTable {
    RunTable(
      "curves", ["run", "stage", "curve", "threshold", "tp", "fp", "tn", "fn"]
    ) { emit in
      for run in runs {
        for part in run.parts {
          for (name, curve) in Self.sorted(part.values.curves) {
            for (index, threshold) in curve.thresholds.enumerated() {
              let (tp, fp) = (curve.truePositives[index], curve.falsePositives[index])
              try emit([
                .init(run.id), .init(part.stage), .init(name), .number(threshold), .integer(tp),
                .integer(fp), .integer(curve.negatives - fp), .integer(curve.positives - tp),
              ])
            }
          }
        }
      }
    }
  }

  var artifacts: RunTable {
    RunTable(
      "artifacts", ["run", "stage", "artifact", "media_type", "bytes", "role", "sha256"]
    ) { emit in
      for run in runs {
        for part in run.parts {
          for (name, artifact) in Self.sorted(part.values.artifacts) {
            try emit([
              .init(run.id), .init(part.stage), .init(name), .init(artifact.mediaType),
              .integer(artifact.size), .init(artifact.role.rawValue), .init(artifact.digest),
            ])
          }
        }
      }
    }
  }

  var reruns: RunTable {
    RunTable(
      "reruns",
      [
        "run", "verdict", "compared", "stage", "key", "step", "recorded", "recomputed", "ulps",
        "not_checked", "note", "finished",
      ]
    ) { emit in
      for run in runs {
        for rerun in run.reruns {
          let first = rerun.firstDivergence
          try emit([
            .init(run.id), .init(rerun.verdict.rawValue), .integer(rerun.compared),
            .init(first?.stage), .init(first?.key), .init(first?.step), .init(first?.recorded),
            .init(first?.recomputed), .init(first?.ulps.map { JSON($0) }),
            .init(rerun.notChecked.joined(separator: "; ")), .init(rerun.note),
            .init(Moment(rerun.circumstances["finished"])?.text),
          ])
        }
      }
    }
  }

  // MARK: Order

  /// By the bytes of the names.
  static func sorted<Value>(_ values: [String: Value]) -> [(name: String, value: Value)] {
    values.map { (name: $0.key, value: $0.value) }
      .sorted { JSON.Text($0.name) < JSON.Text($1.name) }
  }

  /// Values by dotted key, in the order of the document; lists and empty mappings are values.
  static func leaves(_ json: JSON, under prefix: String = "") -> [(key: String, value: JSON)] {
    guard let object = json.object, !object.isEmpty else { return [(key: prefix, value: json)] }
    return object.members.flatMap { member in
      leaves(
        member.value, under: prefix.isEmpty ? member.key.value : "\(prefix).\(member.key.value)")
    }
  }
}
