import ArgumentParser
import Determinism
import Records

struct TagCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Put tags on a run and take them off.",
    discussion: """
      +a puts the tag a on, -b takes b off; a tag may be key=value. Each change is an appended record. Without \
      changes the run's tags are printed.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The first digits of a run's id.", valueName: "run"))
  var name: String

  @Argument(help: ArgumentHelp("+a to put a tag on, -b to take one off.", valueName: "±tag"))
  var changes: [String] = []

  @Option(help: ArgumentHelp("Take this tag off: what -b stands for.", valueName: "tag"))
  var remove: [String] = []

  @OptionGroup var common: CommonOptions

  /// `-b` looks like an option and is none: it becomes `--remove=b` before the command line is read.
  static func rewriting(_ arguments: [String]) -> [String] {
    guard arguments.first == "tag" else { return arguments }
    var isLiteral = false
    return arguments.enumerated().map { index, argument in
      if index > 0, arguments[index - 1] == "--" { isLiteral = true }
      let bytes = Array(argument.utf8)
      let takesValue = index > 0 && ["--registry", "--remove"].contains(arguments[index - 1])
      guard !isLiteral, !takesValue, bytes.count > 1, bytes[0] == UInt8(ascii: "-"),
        bytes[1] != UInt8(ascii: "-"), !["-q", "-h"].contains(argument)
      else { return argument }
      return "--remove=" + String(decoding: bytes.dropFirst(), as: UTF8.self)
    }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let added = try changes.map { change throws(Failure) -> String in
      guard change.utf8.first == UInt8(ascii: "+") else {
        throw Failure(.usage, "'\(change)' changes no tag", hint: "+\(change) puts it on")
      }
      return String(decoding: change.utf8.dropFirst(), as: UTF8.self)
    }
    for tag in added + remove where tag.isEmpty || tag.utf8.count > 1000 {
      throw Failure(.usage, "a tag has 1 to 1000 bytes", hint: "a longer text is a note")
    }
    if let both = added.first(where: { tag in remove.contains { JSON.Text($0) == JSON.Text(tag) } })
    {
      throw Failure(.usage, "'\(both)' is put on and taken off", hint: "decide on one")
    }
    let registry = try common.openRegistry(added.isEmpty && remove.isEmpty ? .readOnly : .existing)
    let run = try RunName(name).details(in: registry)
    guard !added.isEmpty || !remove.isEmpty else {
      if common.json {
        try terminal.say(["run": JSON(run.id), "tags": .array(run.tags.map { JSON($0) })])
      } else {
        try terminal.say(run.tags.isEmpty ? ["no tags"] : run.tags.map(\.forTerminal))
      }
      return .done
    }
    let held = Set(run.tags.map { JSON.Text($0) })
    if let missing = remove.first(where: { !held.contains(JSON.Text($0)) }) {
      let known = run.tags.isEmpty ? "it has none" : "it has \(run.tags.joined(separator: ", "))"
      throw Failure(.usage, "run \(run.id.short) has no tag '\(missing)'", hint: known)
    }
    let annotation = AnnotationRecord(
      slug: run.slug, run: run.id, added: added.filter { !held.contains(JSON.Text($0)) },
      removed: remove, circumstances: circumstancesOfAnnotation())
    if annotation.added.isEmpty, annotation.removed.isEmpty {
      try terminal.say(common.json ? "{}" : "run \(run.id.short) has these tags already")
      return .done
    }
    try registry.record(annotation)
    try answer(annotation, "tagged", common, on: terminal)
    return .done
  }
}
