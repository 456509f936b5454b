import Determinism
import Records

/// What the hparams plugin tells of a run: its hyperparameters, and how it ended.
struct TensorBoardHParams {
  private(set) var config = JSON.Object()
  private(set) var state: RunState?
  /// Group and times, verbatim.
  private(set) var facts = JSON.Object()

  /// - Parameter content: HParamsPluginData.
  mutating func take(_ content: ArraySlice<UInt8>) throws(ProtobufReader.Problem) {
    var reader = ProtobufReader(content)
    while let (number, field) = try reader.next() {
      guard let message = field.bytes else { continue }
      if number == 3 { try start(message) }
      if number == 4 { try end(message) }
    }
  }

  private mutating func start(_ message: ArraySlice<UInt8>) throws(ProtobufReader.Problem) {
    var reader = ProtobufReader(message)
    while let (number, field) = try reader.next() {
      switch number {
      case 1:
        guard let pair = field.bytes else { continue }
        var (key, value) = ("", JSON.null)
        var members = ProtobufReader(pair)
        while let (number, field) = try members.next() {
          if number == 1 { key = field.text ?? "" }
          if number == 2, let bytes = field.bytes { value = try Self.value(bytes) }
        }
        config[key] = value
      case 4: facts["group_name"] = field.text.map { JSON($0) }
      case 5: facts["start_time_secs"] = field.double.map { JSON($0) }
      default: break
      }
    }
  }

  private mutating func end(_ message: ArraySlice<UInt8>) throws(ProtobufReader.Problem) {
    var reader = ProtobufReader(message)
    while let (number, field) = try reader.next() {
      if number == 1 {
        state = [1: .completed, 2: .failed, 3: .interrupted][field.int ?? 0]
        facts["status"] = field.int.map { JSON($0) }
      }
      if number == 2 { facts["end_time_secs"] = field.double.map { JSON($0) } }
    }
  }

  /// google.protobuf.Value; hyperparameters are single values.
  private static func value(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) -> JSON {
    var reader = ProtobufReader(bytes)
    var value = JSON.null
    while let (number, field) = try reader.next() {
      switch number {
      case 2: value = field.double.map { JSON($0) } ?? .null
      case 3: value = field.text.map { JSON($0) } ?? .null
      case 4: value = JSON(field.int == 1)
      case 5, 6: value = "a list or mapping, which is not read"
      default: break
      }
    }
    return value
  }
}
