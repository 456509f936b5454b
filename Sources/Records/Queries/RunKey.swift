import Determinism
import Studies

/// What a filter, a sort or a column asks of a run.
package enum RunKey: Hashable, Sendable {
  /// One of the things that every registry knows of its runs.
  case fact(Fact)
  /// `config.x`: a setting by its dotted path.
  case setting(JSON.Text)
  /// `metric.x`: a single number; of a run with stages `stage:x`, or the last stage's `x`.
  case metric(JSON.Text)
  /// `series.x`: the last value of a series, named as metrics are.
  case series(JSON.Text)
  /// `circumstances.x` by its dotted path.
  case circumstance(JSON.Text)
  /// `tag.x`: of a tag `x=value` its value, of a plain tag `x` the text "".
  case tagged(JSON.Text)
  /// `prediction.x`: the last assessment of the prediction over this run.
  case prediction(JSON.Text)
  /// Without a prefix: a setting where the run has one of that name, else a metric.
  case named(JSON.Text)

  package enum Fact: String, Sendable, CaseIterable {
    case id, study, kind, name
    case clientID = "client_id"
    case arm, seed, phase, ordinal, state, rerun, parent, tag
  }

  private static let prefixes: [(String, @Sendable (JSON.Text) -> RunKey)] = [
    ("config.", { .setting($0) }), ("metric.", { .metric($0) }), ("series.", { .series($0) }),
    ("circumstances.", { .circumstance($0) }), ("tag.", { .tagged($0) }),
    ("prediction.", { .prediction($0) }),
  ]

  /// nil for an empty name.
  package init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    if let fact = Fact(rawValue: text) {
      self = .fact(fact)
      return
    }
    for (prefix, make) in Self.prefixes where text.utf8.starts(with: prefix.utf8) {
      let rest = String(decoding: Array(text.utf8.dropFirst(prefix.utf8.count)), as: UTF8.self)
      guard !rest.isEmpty else { return nil }
      self = make(JSON.Text(rest))
      return
    }
    self = .named(JSON.Text(text))
  }

  /// As it is written.
  package var text: String {
    switch self {
    case .fact(let fact): fact.rawValue
    case .setting(let name): "config.\(name.value)"
    case .metric(let name): "metric.\(name.value)"
    case .series(let name): "series.\(name.value)"
    case .circumstance(let name): "circumstances.\(name.value)"
    case .tagged(let name): "tag.\(name.value)"
    case .prediction(let name): "prediction.\(name.value)"
    case .named(let name): name.value
    }
  }

  /// The words that it can be, where they are few: a comparison with another is a mistake.
  var words: [String]? {
    switch self {
    case .fact(.kind): ["planned", "registered"]
    case .fact(.phase): SeedPhase.allCases.map(\.rawValue)
    case .fact(.state): RunState.allCases.map(\.rawValue)
    case .fact(.rerun):
      (Verdict.allCases.map(\.rawValue) + ["NEVER-RERUN", "NOT-RERUNNABLE"]).map { $0.lowercased() }
    case .prediction: ClaimResult.allCases.map(\.rawValue)
    default: nil
    }
  }
}
