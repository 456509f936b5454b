import Determinism
import Records
import Rendering
import Statistics
import Studies

extension EvidenceTable {
  /// The questions of the checklist in its order.
  var items: [Item] {
    [
      claimsItem, limitsItem,
      Item(
        number: 3, question: "Theory, assumptions and proofs", answer: .authors,
        why: "Records hold measurements, no proofs."),
      reproducibilityItem, accessItem, settingsItem, statisticsItem, computeItem,
      Item(
        number: 9, question: "Code of ethics", answer: .authors, why: "No record tells."),
      Item(
        number: 10, question: "Broader impacts", answer: .authors, why: "No record tells."),
      Item(
        number: 11, question: "Safeguards", answer: .authors,
        why: hasOrganisms
          ? "No record tells; what the models do when triggered is in their cards (--format model-card)."
          : "No record tells."),
      Item(
        number: 12, question: "Licences for existing assets", answer: .authors,
        why: "No record tells."),
      Item(
        number: 13, question: "New assets", answer: .authors,
        why: hasOrganisms
          ? "The models are documented in their cards (--format model-card)." : "No record tells."),
      Item(
        number: 14, question: "Crowdsourcing and human subjects", answer: .authors,
        why: "No record tells."),
      Item(
        number: 15, question: "Review board approvals", answer: .authors, why: "No record tells."),
      Item(
        number: 16, question: "Use of language models", answer: .authors, why: "No record tells."),
    ]
  }

  private var hasOrganisms: Bool {
    evidence.contains { $0.arm.utf8.elementsEqual(ModelCard.arm.utf8) }
  }

  /// Yes: frozen, and every prediction judged. Partly: one of the two does not hold.
  private var claimsItem: Item {
    let question = "Claims"
    guard !current.isEmpty else {
      return Item(
        number: 1, question: question, answer: .authors,
        why: "The study predicts nothing, so no claim can be held against a record.")
    }
    let judged = current.count { $0.result != .notTested }
    let frozen =
      isFrozen
      ? "frozen before the confirmatory seeds"
      : study.freezes.isEmpty ? "not frozen" : "changed since they were frozen"
    return Item(
      number: 1, question: question,
      answer: isFrozen && judged == current.count ? .yes : .partly,
      why:
        "\(Words.plural(current.count, "prediction")), \(frozen): \(PredictionsBoard.counts(current)).",
      section: "Claims")
  }

  /// Yes: the authors name limits, and what records show is listed beside them.
  private var limitsItem: Item {
    let isNamed = !NarrativeSection.limits(of: study, index).isEmpty
    return Item(
      number: 2, question: "Limitations", answer: isNamed ? .yes : .partly,
      why: isNamed
        ? "What the records show, and what the authors name."
        : "What the records show; no narrative with a section on limits was given.",
      section: "Limitations")
  }

  /// Yes: every completed run was performed again to the same values. No: none was, or one diverged.
  private var reproducibilityItem: Item {
    let question = "Reproducibility of experimental results"
    let runs = completed
    guard !runs.isEmpty else {
      return Item(
        number: 4, question: question, answer: .no,
        why: study.registered.isEmpty
          ? "No run has completed."
          : "\(RegisteredRuns.count(study.registered)), which only their owners can run again.",
        section: "Reproducibility")
    }
    let same = runs.count { $0.lastVerdict == .exact || $0.lastVerdict == .withinTolerance }
    let diverged = runs.count { $0.lastVerdict == .diverged }
    let rerun = runs.count { $0.lastVerdict != nil }
    let answer: Answer =
      same == runs.count && study.registered.isEmpty
      ? .yes : rerun == 0 || diverged > 0 ? .no : .partly
    let verdicts = Verdict.allCases.compactMap { verdict -> String? in
      let n = runs.count { $0.lastVerdict == verdict }
      return n == 0 ? nil : "\(n) \(verdict.rawValue)"
    }
    let more =
      study.registered.isEmpty
      ? ""
      : " Besides, \(RegisteredRuns.count(study.registered)), which only their owners can run again."
    return Item(
      number: 4, question: question, answer: answer,
      why:
        "\(rerun) of \(Words.plural(runs.count, "completed run")) performed again from the record alone"
        + (verdicts.isEmpty ? "." : ": \(verdicts.joined(separator: ", ")).") + more,
      section: "Reproducibility")
  }

  private var accessItem: Item {
    Item(
      number: 5, question: "Open access to data and code", answer: .partly,
      why: (completed.isEmpty
        ? "The archive carries what was handed in; "
        : "The archive carries what is needed to perform the runs again; ")
        + "where it and the code are published no record tells.",
      section: "Data and code")
  }

  /// Yes: every run was performed here, so every option is in its record.
  private var settingsItem: Item {
    let hasOwn = !completed.isEmpty
    return Item(
      number: 6, question: "Experimental setting and details",
      answer: hasOwn && study.registered.isEmpty ? .yes : .partly,
      why: hasOwn
        ? "Every option of every stage, with those that were varied; seeds for choosing settings apart from those that count."
          + (study.registered.isEmpty ? "" : " Of runs from elsewhere, what their owners told.")
        : "What the runs' owners told.",
      section: "Settings")
  }

  /// Yes: every judged estimate has an interval with two ends.
  private var statisticsItem: Item {
    let question = "Statistical significance"
    let estimates = current.compactMap(\.assessment).flatMap(\.estimates)
    guard !estimates.isEmpty else {
      return Item(
        number: 7, question: question, answer: .authors, why: "No prediction has been judged.",
        section: "Statistics")
    }
    let with = estimates.count(where: \.hasInterval)
    return Item(
      number: 7, question: question, answer: with == estimates.count ? .yes : .partly,
      why:
        "\(with) of \(Words.plural(estimates.count, "estimate")) with an interval over seeds; supports corrected for the number of claims.",
      section: "Statistics")
  }

  /// Yes: every stage result tells its time, and the machine is named.
  private var computeItem: Item {
    let question = "Compute resources"
    let found = StudyCompute(completed)
    guard found.results > 0 else {
      return Item(
        number: 8, question: question, answer: .authors, why: "No stage was performed here.",
        section: "Compute")
    }
    let isWhole = found.timed == found.results && !found.facts.isEmpty
    return Item(
      number: 8, question: question, answer: isWhole ? .yes : .partly,
      why:
        "\(NumberText.duration(found.seconds)) over \(Words.plural(found.results, "stage result")) on \(Words.plural(found.machines, "machine")); memory is not recorded, nor what was computed outside this registry.",
      section: "Compute")
  }
}
