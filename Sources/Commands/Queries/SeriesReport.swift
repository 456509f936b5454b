import Determinism
import Records
import Studies

/// Every point of some series of a run.
struct SeriesReport {
  enum Form { case text, json, csv }

  let registry: Registry
  let run: RunName
  let names: [String]

  func print(on terminal: Terminal, as form: Form) throws {
    let found = try series()
    switch form {
    case .csv:
      let isOne = found.count == 1
      try terminal.write(
        bytes: CSV.line((isOne ? [] : [.text("series")]) + [.text("step"), .text("value")]))
      for (name, series) in found {
        try SeriesPoints(series).each { steps, values in
          let lines = zip(steps, values).map { step, value in
            CSV.line((isOne ? [] : [.text(name)]) + [.integer(step), .number(value)])
          }
          try terminal.write(bytes: Array(lines.joined()))
        }
      }
    case .json:
      try terminal.say(
        .object(
          JSON.Object(
            found.map { name, series in
              (
                name,
                [
                  "steps": .array(series.steps.map { JSON($0) }),
                  "values": .array(series.values.map { JSON($0) }),
                ]
              )
            })))
    case .text:
      for (name, series) in found {
        var table = Table([("step", .right), (name.forTerminal, .left)])
        for (step, value) in zip(series.steps, series.values) {
          table.add(["\(step)", value.description])
        }
        try terminal.say(table.lines)
      }
    }
  }

  /// A recorded run's without reading its others; a live one's out of its lines.
  private func series() throws -> [(String, Series)] {
    let id = try run.id(in: registry)
    var live: RunDetails?
    return try names.map { name in
      if let series = try registry.series(name, of: id) { return (name, series) }
      let details = try live ?? run.details(in: registry, readingSeries: true)
      live = details
      if let series = details.values.series[name] { return (name, series) }
      let known = details.values.series.keys.map { JSON.Text($0) }.sorted().map(\.value)
      let near = Spelling.nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw Failure(
        .usage, "run \(id.short) has no series '\(name)'\(near)",
        hint: known.isEmpty
          ? "it has none"
          : "it has \(known.prefix(8).joined(separator: ", "))\(known.count > 8 ? ", …" : "")")
    }
  }
}
