import ArgumentParser
import Experiments
import Interchange
import Publishing
import Records
import Studies

/// What exports say that no record tells.
struct ExportDetails: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of studies, for their narratives (README.md): ro-crate, evidence, model-card.",
      valueName: "folder"))
  var studies = "studies"

  @Option(
    help: ArgumentHelp(
      "Where the site of these records is, from the documents or as an address: run ids in evidence and cards lead there.",
      valueName: "place"))
  var site: String?

  @Option(
    help: ArgumentHelp(
      "The licence that a crate states: an SPDX identifier or an https address.",
      valueName: "licence"))
  var license: String?

  @Option(
    help: ArgumentHelp(
      "Whose work a crate is, perhaps with an address: 'Ada Byron <https://orcid.org/…>'.",
      valueName: "name"))
  var author: String?

  func validate() throws {
    if let license, !Self.isAddress(license), !Self.isIdentifier(license) {
      throw ValidationError(
        "--license is an SPDX identifier (CC-BY-4.0) or an https address, not '\(license)'")
    }
    if author != nil, crateAuthor == nil {
      throw ValidationError("--author is a name, perhaps with an https address in <>")
    }
  }

  /// The README beside a study file; nil when there is none.
  func narrative(of slug: String) throws(Failure) -> String? {
    try StudyFolder(path: studies).narrative(of: slug)
  }

  func crateOptions(of slug: String, withWeights: Bool) throws(Failure) -> ROCrate.Options {
    var options = ROCrate.Options(
      day: String(decoding: Machine.now().utf8.prefix(10), as: UTF8.self))
    options.license = license
    options.author = crateAuthor
    options.withWeights = withWeights
    options.narrative = try narrative(of: slug)
    return options
  }

  /// `Ada Byron`, or `Ada Byron <https://orcid.org/0000-…>`.
  private var crateAuthor: ROCrate.Author? {
    guard let author else { return nil }
    let bytes = Array(author.utf8)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "<")) else {
      return bytes.contains { $0 != 0x20 } ? ROCrate.Author(name: author, address: nil) : nil
    }
    var name = bytes[..<open]
    while name.last == 0x20 { name.removeLast() }
    let address = String(decoding: bytes[(open + 1)...].dropLast(), as: UTF8.self)
    guard !name.isEmpty, bytes.last == UInt8(ascii: ">"), Self.isAddress(address) else {
      return nil
    }
    return ROCrate.Author(name: String(decoding: name, as: UTF8.self), address: address)
  }

  private static func isAddress(_ text: String) -> Bool {
    text.utf8.starts(with: "https://".utf8) && text.utf8.count > 8
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>\"\\^`{|}".utf8.contains($0) }
  }

  private static func isIdentifier(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "+")
      }
  }
}

extension StudyDocuments.Summaries {
  /// What this binary's stages and options are.
  static var standard: StudyDocuments.Summaries {
    let catalog = Catalog.standard
    func texts(_ options: [OptionSpecification]) -> [String: String] {
      Dictionary(options.map { ($0.name, $0.summary) }, uniquingKeysWith: { first, _ in first })
    }
    return StudyDocuments.Summaries(
      stages: catalog.stages.mapValues(\.summary),
      options: catalog.stages.mapValues { texts($0.options) }, organism: texts(catalog.organism))
  }
}
