import Benchmarks
import Experiments
import Interchange
import Publishing
import Records
import Studies

extension Failure {
  /// Every error of the libraries in the program's voice. The wording is the error's own; what is added here
  /// is the exit status.
  init(describing error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let problems as StudyProblems:
      // Each problem brings its place, and "error:" stands behind it.
      self.init(.usage, lines: Self.lines(of: problems.description))
    case let problems as RunDocumentProblems:
      self.init(.usage, lines: Self.lines(of: problems.description))
    case let query as QueryError:
      self.init(
        .usage, lines: ["error: \(query.message)"] + query.illustration.map { "  \($0)" },
        hint: query.hint)
    case let detection as DetectionProblem:
      self.init(.couldNotFinish, detection.description, hint: detection.hint)
    case let registry as RegistryError:
      self.init(.couldNotFinish, registry.problem, hint: registry.hint)
    case let archive as ArchiveError:
      self.init(.couldNotFinish, archive.problem, hint: archive.hint)
    case let foreign as ForeignProblem:
      self.init(.couldNotFinish, foreign.problem, hint: foreign.hint)
    case let publishing as PublishingError:
      if case .template(let template) = publishing {
        self.init(.usage, lines: Self.lines(of: template.description))
      } else {
        self.init(.couldNotFinish, publishing.problem, hint: publishing.hint)
      }
    case let benchmark as BenchmarkError:
      let status: ExitStatus? =
        benchmark == .interrupted ? Signals.pending.map(Signals.status) : nil
      self.init(status ?? .couldNotFinish, benchmark.problem, hint: benchmark.hint)
    default:
      self.init(.couldNotFinish, lines: Self.lines(of: "error: \(error)"))
    }
  }

  private static func lines(of text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: Array($0), as: UTF8.self)
    }
  }
}
