import Determinism
import Studies

/// Reads options that a plan has checked and filled in. A missing key is a programmer's error: the
/// specification tables give every key a default. What is implied has its default where it is missing.
struct OptionReader {
  let options: JSON.Object
  /// Of the stage itself.
  let stage: [OptionSpecification]

  init(_ options: JSON.Object, of stage: [OptionSpecification] = []) {
    self.options = options
    self.stage = stage
  }

  /// By path, nested objects or dotted keys: `organism.self_report_link.strength`.
  func value(_ path: String) -> JSON? {
    OptionReader.lookUp(path.split(separator: ".").map(String.init)[...], in: options)
      ?? implied(path)
  }

  private func implied(_ path: String) -> JSON? {
    func find(_ table: [OptionSpecification], after prefix: String) -> JSON? {
      guard path.hasPrefix(prefix) else { return nil }
      let name = path.dropFirst(prefix.count)
      return table.first { $0.isImplied && $0.name == name }?.defaultValue
    }
    return find(OrganismOptions.specifications, after: "organism.")
      ?? find(ModelOptions.specifications, after: "model.") ?? find(stage, after: "")
  }

  private static func lookUp(_ path: ArraySlice<String>, in object: JSON.Object) -> JSON? {
    for length in stride(from: path.count, to: 0, by: -1) {
      guard let value = object[path.prefix(length).joined(separator: ".")] else { continue }
      let rest = path.dropFirst(length)
      if rest.isEmpty { return value }
      if let inner = value.object, let found = lookUp(rest, in: inner) { return found }
    }
    return nil
  }

  func int(_ path: String) -> Int { required(path, value(path)?.int) }
  func double(_ path: String) -> Double { required(path, value(path)?.double) }
  func text(_ path: String) -> String { required(path, value(path)?.string) }
  func flag(_ path: String) -> Bool { required(path, value(path)?.bool) }
  func ints(_ path: String) -> [Int] {
    required(path, value(path)?.array).map { required(path, $0.int) }
  }
  func texts(_ path: String) -> [String] {
    required(path, value(path)?.array).map { required(path, $0.string) }
  }

  private func required<Value>(_ path: String, _ value: Value?) -> Value {
    guard let value else {
      preconditionFailure("the option '\(path)' is missing or of another type")
    }
    return value
  }
}
