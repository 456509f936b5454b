import ArgumentParser
import Determinism
import Interchange

struct SchemaCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of the document that 'register' reads.",
    discussion: """
      JSON Schema, draft 2020-12: give it to an editor, or to a validator in your own language. 'dormouse check \
      run.json' also looks at the files that a document names.

      \(ExitStatus.help)
      """)

  func perform(on terminal: Terminal) throws -> ExitStatus {
    try terminal.write(document: RunDocument.schema)
    return .done
  }
}
