import Determinism
import Records

// A selection of runs as CSV, as JSON, and as a table of the columns that were asked for.
extension RunSelection {
  var csv: CSV {
    var csv = CSV(columns: columns)
    for run in runs {
      csv.append(
        run.cells.map { cell in
          switch cell {
          case nil, .null?: .missing
          case .double(let bits)?: .number(bits.value)
          case .integer(let integer)?: .text(integer.digits)
          case .string(let text)?: .text(text.value)
          case let other?: .text(other.canonicalText)
          }
        })
    }
    return csv
  }

  func document(of run: Run) -> JSON {
    .object(JSON.Object(zip(columns, run.cells.map { $0 ?? .null })))
  }

  var table: Table {
    let isNumeric = columns.indices.map { column in
      runs.allSatisfy { run in
        switch run.cells[column] {
        case nil, .double?, .integer?: true
        default: false
        }
      }
    }
    var table = Table(zip(columns, isNumeric).map { ($0, $1 ? .right : .left) })
    for run in runs {
      table.add(
        zip(columns, run.cells).map { column, cell in
          // Ten digits of an id are what people type.
          if column == "id", case .string(let text)? = cell { return String(text.value.prefix(10)) }
          return cell.map(\.forPeople) ?? "—"
        })
    }
    return table
  }
}

extension JSON {
  /// Texts without quotation marks, doubles as Swift writes them, lists of texts with commas.
  var forPeople: String {
    switch self {
    case .string(let text): return text.value
    case .double(let bits): return bits.value.description
    case .array(let elements) where elements.allSatisfy({ $0.string != nil }):
      return elements.compactMap(\.string).joined(separator: ", ")
    default: return canonicalText
    }
  }
}

extension RunSelection.Run {
  /// As `list --json` tells it without `--columns`.
  var document: JSON {
    var document: JSON.Object = JSON.Object()
    document["id"] = JSON(summary.id)
    document["study"] = JSON(summary.slug)
    document["state"] = JSON(summary.state.rawValue)
    document["verdict"] = JSON(verdict)
    document["tags"] = .array(tags.map { JSON($0) })
    switch summary.body {
    case .planned(let arm, let seed, let phase, _, _):
      document["point"] = .object(summary.settings)
      document["arm"] = JSON(arm)
      document["seed"] = JSON(seed)
      document["phase"] = JSON(phase.rawValue)
    case .registered(let name, let clientID, _, _):
      document["registered"] = true
      document["name"] = JSON(name)
      document["client_id"] = JSON(clientID)
      document["config"] = .object(summary.settings)
      document["metrics"] = .object(JSON.Object(metrics.map { ($0.name, JSON($0.value)) }))
    }
    return .object(document)
  }

  /// The first few metrics by name, as a line has room for them.
  var keyMetrics: String {
    let shown = metrics.prefix(3).map { "\($0.name)=\($0.value)" }
    let rest = metrics.count - shown.count
    return shown.isEmpty
      ? "—" : shown.joined(separator: " ") + (rest > 0 ? " … \(rest) more" : "")
  }
}
