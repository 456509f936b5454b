import Determinism
import Glibc
import TensorCore

/// Our own side of a benchmark: the other end of `Party`, in a process of its own so that its peak memory
/// is that of the workload.
package enum WorkloadServer {
  /// Answers the lines of standard input until they end.
  package static func serve(
    _ workload: any Workload, say: (String) throws -> Void
  ) throws {
    var introduction = JSON.Object([("facts", .array(workload.facts.map { JSON($0) }))])
    introduction["parameters"] = workload.parameters.map { JSON($0) }
    try say(JSON.object(introduction).canonicalText)
    while let line = readLine() {
      let words = line.utf8.split(separator: UInt8(ascii: " "))
      guard words.count == 2, words[0].elementsEqual("round".utf8),
        let steps = Int(String(decoding: words[1], as: UTF8.self)), steps > 0
      else {
        throw BenchmarkError.unreadable(program: "dormouse", during: "as a worker", message: line)
      }
      let seconds = Stopwatch.seconds { for _ in 0..<steps { workload.step() } }
      var answer = JSON.Object([("seconds", JSON(seconds))])
      answer["peak_kib"] = Host.peakKiB.map { JSON($0) }
      try say(JSON.object(answer).canonicalText)
    }
  }
}
