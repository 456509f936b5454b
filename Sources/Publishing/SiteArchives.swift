import Determinism

/// Where the archives of the records are, from which a site's numbers can be checked.
package enum SiteArchives: Sendable {
  /// A reader has to ask for them.
  case absent
  /// In the site: bytes by path from its root, made only when the site is. The ledger's head stands for them.
  case carried(@Sendable () throws -> [String: [UInt8]])
  /// `<folder>/<study>/archive`, the folder's path seen from the site's: a repository has them once.
  case beside(String)

  private static let carriedRoot = "archives"

  /// - Returns: nil for a path that is not relative, or that no manifest could hold in one line.
  package init?(beside folder: String) {
    let bytes = folder.utf8
    guard let first = bytes.first, first != UInt8(ascii: "/"), bytes.count <= 1000,
      !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }),
      folder != Self.carriedRoot
    else { return nil }
    self = .beside(folder)
  }

  /// As a site's manifest has it: ``root``, or in a manifest of format 2 whether they are carried. What it cannot
  /// mean is absent.
  package init(manifest: JSON?) {
    if manifest?.bool == true || manifest?.string == Self.carriedRoot {
      self = .carried { [:] }
    } else {
      self = manifest?.string.flatMap(Self.init(beside:)) ?? .absent
    }
  }

  package static func carriedFolder(of slug: String) -> String { "\(carriedRoot)/\(slug)" }

  /// From the site's root.
  package var root: String? {
    switch self {
    case .absent: nil
    case .carried: Self.carriedRoot
    case .beside(let folder): folder
    }
  }

  /// One study's archive, from the site's root.
  package func folder(of slug: String) -> String? {
    switch self {
    case .absent: nil
    case .carried: Self.carriedFolder(of: slug)
    case .beside(let folder): "\(folder)/\(slug)/archive"
    }
  }
}
