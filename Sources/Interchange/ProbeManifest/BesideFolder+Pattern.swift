import Determinism
import Glibc
import Studies

extension BesideFolder {
  /// The regular files whose names a pattern stands for, relative to the folder and sorted by bytes. Links are
  /// neither followed nor found.
  func files(matching pattern: String, atMost limit: Int) throws(Refusal) -> [String] {
    var found = [""]
    let steps = try Self.steps(of: pattern)
    for (index, step) in steps.enumerated() {
      let isLast = index == steps.count - 1
      let wanted = NamePattern(step)
      var next: [String] = []
      for folder in found {
        for name in try names(in: folder, wanted) {
          let path = folder.isEmpty ? name : "\(folder)/\(name)"
          guard let kind = kind(of: path) else { continue }
          if kind == S_IFLNK, wanted.isPlain {
            throw Refusal(
              "'\(Wording.shown(path))' is a symbolic link, which is not followed",
              hint: "name the folder that it leads to: --activations FOLDER")
          }
          if kind == (isLast ? S_IFREG : S_IFDIR) { next.append(path) }
          guard next.count <= limit else {
            throw Refusal("stands for more than \(limit) files", hint: "name fewer")
          }
        }
      }
      found = next
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func path(of name: String) -> String {
    (path.isEmpty ? "." : path) + (name.isEmpty ? "" : "/\(name)")
  }

  private func kind(of name: String) -> mode_t? {
    var status = stat()
    return lstat(path(of: name), &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  private func names(in folder: String, _ wanted: NamePattern) throws(Refusal) -> [String] {
    if wanted.isPlain { return [wanted.text] }
    guard let stream = opendir(path(of: folder)) else {
      throw Refusal("'\(Wording.shown(folder))': \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      // As a shell has it, `*` finds no hidden files.
      guard bytes.first != UInt8(ascii: "."), let name = String(validating: bytes, as: UTF8.self),
        wanted.match(name) != nil
      else { continue }
      names.append(name)
    }
    return names
  }
}
