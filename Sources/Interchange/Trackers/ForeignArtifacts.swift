import Determinism
import Records
import Studies

/// The files that a run of another tool left: taken in up to a size, beyond it named by digest and size.
struct ForeignArtifacts {
  /// Files of one run; more are no artifacts but somebody's data.
  static let mostFiles = 10_000
  static let mostLevels = 32
  /// Bytes of one run that are held at once.
  static let mostBytes = 256 << 20

  private(set) var references: [String: ArtifactReference] = [:]
  private(set) var bytes: [Digest: [UInt8]] = [:]
  private(set) var remarks: [String] = []
  private let largest: Int
  private var held = 0

  init(largest: Int) { self.largest = largest }

  /// A table or text of our own making.
  mutating func add(_ content: [UInt8], as name: String, mediaType: String) {
    let digest = Digest(of: content)
    guard references[name] == nil else {
      remarks.append("artifact '\(Wording.shown(name))': the name is taken by another one")
      return
    }
    bytes[digest] = content
    references[name] = ArtifactReference(
      role: .kept, mediaType: mediaType, digest: digest, size: content.count)
  }

  /// Every file of a folder by its path in it; nothing when there is no such folder. No link is followed.
  mutating func add(folder: String, prefix: String = "") {
    guard Path.isRealFolder(folder) else { return }
    let beside = BesideFolder(path: folder)
    var left: [(path: String, level: Int)] = [(path: "", level: 0)]
    var files: [String] = []
    while let (path, level) = left.popLast() {
      for name in Path.names(in: path.isEmpty ? folder : "\(folder)/\(path)") {
        let inner = path.isEmpty ? name : "\(path)/\(name)"
        if Path.isRealFolder("\(folder)/\(inner)") {
          if level < Self.mostLevels {
            left.append((path: inner, level: level + 1))
          } else {
            remarks.append("artifacts: folders deeper than \(Self.mostLevels) levels were left out")
          }
        } else {
          files.append(inner)
        }
        if files.count > Self.mostFiles { break }
      }
      if files.count > Self.mostFiles {
        files.removeLast()
        remarks.append("artifacts: more than \(Self.mostFiles) files; the others were left out")
        break
      }
    }
    for file in files.sorted(by: { JSON.Text($0) < JSON.Text($1) }) {
      add(file: file, of: beside, as: prefix + file)
    }
  }

  /// One file beside others.
  mutating func add(file: String, of folder: BesideFolder, as name: String) {
    let shown = "artifact '\(Wording.shown(name))'"
    if let problem = ForeignSource.problem(withName: name) {
      remarks.append("\(shown): a name \(problem); left out")
      return
    }
    guard references[name] == nil else {
      remarks.append("\(shown): the name is taken by another one; left out")
      return
    }
    let mediaType = RunDocumentReader.mediaType(of: file)
    do throws(BesideFolder.Refusal) {
      let room = min(largest, Self.mostBytes - held)
      if let size = Path.size(of: "\(folder.path)/\(file)"), size <= room {
        let content = try folder.read(file, atMost: room)
        held += content.count
        add(content, as: name, mediaType: mediaType)
      } else {
        let (digest, size) = try folder.digest(file)
        references[name] = ArtifactReference(
          role: .remade, mediaType: mediaType, digest: digest, size: size)
      }
    } catch {
      remarks.append("\(shown): \(error.message); left out")
    }
  }
}
