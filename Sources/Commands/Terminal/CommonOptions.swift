import ArgumentParser
import Glibc

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The registry's folder (default: $DORMOUSE_REGISTRY, or ./registry; in the folder of a site ../registry).",
      valueName: "folder"))
  var registry: String?

  @Flag(help: "Print one JSON document on standard output instead of text for people.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress and no remarks.")
  var quiet = false

  /// Where the registry is: the option, the environment, the default.
  var registryFolder: String {
    if let registry { return registry }
    if let value = getenv("DORMOUSE_REGISTRY"), value.pointee != 0 { return String(cString: value) }
    // What a site says about itself is typed in its folder, where nothing but the site belongs.
    return CarriedArchives.isSite(".") ? "../registry" : "registry"
  }
}

/// How the work is spread over the machine: never changes a value.
struct MachineOptions: ParsableArguments {
  @Option(help: "Worker threads of each process.")
  var threads = 1

  @Option(help: "Processes that share the work.")
  var jobs = 1

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256") }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs must be 1 to 64") }
  }
}
