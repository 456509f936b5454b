import Determinism
import Studies

/// A run as lists have it: what was asked for, and none of its series.
package struct RunSummary: Sendable {
  package let id: Digest
  package let slug: String
  package let state: RunState
  /// Canonical bytes: of a planned run its point, of a registered one its config. Empty when nobody asked.
  let config: [UInt8]
  /// Canonical bytes; empty when nobody asked.
  let circumstances: [UInt8]
  package let body: Body
  let source: Source

  package enum Body: Sendable {
    case planned(arm: String, seed: UInt64, phase: SeedPhase, ordinal: Int, study: Digest)
    case registered(name: String, clientID: String?, parent: Digest?, tags: RecordedTags)
  }

  /// Tags as the run's record has them: canonical bytes, for few of many runs are asked for theirs.
  package struct RecordedTags: Sendable {
    let bytes: [UInt8]
    var texts: [String] {
      bytes.count <= 2 ? [] : ((try? JSON(parsing: bytes))?.array ?? []).compactMap(\.string)
    }
  }

  /// Where more about it is to be had.
  enum Source: Sendable {
    /// A row of `run` or `registered_run`.
    case row(Int)
    /// A planned run that is not completed.
    case attempt(RunRecord)
    /// A live run, which has no record yet.
    case live(RegisteredRunRecord)
  }

  package var isRegistered: Bool { if case .registered = body { true } else { false } }

  /// As an object; empty when it was not asked for.
  package var settings: JSON.Object { (try? JSON(parsing: config))?.object ?? JSON.Object() }

  func fact(_ fact: RunKey.Fact) -> JSON? {
    switch fact {
    case .id: return JSON(id)
    case .study: return JSON(slug)
    case .kind: return JSON(isRegistered ? "registered" : "planned")
    case .state: return JSON(state.rawValue)
    case .rerun, .tag: preconditionFailure("not a fact of the run alone")
    case .name, .clientID, .parent, .arm, .seed, .phase, .ordinal: break
    }
    switch (body, fact) {
    case (.registered(let name, _, _, _), .name): return name.isEmpty ? nil : JSON(name)
    case (.registered(_, let clientID, _, _), .clientID): return clientID.map { JSON($0) }
    case (.registered(_, _, let parent, _), .parent): return parent.map { JSON($0) }
    case (.planned(let arm, _, _, _, _), .arm): return JSON(arm)
    case (.planned(_, let seed, _, _, _), .seed): return JSON(seed)
    case (.planned(_, _, let phase, _, _), .phase): return JSON(phase.rawValue)
    case (.planned(_, _, _, let ordinal, _), .ordinal): return JSON(ordinal)
    default: return nil
    }
  }
}

/// Which runs, in which order, and what of them.
package struct RunQuery: Sendable {
  package enum Column: Sendable, Hashable {
    case key(RunKey)
    /// `config.*`, `metric.*`: one for each that a selected run has.
    case allSettings, allMetrics

    /// nil for an empty name.
    package init?(_ text: String) {
      switch text {
      case "config.*": self = .allSettings
      case "metric.*": self = .allMetrics
      default:
        guard let key = RunKey(text) else { return nil }
        self = .key(key)
      }
    }
  }

  package struct SortKey: Sendable {
    package let key: RunKey
    package let isDescending: Bool
    package init(_ key: RunKey, isDescending: Bool) {
      self.key = key
      self.isDescending = isDescending
    }
  }

  package var study: String?
  package var arm: String?
  package var seeds: (@Sendable (UInt64) -> Bool)?
  package var condition: RunCondition?
  /// The condition as it was written: errors point into it.
  package var conditionText = ""
  /// Only runs with the settings of this one.
  package var sameConfigAs: Digest?
  package var sort: [SortKey] = []
  package var columns: [Column] = []
  package var limit: Int?
  /// Also the settings of the selected runs, or all metrics of the registered ones among them.
  package var wantsSettings = false
  package var wantsMetrics = false
  /// So many runs are asked one by one what they are; of more, all are at once.
  var few = 1024
  /// As if there were no index: what answers have to be, whatever the way to them.
  var asksEveryRun = false

  package init() {}

  var keys: [RunKey] {
    (condition?.comparisons.map(\.key) ?? []) + sort.map(\.key)
  }

  var needsConfig: Bool {
    wantsSettings
      || keys.contains {
        switch $0 {
        case .setting, .named: true
        default: false
        }
      }
      || columns.contains {
        switch $0 {
        case .key(.setting), .key(.named), .allSettings: true
        default: false
        }
      }
  }

  var needsCircumstances: Bool {
    (keys + columns.compactMap { if case .key(let key) = $0 { key } else { nil } }).contains {
      if case .circumstance = $0 { true } else { false }
    }
  }
}

/// What a query found.
package struct RunSelection: Sendable {
  package struct Run: Sendable {
    package let summary: RunSummary
    /// `EXACT`, …, or `NEVER-RERUN`, `NOT-RERUNNABLE`.
    package let verdict: String
    /// With what annotations made of them; sorted.
    package let tags: [String]
    /// By name; empty unless asked for.
    package let metrics: [(name: String, value: Double)]
    /// One for each column name; nil where the run has nothing.
    package let cells: [JSON?]
  }

  package let head: Digest
  /// Runs in the registry.
  package let total: Int
  /// Runs that the condition holds for, of which a limit may leave some out.
  package let matched: Int
  package let columns: [String]
  package let runs: [Run]
}
