import Determinism

/// Why a registry could not do what was asked. Cases are data; the wording is in `description` alone.
package enum RegistryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is a file or folder, but it is no registry of ours: `found` says what it is instead.
  case notARegistry(path: String, found: String)
  case newerFormat(path: String, version: Int, supported: Int)
  case missing(path: String)
  case notPermitted(path: String, operation: String)
  /// The operating system refused: disk full, input/output error.
  case storage(path: String, operation: String, reason: String)
  case busy(path: String)
  case damaged(path: String, what: String)
  /// Tables, triggers or views are not those that this program made.
  case alteredSchema(path: String, object: String)
  /// SQLite did not take a setting that durability depends on.
  case setting(path: String, name: String, value: String)
  case readOnly(path: String)
  case notHeld(Digest)
  case damagedObject(Digest, reason: String)
  /// Two results under one stage key: the stage is not a function of its key.
  case conflictingStage(key: Digest, kind: String, recorded: Digest, offered: Digest)
  case alreadyCompleted(run: Digest)
  case missingStage(run: Digest, stage: String, key: Digest)
  case missingStudy(run: Digest, study: Digest)
  case unknown(kind: String, id: Digest)
  case illegalTransition(run: Digest, from: RunState?, to: RunState)
  /// A registered run's id is taken by another content.
  case conflictingRun(id: Digest, clientID: String?)
  /// Another process follows the live run.
  case followed(run: Digest)
  /// Its document would not fit a line of an archive.
  case tooLarge(bytes: Int, limit: Int)
  /// A registry cannot be merged with itself.
  case sameRegistry(path: String)
  case foreignOrigin(run: Digest, origin: Digest)
  case divergingChain(slug: String, origin: Digest, position: Int)
  case brokenChain(slug: String, origin: Digest, position: Int)
  /// A record that comes from elsewhere cannot be taken in.
  case refusedImport(record: Digest, problem: String)

  package var description: String {
    hint.map { "\(problem)\nhint: \($0)" } ?? problem
  }

  /// What is wrong, and where.
  package var problem: String {
    switch self {
    case .notARegistry(let path, let found): "\(path): not a registry: \(found)"
    case .newerFormat(let path, let version, let supported):
      "\(path): written in registry format \(version); this program reads up to \(supported)"
    case .missing(let path): "\(path): there is no registry here"
    case .notPermitted(let path, let operation): "\(path): no permission to \(operation)"
    case .storage(let path, let operation, let reason): "\(path): could not \(operation): \(reason)"
    case .busy(let path): "\(path): another process has kept the registry locked for a minute"
    case .damaged(let path, let what): "\(path): damaged: \(what)"
    case .alteredSchema(let path, let object):
      "\(path): the database's structure was changed by another program: \(object)"
    case .setting(let path, let name, let value):
      "\(path): SQLite answers \(name) = \(value), so that a write would not be durable"
    case .readOnly(let path): "\(path): the registry was opened for reading only"
    case .notHeld(let digest): "artifact \(digest.hex) is not held"
    case .damagedObject(let digest, let reason): "artifact \(digest.hex) is damaged: \(reason)"
    case .conflictingStage(let key, let kind, let recorded, let offered):
      "determinism alarm: stage \(kind) \(key.hex) has values \(recorded.short) on record and now "
        + "came out as \(offered.short)"
    case .alreadyCompleted(let run): "run \(run.hex) is completed already"
    case .missingStage(let run, let stage, let key):
      "run \(run.hex) cannot be completed: stage '\(stage)' (\(key.hex)) has no result"
    case .missingStudy(let run, let study):
      "run \(run.hex) cannot be completed: its study \(study.hex) is not recorded"
    case .unknown(let kind, let id): "no \(kind) \(id.hex) in this registry"
    case .illegalTransition(let run, let from, let to):
      "run \(run.hex) cannot go from \(from?.rawValue ?? "unknown") to \(to.rawValue)"
    case .conflictingRun(let id, let clientID):
      (clientID.map { "the id '\($0)'" } ?? "run \(id.hex)")
        + " is registered already, with other content (run \(id.short))"
    case .followed(let run): "another process is following run \(run.short)"
    case .tooLarge(let bytes, let limit):
      "the run's record has \(bytes) bytes; at most \(limit) are recorded"
    case .sameRegistry(let path): "\(path): this is the same registry"
    case .foreignOrigin(let run, let origin):
      "run \(run.hex) belongs to the registry \(origin.hex); only imports bring those in"
    case .divergingChain(let slug, let origin, let position):
      "the ledger of '\(slug)' (origin \(origin.short)) differs from the one here at entry \(position)"
    case .brokenChain(let slug, let origin, let position):
      "the ledger of '\(slug)' (origin \(origin.short)) is broken at entry \(position): a link is not "
        + "the hash of what comes before"
    case .refusedImport(let record, let problem): "record \(record.hex): \(problem)"
    }
  }

  /// Whether it says nothing about what was to be written.
  var isOfTheDisk: Bool {
    switch self {
    case .storage, .notPermitted: true
    default: false
    }
  }

  /// What to do about it, where there is something to do.
  package var hint: String? {
    switch self {
    case .notARegistry: "name another folder with --registry, or move this one away"
    case .newerFormat:
      "use the version of dormouse that wrote it, or a newer one; nothing was changed"
    case .missing: "name the registry's folder with --registry"
    case .notPermitted, .readOnly: "check the owner and mode of the folder, or use --registry"
    case .storage(_, _, let reason) where reason.contains("No space"):
      "free some space and run the command again; the registry is as it was before"
    case .storage: "run 'dormouse check' before going on; the failed write was not recorded"
    case .busy: "see which process uses it, e.g. with 'fuser'"
    case .damaged, .damagedObject, .brokenChain:
      "run 'dormouse check --deep'; import the study's archive into a new registry to restore it"
    case .alteredSchema: "run 'dormouse check'; records can still be read and exported"
    case .setting: "use the system's SQLite, without a build that overrides durability"
    case .notHeld: "import an archive that carries it, or rerun the run that made it"
    case .conflictingStage: "rerun the earlier run to see which result stands; do not trust either"
    case .alreadyCompleted: "add --again to perform it once more beside the first"
    case .conflictingRun:
      "records are never changed: give the new content another id, and name this run as its parent"
    case .followed: "wait until it ends, or give this run another id"
    case .tooLarge:
      "keep long tables as an artifact (artifacts: {name: path}) and register fewer points"
    case .sameRegistry: "name the registry to take in, and with --registry the one that takes it"
    case .divergingChain: "the two histories have parted; import into an empty registry to compare"
    case .missingStage, .missingStudy, .unknown, .illegalTransition, .foreignOrigin,
      .refusedImport:
      nil
    }
  }
}
