import Records

/// Files of one kind below a folder; no link is followed.
enum ForeignFolder {
  static let mostLevels = 32
  /// Names that are looked at; who has more names the folder below.
  static let mostNames = 200_000

  /// Paths below a folder, folder by folder, sorted.
  ///
  /// - Parameters:
  ///   - skipping: folders that are not entered.
  ///   - isEnough: stops at the first one.
  static func files(
    in root: String, levels: Int = mostLevels, isEnough: Bool = false,
    skipping: (String, [String]) -> Bool = { _, _ in false },
    where isWanted: (_ name: String, _ path: String) -> Bool
  ) -> (files: [String], isComplete: Bool) {
    var found: [String] = []
    var left: [(path: String, level: Int)] = [("", 0)]
    var seen = 0
    while let (path, level) = left.popLast() {
      let folder = path.isEmpty ? root : "\(root)/\(path)"
      let names = Path.names(in: folder)
      if skipping(path, names) { continue }
      var inner: [(path: String, level: Int)] = []
      for name in names {
        seen += 1
        if seen > mostNames { return (found, false) }
        let below = path.isEmpty ? name : "\(path)/\(name)"
        switch Path.kind(of: "\(root)/\(below)") {
        case .file where isWanted(name, "\(root)/\(below)"):
          found.append(below)
          if isEnough { return (found, true) }
        case .folder where level < levels && Path.isRealFolder("\(root)/\(below)"):
          inner.append((below, level + 1))
        default: break
        }
      }
      left += inner.reversed()
    }
    return (found, true)
  }

  /// Those of a store: at least one.
  ///
  /// - Parameters:
  ///   - what: that there is none of otherwise: `.wandb file`.
  ///   - hint: where they are.
  static func demand(
    _ what: String, hint: String, in root: String,
    where isWanted: (_ name: String, _ path: String) -> Bool
  ) throws(ForeignProblem) -> [String] {
    let (files, isComplete) = files(in: root, where: isWanted)
    guard isComplete else {
      throw ForeignProblem(
        root, "holds more than \(mostNames) files", hint: "name a folder below it")
    }
    guard !files.isEmpty else { throw ForeignProblem(root, "holds no \(what)", hint: hint) }
    return files
  }

  /// The last part of a path that has a name: `logs` of `x/logs/.`
  static func name(of path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/")).last { !$0.elementsEqual(".".utf8) }
      .map { String(Substring($0)) } ?? ""
  }
}

extension String {
  /// By bytes, where `hasSuffix` goes by characters.
  func ends(with suffix: String) -> Bool {
    utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}
