import Records
import Studies

extension Failure {
  /// Every error of the libraries in the program's voice. The wording is the error's own; what is added here
  /// is the exit status.
  init(describing error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let problems as StudyProblems:
      self.init(.usage, lines: [problems.description])
    case let registry as RegistryError:
      self.init(.couldNotFinish, registry.problem, hint: registry.hint)
    default: self.init(.couldNotFinish, String(describing: error))
    }
  }
}
