import ArgumentParser
import Determinism
import Records

struct NoteCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "note",
    abstract: "Write something down about a run, in Markdown.",
    discussion: """
      A note is an appended record: the run's own stays as it was, and notes are never changed. It travels in \
      archives and is shown by 'show' and on the run's page.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The first digits of a run's id.", valueName: "run"))
  var name: String

  @Argument(help: ArgumentHelp("The note, or - for standard input.", valueName: "text"))
  var text: [String]

  @OptionGroup var common: CommonOptions

  /// Markdown beyond this is no note; pages refuse it too.
  private static let longest = 256 << 10

  func perform(on terminal: Terminal) throws -> ExitStatus {
    var note = text.joined(separator: " ")
    if text == ["-"] {
      let bytes = try Files.standardInput(limit: 4 * Self.longest)
      guard let read = String(validating: bytes, as: UTF8.self) else {
        throw Failure(.usage, "standard input: not UTF-8 text", hint: "iconv -t UTF-8")
      }
      note = read
    }
    while let last = note.utf8.last, last == 0x0A || last == 0x0D {
      note.unicodeScalars.removeLast()
    }
    guard note.utf8.contains(where: { $0 > 0x20 }) else {
      throw Failure(.usage, "the note is empty", hint: "dormouse note \(name) \"what was seen\"")
    }
    guard note.utf8.count <= Self.longest else {
      throw Failure(
        .usage, "the note is longer than \(Self.longest >> 10) KiB",
        hint: "register a document with an artifact instead")
    }
    let registry = try common.openRegistry(.existing)
    let run = try RunName(name).details(in: registry)
    let annotation = AnnotationRecord(
      slug: run.slug, run: run.id, note: note, circumstances: circumstancesOfAnnotation())
    guard try registry.record(annotation) else {
      try terminal.say(common.json ? "{}" : "run \(run.id.short) has this note already")
      return .done
    }
    try answer(annotation, "noted", common, on: terminal)
    return .done
  }
}

// What notes and tags share.
extension DormouseSubcommand {
  /// When and with which program: a note says nothing that depends on the machine.
  func circumstancesOfAnnotation() -> JSON.Object {
    var facts = JSON.Object()
    facts["at"] = JSON(Machine.now())
    facts["dormouse"] = JSON(Version.text)
    return facts
  }

  func answer(
    _ annotation: AnnotationRecord, _ verb: String, _ common: CommonOptions, on terminal: Terminal
  ) throws {
    if common.json {
      try terminal.say(annotation.document)
      return
    }
    let tags = annotation.added.map { "+\($0)" } + annotation.removed.map { "-\($0)" }
    try terminal.say(
      "run \(annotation.run.short) · \(annotation.slug) · \(([verb] + tags).joined(separator: " "))"
        .forTerminal)
  }
}
