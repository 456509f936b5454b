import ArgumentParser
import Determinism
import Dispatch
import FlyingFox
import FoundationEssentials
import Glibc
import Publishing
import Synchronization

struct SiteServeCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Show a built site in a browser, to this machine alone.",
    discussion: """
      A site needs no server: its index.html opens as it is. This is for browsers that show files badly, and for pages \
      that are being written: 'dormouse site build --watch' beside it rebuilds them. Only the files of a site are handed \
      out, and only to addresses of this machine.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("Where the site is.", valueName: "folder"))
  var folder = "site"

  @Option(help: "Of the loopback address; 0 takes one that is free.")
  var port: UInt16 = 8000

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    guard CarriedArchives.isSite(folder) else {
      throw Failure(
        .usage, "\(folder): not a site", hint: "dormouse site build \(folder)")
    }
    let handler = SiteHandler(folder: folder)
    let server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled, handler: handler)
    let failure = Mutex<(any Error)?>(nil)
    let ended = Atomic(false)
    let serving = Task.detached {
      do { try await server.run() } catch is CancellationError {} catch {
        failure.withLock { $0 = error }
      }
      ended.store(true, ordering: .releasing)
    }
    var isTold = false
    while Signals.pending == nil, !ended.load(ordering: .acquiring) {
      if !isTold, let port = Self.port(of: server) {
        isTold = true
        let address = "http://127.0.0.1:\(port)/"
        if common.json {
          try terminal.say(["address": JSON(address)])
        } else {
          try terminal.say(address)
        }
      }
      usleep(20_000)
    }
    serving.cancel()
    if let error = failure.withLock({ $0 }) {
      throw Failure(
        .couldNotFinish, "cannot listen on port \(port): \(error)",
        hint: "--port 0 takes a free one")
    }
    return Signals.pending.map(Signals.status) ?? .done
  }

  /// Once it listens.
  private static func port(of server: HTTPServer) -> UInt16? {
    let found = Mutex<UInt16?>(nil)
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      if case .ip4(_, let port)? = await server.listeningAddress { found.withLock { $0 = port } }
      done.signal()
    }
    done.wait()
    return found.withLock { $0 }
  }
}

/// Hands out the files of a site.
struct SiteHandler: HTTPHandler {
  let folder: String

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "json": "application/json",
    "csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8",
    "svg": "image/svg+xml", "xml": "application/xml",
  ]

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    // A page of somebody else's that resolves its own name to this machine is none of this machine's.
    guard Self.isLocal(request.headers[.host] ?? "") else {
      return HTTPResponse(statusCode: .forbidden)
    }
    guard [.GET, .HEAD].contains(request.method) else {
      return HTTPResponse(statusCode: .methodNotAllowed)
    }
    var path = String(request.target.path().drop { $0 == "/" })
    if path.isEmpty || path.utf8.last == UInt8(ascii: "/") { path += "index.html" }
    guard let bytes = Publisher.file(path, of: folder) else {
      // The links of a page are relative to its folder.
      if Publisher.file(path + "/index.html", of: folder) != nil {
        return HTTPResponse(statusCode: .movedPermanently, headers: [.location: "/\(path)/"])
      }
      return HTTPResponse(
        statusCode: .notFound, headers: [.contentType: "text/plain; charset=utf-8"],
        body: Data("There is no such page on this site.\n".utf8))
    }
    let ending =
      path.utf8.split(separator: UInt8(ascii: ".")).last.map { String(Substring($0)) } ?? ""
    return HTTPResponse(
      statusCode: .ok,
      headers: [
        .contentType: Self.types[ending] ?? "application/octet-stream", .cacheControl: "no-cache",
      ], body: Data(bytes))
  }

  private static func isLocal(_ host: String) -> Bool {
    let name =
      host.utf8.split(separator: UInt8(ascii: ":")).first.map { String(Substring($0)) } ?? ""
    return ["127.0.0.1", "localhost"].contains(name)
  }
}
