import Determinism

/// A record as far as it is read. W&B changes its messages between versions: what is not known is passed over.
enum WandbRecord {
  case history(step: Int?, items: [Item])
  case summary(update: [Item], remove: [Item])
  case config(update: [Item], remove: [Item])
  case run(Run)
  case exit(code: Int)
  case environment(JSON.Object)
  case other

  /// Values of one record; bytes of the longest one.
  private static let mostItems = 200_000
  private static let longestValue = 4 << 20

  /// A value by its nested keys, as JSON; nil when it is none, or too long.
  struct Item {
    var keys: [String] = []
    var value: JSON?

    /// As W&B itself joins them.
    var name: String { keys.joined(separator: ".") }
  }

  struct Run {
    var id = ""
    var project = ""
    var group = ""
    var jobType = ""
    var name = ""
    var notes = ""
    var tags: [String] = []
    var sweep = ""
    var commit: String?
    var started: (seconds: Int, nanos: Int)?
    var config: [Item] = []
    var summary: [Item] = []
  }

  init(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) {
    var record = WandbRecord.other
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      guard let message = field.bytes else { return }
      switch number {
      case 2:
        var step: Int?
        var items: [Item] = []
        try ProtobufReader.each(of: message) { number, field throws(ProtobufReader.Problem) in
          guard let bytes = field.bytes else { return }
          if number == 1 { try Self.append(bytes, to: &items) }
          if number == 2 {
            step = 0
            try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
              if number == 1 { step = field.int }
            }
          }
        }
        record = .history(step: step, items: items)
      case 3:
        let (update, remove) = try Self.changes(message)
        record = .summary(update: update, remove: remove)
      case 5:
        let (update, remove) = try Self.changes(message)
        record = .config(update: update, remove: remove)
      case 17: record = .run(try Self.run(message))
      case 18:
        var code = 0
        try ProtobufReader.each(of: message) { number, field throws(ProtobufReader.Problem) in
          if number == 1 { code = field.int ?? 0 }
        }
        record = .exit(code: code)
      case 26: record = .environment(try Self.environment(message))
      default: break
      }
    }
    self = record
  }

  private static func changes(
    _ bytes: ArraySlice<UInt8>
  ) throws(ProtobufReader.Problem) -> (update: [Item], remove: [Item]) {
    var (update, remove): ([Item], [Item]) = ([], [])
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      guard let message = field.bytes else { return }
      if number == 1 { try append(message, to: &update) }
      if number == 2 { try append(message, to: &remove) }
    }
    return (update, remove)
  }

  private static func append(
    _ bytes: ArraySlice<UInt8>, to items: inout [Item]
  ) throws(ProtobufReader.Problem) {
    guard items.count < mostItems else {
      throw ProtobufReader.Problem(
        position: bytes.startIndex, message: "more than \(mostItems) values in a record")
    }
    items.append(try item(bytes))
  }

  /// Values are JSON texts, in history of later versions also typed.
  private static func item(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) -> Item {
    var key = ""
    var item = Item()
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      switch number {
      case 1: key = field.text ?? ""
      case 2: item.keys.append(field.text ?? "")
      case 3: item.value = .null
      case 4: item.value = field.int.map { JSON($0 != 0) }
      case 5:
        // Zigzag: 0, −1, 1, −2, …
        item.value = field.int.map { value in
          let bits = UInt64(bitPattern: Int64(value))
          return JSON(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1))
        }
      case 6: item.value = field.double.map { JSON($0) }
      case 7: item.value = field.text.map { JSON($0) }
      case 8, 16:
        item.value = field.bytes.flatMap {
          $0.count <= longestValue ? try? JSON(parsing: $0, nonFinite: true) : nil
        }
      default: break
      }
    }
    if item.keys.isEmpty { item.keys = [key] }
    return item
  }

  private static func run(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) -> Run {
    var run = Run()
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      switch number {
      case 1: run.id = field.text ?? ""
      case 3: run.project = field.text ?? ""
      case 4:
        run.config =
          try field.bytes.map { bytes throws(ProtobufReader.Problem) in try changes(bytes).update }
          ?? []
      case 5:
        run.summary =
          try field.bytes.map { bytes throws(ProtobufReader.Problem) in try changes(bytes).update }
          ?? []
      case 6: run.group = field.text ?? ""
      case 7: run.jobType = field.text ?? ""
      case 8: run.name = field.text ?? ""
      case 9: run.notes = field.text ?? ""
      case 10: run.tags.append(field.text ?? "")
      case 12: run.sweep = field.text ?? ""
      case 17:
        var (seconds, nanos) = (0, 0)
        try ProtobufReader.each(of: field.bytes ?? []) {
          number, field throws(ProtobufReader.Problem) in
          if number == 1 { seconds = field.int ?? 0 }
          if number == 2 { nanos = field.int ?? 0 }
        }
        run.started = (seconds, nanos)
      case 21:
        try ProtobufReader.each(of: field.bytes ?? []) {
          number, field throws(ProtobufReader.Problem) in
          if number == 2 { run.commit = field.text }
        }
      default: break
      }
    }
    return run
  }

  /// What the run was made with; no user, host, folder or argument of its own.
  private static func environment(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem)
    -> JSON.Object
  {
    let texts: [UInt64: String] = [1: "os", 2: "python", 18: "gpu", 25: "cuda"]
    let counts: [UInt64: String] = [16: "cpu_count", 19: "gpu_count"]
    var environment = JSON.Object()
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      if let key = texts[number] { environment[key] = field.text.map { JSON($0) } }
      if let key = counts[number] { environment[key] = field.int.map { JSON($0) } }
      if number == 9 {
        try ProtobufReader.each(of: field.bytes ?? []) {
          number, field throws(ProtobufReader.Problem) in
          if number == 2 { environment["git_commit"] = field.text.map { JSON($0) } }
        }
      }
    }
    return environment
  }
}
