import Records

extension StudyView {
  /// The narrative with what was assessed in its places, so that no number has to be typed that a record holds:
  /// `{{estimate: id}}` is a prediction's estimate with its interval, `{{result: id}}` how it came out.
  ///
  /// Places stand within a line of text. One that names no prediction says so where it stands.
  var filledNarrative: String? {
    guard let narrative else { return nil }
    let rows = PredictionRow.rows(of: self).filter { !$0.isEarlierVersion }
    var filled: [UInt8] = []
    var rest = Array(narrative.utf8)[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
      filled += rest[..<open]
      rest = rest[open...]
      guard let place = NarrativePlace(startOf: rest) else {
        filled.append(rest.removeFirst())
        continue
      }
      filled += place.text(rows).utf8
      rest = rest.dropFirst(place.length)
    }
    return String(decoding: filled + rest, as: UTF8.self)
  }
}

/// A place in a narrative that a prediction fills.
private struct NarrativePlace {
  private enum Kind: String, CaseIterable { case estimate, result }

  private let kind: Kind
  private let prediction: String
  /// Bytes, braces included.
  let length: Int

  /// - Returns: nil when no place begins here.
  init?(startOf text: ArraySlice<UInt8>) {
    for kind in Kind.allCases {
      let opening = Array("{{\(kind.rawValue):".utf8)
      guard text.starts(with: opening) else { continue }
      let name = text.dropFirst(opening.count).prefix {
        $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\n")
      }
      let closing = text.dropFirst(opening.count + name.count)
      guard closing.starts(with: Array("}}".utf8)) else { return nil }
      self.kind = kind
      prediction = String(
        decoding: name.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
      length = opening.count + name.count + 2
      return
    }
    return nil
  }

  func text(_ rows: [PredictionRow]) -> String {
    guard let row = rows.first(where: { $0.id.utf8.elementsEqual(prediction.utf8) }) else {
      return "(no prediction `\(prediction.replacing("`", with: ""))`)"
    }
    return switch kind {
    // Brackets would be read as a link.
    case .estimate:
      row.estimateText.replacing("[", with: "\\[").replacing("]", with: "\\]")
    case .result: row.result.rawValue
    }
  }
}
