import Determinism
import Records

/// What became of a run that was imported.
package enum ForeignOutcome: Equatable, Sendable {
  case new
  /// Imported before, with the same content.
  case known
  /// Its state, config or numbers changed in the source since: recorded as a run of its own beside the
  /// earlier one, which it names.
  case successor(of: Digest)
  /// Nothing but these parts changed in the source since: the record stays as it is.
  case kept(changed: [String])
}

extension Registry {
  /// Records an imported run; durable when it returns.
  ///
  /// Records are never changed. A run that went on in its source after it was imported gets a successor
  /// with the client id `…#2`, then `…#3`; one whose tags, notes or artifacts alone changed gets none, or
  /// an import without the artifacts would double every run.
  ///
  /// - Throws: `RegistryError`.
  package func register(_ run: ForeignRun) throws -> (
    outcome: ForeignOutcome, record: RegisteredRunRecord
  ) {
    var record = run.record
    var earlier: RegisteredRunRecord?
    var number = 1
    while true {
      do {
        let isNew = try register(record, artifacts: run.artifacts)
        return (isNew ? earlier.map { .successor(of: $0.id) } ?? .new : .known, record)
      } catch RegistryError.conflictingRun(let id, _) {
        guard let there = try registeredRun(id), run.record.clientID != nil else {
          throw RegistryError.conflictingRun(id: id, clientID: run.record.clientID)
        }
        if there.hasSameSubstance(as: run.record) {
          return (.kept(changed: run.record.parts(differingFrom: there)), there)
        }
        earlier = there
        number += 1
        record = run.record.successor(number, of: there)
      }
    }
  }
}

extension RegisteredRunRecord {
  /// Whether state, config and numbers are equal.
  fileprivate func hasSameSubstance(as other: RegisteredRunRecord) -> Bool {
    func numbers(_ record: RegisteredRunRecord) -> JSON {
      var values = record.values
      values.artifacts = [:]
      return values.document
    }
    return state == other.state && config == other.config && numbers(self) == numbers(other)
  }

  /// The parts besides them that are not equal, as people call them.
  fileprivate func parts(differingFrom other: RegisteredRunRecord) -> [String] {
    let artifacts = values.artifacts != other.values.artifacts
    // What points to the run before is ours, not the source's.
    func circumstances(_ record: RegisteredRunRecord) -> JSON.Object {
      var circumstances = record.circumstances
      var source = record.importedFrom ?? JSON.Object()
      source[ForeignSource.predecessor] = nil
      circumstances[ForeignSource.member] = .object(source)
      return circumstances
    }
    let parts = [
      ("name", name != other.name), ("tags", tags != other.tags), ("notes", notes != other.notes),
      ("parent", parent != other.parent), ("artifacts", artifacts),
      ("circumstances", circumstances(self) != circumstances(other)),
    ]
    return parts.filter(\.1).map(\.0)
  }

  fileprivate func successor(_ number: Int, of earlier: RegisteredRunRecord) -> RegisteredRunRecord
  {
    var circumstances = circumstances
    var source = importedFrom ?? JSON.Object()
    source[ForeignSource.predecessor] = JSON(earlier.id)
    circumstances[ForeignSource.member] = .object(source)
    return RegisteredRunRecord(
      slug: slug, name: name, clientID: clientID.map { "\($0)#\(number)" }, config: config,
      tags: tags, state: state, parent: parent, notes: notes, values: values,
      circumstances: circumstances)
  }
}
