import Determinism
import GRDB
import Glibc
import Studies

/// Something in a registry's folder that it can do without.
package struct Garbage: Equatable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// An artifact that no record names.
    case object = "unreferenced"
    /// An artifact that records name and that a rerun makes again.
    case weights
    /// What a writer that died had begun.
    case unfinished
    /// Of a stage that is recorded, or that nobody has gone on with.
    case resumePoint = "resume-point"
    /// Lines of a live run that is recorded.
    case spool
  }
  package let kind: Kind
  /// Relative to the registry's folder.
  package let place: String
  /// Bytes.
  package let size: Int
  /// Of `weights`: the studies whose records name it, sorted.
  package let studies: [String]
  let digest: Digest?

  package init(
    kind: Kind, place: String, size: Int, studies: [String] = [], digest: Digest? = nil
  ) {
    self.kind = kind
    self.place = place
    self.size = size
    self.studies = studies
    self.digest = digest
  }
}

/// What counts as garbage.
package struct GarbageRules: Sendable {
  /// Seconds since 1970: what is younger may be about to be recorded, and stays.
  package let before: Int
  /// Whether artifacts that a rerun makes again go, too.
  package let weights: Bool
  /// Those of one study alone; nil = of all.
  package let study: String?

  package init(before: Int, weights: Bool = false, study: String? = nil) {
    self.before = before
    self.weights = weights
    self.study = study
  }
}

extension Registry {
  /// What may be removed, by kind and place. A record of value needs none of it: kept artifacts that a record
  /// names are never among it, nor are weights that a run which is not completed rests on.
  package func garbage(_ rules: GarbageRules) throws -> [Garbage] {
    try reading { db in try GarbageSearch(registry: self, rules: rules, db: db).perform() }
  }

  /// Removes what is garbage now. Of weights a tombstone is appended to the chain of each study first; then,
  /// while nobody can record anything, what is garbage still is removed.
  ///
  /// A kill in between leaves garbage for the next time, and never a record without its artifact.
  /// - Parameter circumstances: of the tombstones.
  /// - Returns: what was removed. What was gone already is no error.
  package func collect(_ rules: GarbageRules, circumstances: JSON.Object) throws -> [Garbage] {
    let weights = try garbage(rules).filter { $0.kind == .weights }
    if !weights.isEmpty {
      try writing { db in
        let studies = Set(weights.flatMap(\.studies).map { JSON.Text($0) })
        for slug in studies.sorted().map(\.value) {
          let removed = weights.filter { $0.studies.contains { JSON.Text($0) == JSON.Text(slug) } }
            .compactMap { garbage in
              garbage.digest.map { TombstoneRecord.Removed(digest: $0, size: garbage.size) }
            }
          try append(
            .tombstone(
              TombstoneRecord(slug: slug, artifacts: removed, circumstances: circumstances)),
            slug: slug, db)
        }
      }
    }
    let buried = Set(weights.map(\.place))
    return try writing { db in
      let found = try GarbageSearch(registry: self, rules: rules, db: db).perform()
        .filter { $0.kind != .weights || buried.contains($0.place) }
      for garbage in found where unlink("\(path)/\(garbage.place)") != 0 && errno != ENOENT {
        throw DurableFile.failure("\(path)/\(garbage.place)", "remove the file")
      }
      for folder in Set(found.map { Path.parent(of: "\(path)/\($0.place)") }).sorted() {
        try DurableFile.synchronize(folder: folder)
      }
      return found
    }
  }
}

/// One search for garbage, within a transaction.
private struct GarbageSearch {
  let registry: Registry
  let rules: GarbageRules
  let db: Database

  func perform() throws -> [Garbage] {
    var found = try objects()
    found += unfinished()
    found += try resumePoints()
    return found.sorted {
      $0.kind.rawValue != $1.kind.rawValue
        ? $0.kind.rawValue < $1.kind.rawValue : JSON.Text($0.place) < JSON.Text($1.place)
    }
  }

