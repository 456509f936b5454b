import Determinism
import Records
import Rendering
import Studies

/// The settings of each stage as a folding tree; what this run's point sets is marked.
struct RunConfiguration {
  let run: RunView
  let study: StudyView

  func blocks() -> [Block] {
    guard run.stages.contains(where: { $0.record != nil }) else { return [] }
    var blocks: [Block] = [.heading(2, "Settings")]
    let point = run.record.run.point
    if !point.isEmpty {
      blocks.append(
        .paragraph([
          "What differs from the study's base is ", .strong(["bold"]), ": ",
          .code(
            point.members.map { "\($0.key.value) = \(Words.value($0.value))" }.joined(
              separator: ", ")),
          ".",
        ]))
    }
    for stage in run.stages {
      guard let record = stage.record else { continue }
      let step = record.step
      var rows: [[Inline]] = []
      flatten([], .object(step.options), stage: stage.name, into: &rows)
      rows.append([.text("seed: "), .code(String(step.seed))])
      rows.append([.text("backend: "), .code(step.backend)])
      for (port, key) in step.inputs.sorted(by: { $0.key < $1.key }) {
        rows.append([.text("input \(port): "), .digest(key.hex)])
      }
      blocks.append(
        .details(
          summary: [.text("\(stage.name) "), .muted([.text("\(step.kind)@\(step.version)")])],
          [.list(rows)]))
    }
    return blocks
  }

  private func flatten(_ path: [String], _ json: JSON, stage: String, into rows: inout [[Inline]]) {
    if let object = json.object, !object.isEmpty {
      for member in object.members {
        flatten(path + [member.key.value], member.value, stage: stage, into: &rows)
      }
      return
    }
    let name = path.joined(separator: ".")
    let point = run.record.run.point
    let isVaried = point[name] != nil || point["stages.\(stage).\(name)"] != nil
    let text: [Inline] = [.text(name + ": "), .code(Words.value(json))]
    rows.append(isVaried ? [.strong(text)] : text)
  }
}
