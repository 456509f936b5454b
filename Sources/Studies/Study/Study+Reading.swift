import Determinism
import Glibc

extension Study {
  /// Reads a study file, or the `study.yaml` of a folder. The folder's name is the slug.
  ///
  /// - Parameter catalog: when given, everything in the file is also checked against it, so that all
  ///   problems come in one go.
  /// - Throws: `StudyProblems`.
  package init(contentsOf path: String, catalog: Catalog? = nil) throws(StudyProblems) {
    let (file, bytes) = try Self.bytes(of: path)
    let folders = file.utf8.split(separator: UInt8(ascii: "/"))
    var slug = folders.dropLast().last.map { String(decoding: Array($0), as: UTF8.self) } ?? ""
    if slug.isEmpty || slug == "." || slug == ".." { slug = Self.currentFolder(from: slug) }
    try self.init(bytes: bytes, file: file, slug: slug, catalog: catalog)
  }

  /// Reads YAML text.
  ///
  /// - Throws: `StudyProblems`.
  package init(text: String, file: String, slug: String, catalog: Catalog? = nil)
    throws(StudyProblems)
  {
    try self.init(bytes: Array(text.utf8), file: file, slug: slug, catalog: catalog)
  }

  /// Reads YAML bytes.
  ///
  /// - Throws: `StudyProblems`.
  package init(bytes: [UInt8], file: String, slug: String, catalog: Catalog? = nil)
    throws(StudyProblems)
  {
    try self.init(source: StudySource(yaml: bytes, file: file), slug: slug, catalog: catalog)
  }

  /// Reads back a `document`, as a study record keeps it.
  ///
  /// - Throws: `StudyProblems` without lines.
  package init(json: JSON, slug: String, catalog: Catalog? = nil) throws(StudyProblems) {
    try self.init(source: StudySource(file: "study.json", root: json), slug: slug, catalog: catalog)
  }

  private init(source: StudySource, slug: String, catalog: Catalog?) throws(StudyProblems) {
    var decoder = StudyDecoder(source: source)
    let study = decoder.study(slug: slug)
    var problems = decoder.problems.problems
    if let study, let catalog { problems += study.problems(in: catalog) }
    guard problems.isEmpty, let study else {
      throw StudyProblems(file: source.file, problems: problems)
    }
    self = study
  }

  /// The path of the file and its bytes, read once.
  private static func bytes(of path: String) throws(StudyProblems) -> (file: String, bytes: [UInt8])
  {
    func refusal(_ message: String, _ hint: String? = nil) -> StudyProblems {
      StudyProblems(
        file: path, problems: [StudyProblem(line: 0, column: 0, message: message, hint: hint)])
    }
    // Without O_NONBLOCK opening a FIFO waits for a writer for ever.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
      throw refusal(String(cString: strerror(errno)), "name a study file or its folder")
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw refusal(String(cString: strerror(errno))) }
    if status.st_mode & S_IFMT == S_IFDIR {
      guard path.utf8.suffix(11) != "/study.yaml".utf8.suffix(11) else {
        throw refusal("is a folder, not a file")
      }
      let separator = path.utf8.last == UInt8(ascii: "/") ? "" : "/"
      return try bytes(of: "\(path)\(separator)study.yaml")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("is not a regular file") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= StudySource.maximumSize {
      let count = read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw refusal(String(cString: strerror(errno))) }
      if count == 0 { return (path, bytes) }
      bytes += buffer[..<count]
    }
    throw refusal("has more than 1 MiB; a study file is at most that")
  }

  /// The name of the folder that a relative path without one is in.
  private static func currentFolder(from name: String) -> String {
    guard let resolved = realpath(name.isEmpty ? "." : name, nil) else { return "" }
    defer { free(resolved) }
    let last = String(cString: resolved).utf8.split(separator: UInt8(ascii: "/")).last
    return last.map { String(decoding: Array($0), as: UTF8.self) } ?? ""
  }
}