  private func objects() throws -> [Garbage] {
    let named = registry.valueTables
      .map { "SELECT sha256, role FROM \($0.artifact)" }.joined(separator: " UNION ALL ")
    let rows = try db.rows(
      "SELECT sha256, max(role = 'kept') FROM (\(named)) GROUP BY sha256")
    var isKept: [Digest: Bool] = [:]
    for row in rows { isKept[try row.digest(0)] = try row.integer(1) == 1 }
    let needed = rules.weights ? try objectsOfRunsUnderWay() : []
    return try registry.objects.contents().objects.compactMap { digest in
      let path = registry.objects.path(of: digest)
      guard let (size, age) = Self.facts(of: path), age < rules.before else { return nil }
      let place = "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
      guard let isKept = isKept[digest] else {
        return Garbage(kind: .object, place: place, size: size, digest: digest)
      }
      guard rules.weights, !isKept, !needed.contains(digest) else { return nil }
      let studies = try studies(naming: digest)
      if let study = rules.study, studies.map({ JSON.Text($0) }) != [JSON.Text(study)] {
        return nil
      }
      return Garbage(kind: .weights, place: place, size: size, studies: studies, digest: digest)
    }
  }

  /// Whoever performs or resumes a run reads what its earlier stages made.
  private func objectsOfRunsUnderWay() throws -> Set<Digest> {
    var needed: Set<Digest> = []
    var seen: Set<Digest> = []
    func need(_ key: Digest) throws {
      guard seen.insert(key).inserted else { return }
      let rows = try db.rows(
        """
        SELECT artifact.sha256 FROM artifact JOIN stage ON stage.id = artifact.stage
        WHERE stage.key = ?
        """, [.digest(key)])
      for row in rows { needed.insert(try row.digest(0)) }
      let inputs = try db.rows(
        """
        SELECT DISTINCT stage_input.key FROM stage_input JOIN stage ON stage.id = stage_input.stage
        WHERE stage.key = ?
        """, [.digest(key)])
      for row in inputs { try need(try row.digest(0)) }
    }
    for row in try db.rows("SELECT CAST(document AS BLOB) FROM attempt ORDER BY run") {
      for stage in try RunRecord(document: try row.json(0)).run.stages { try need(stage.key) }
    }
    return needed
  }

  /// Those in whose chains a record stands that names the artifact.
  private func studies(naming digest: Digest) throws -> [String] {
    let rows = try db.rows(
      """
      SELECT DISTINCT CAST(chain.slug AS BLOB) FROM ledger JOIN chain ON chain.id = ledger.chain
      WHERE ledger.record IN (
        SELECT stage.record FROM artifact JOIN stage ON stage.id = artifact.stage
          WHERE artifact.sha256 = ?1
        UNION SELECT run.record FROM registered_artifact AS artifact
          JOIN registered_run AS run ON run.id = artifact.run WHERE artifact.sha256 = ?1)
      """, [.digest(digest)])
    return try rows.map { JSON.Text(try $0.text(0)) }.sorted().map(\.value)
  }

  /// Temporary files lie in the folder of what they were to become.
  private func unfinished() -> [Garbage] {
    let folders =
      ["", "objects", "resume", "live", "backups"]
      + Path.names(in: registry.objects.folder).filter { $0.utf8.count == 2 }.map {
        "objects/\($0)"
      }
    return folders.flatMap { folder in
      Path.names(in: "\(registry.path)/\(folder)").compactMap { name in
        let isDraft = folder == "backups" && name.utf8.suffix(4).elementsEqual(".new".utf8)
        guard isDraft || name.utf8.starts(with: DurableFile.temporaryPrefix.utf8) else {
          return nil
        }
        let place = folder.isEmpty ? name : "\(folder)/\(name)"
        guard let (size, age) = Self.facts(of: "\(registry.path)/\(place)"), age < rules.before
        else { return nil }
        return Garbage(kind: .unfinished, place: place, size: size)
      }
    }
  }

  private func resumePoints() throws -> [Garbage] {
    try Path.names(in: "\(registry.path)/resume").compactMap { name in
      let place = "resume/\(name)"
      guard let key = Digest(hex: name),
        let (size, age) = Self.facts(of: "\(registry.path)/\(place)")
      else { return nil }
      let isRecorded = try db.row("SELECT 1 FROM stage WHERE key = ?", [.digest(key)]) != nil
      guard isRecorded || age < rules.before, try !registry.isClaimed(key) else { return nil }
      return Garbage(kind: .resumePoint, place: place, size: size)
    }
  }

  /// Bytes of a regular file, and when it was last written: seconds since 1970.
  private static func facts(of path: String) -> (size: Int, written: Int)? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return (Int(status.st_size), Int(status.st_mtim.tv_sec))
  }
}
