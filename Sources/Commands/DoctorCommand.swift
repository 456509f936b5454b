import ArgumentParser
import Determinism
import Experiments
import Records
import Studies

struct DoctorCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what this machine and this registry are, and what about them needs care.",
    discussion: ExitStatus.help)

  @Flag(
    help: "Compute the same under every condition that must not matter, and compare the bits.")
  var determinism = false

  @Flag(
    help: """
      With --determinism: in other processes too, on emulated CPUs, and a study divided, killed and resumed; \
      about a minute.
      """)
  var long = false

  @Option(
    help: ArgumentHelp(
      "With --long: another build of dormouse to compare with.", valueName: "program"))
  var against: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if long, !determinism { throw ValidationError("--long belongs to --determinism") }
    if against != nil, !long { throw ValidationError("--against belongs to --determinism --long") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    determinism ? try proveDeterminism(on: terminal) : try describe(on: terminal)
  }

  private func proveDeterminism(on terminal: Terminal) throws -> ExitStatus {
    var proof = DeterminismProof { what in
      if terminal.isInteractive, !common.quiet { terminal.draw("\r\(what)\u{1B}[K") }
    }
    proof.performShortForm()
    if long {
      try Files.withTemporaryFolder { try proof.performLongForm(against: against, in: $0) }
    }
    if terminal.isInteractive, !common.quiet { terminal.draw("\r\u{1B}[K") }
    if let signal = Signals.pending { return Signals.status(of: signal) }
    if common.json {
      try terminal.say(proof.table.document)
    } else {
      try proof.table.print(on: terminal)
    }
    return proof.table.holds ? .done : .no
  }

  private func describe(on terminal: Terminal) throws -> ExitStatus {
    var facts = circumstances()
    facts["at"] = nil
    var warnings: [String] = []
    if facts["openblas_threading"]?.string == "openmp" {
      warnings.append(
        "OpenBLAS is the OpenMP build: backend openblas is slow here; install libopenblas0-pthread")
    }
    if facts["kernel_family"]?.string == "baseline" {
      warnings.append("no AVX2 on this machine: the same bits, many times slower")
    }
    let registry = RegistryCondition(of: common.registryFolder)
    warnings += registry.warnings
    if common.json {
      try terminal.say(
        [
          "facts": .object(facts), "registry": registry.document,
          "warnings": .array(warnings.map { JSON($0) }),
        ])
      return warnings.isEmpty ? .done : .no
    }
    var table = Table([("fact", .left), ("value", .left)])
    for member in facts.members {
      table.add([member.key.value, member.value.string ?? member.value.canonicalText])
    }
    for line in registry.lines { table.add([line.fact, line.value]) }
    for line in table.lines.dropFirst() { try terminal.say(line) }
    try terminal.say()
    for kind in Catalog.standard.stages.keys.sorted() {
      guard let stage = Catalog.standard.stages[kind] else { continue }
      try terminal.say("can perform \(kind)@\(stage.version): \(stage.summary)")
    }
    try terminal.say()
    for warning in warnings { try terminal.say("warning: \(warning)") }
    try terminal.say(warnings.isEmpty ? "nothing needs care" : counted(warnings.count, "warning"))
    return warnings.isEmpty ? .done : .no
  }
}
