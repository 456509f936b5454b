import Synchronization

/// What drawings are styled by where they stand alone: what the style sheet says between `/* drawings: */` and
/// `/* :drawings */`.
///
/// Every `var()` is replaced by what it stands for and every `color-mix()` by its colour: other programs than browsers
/// (librsvg, Inkscape) know neither. So a rule whose variable a class sets, as that of a series its colour, becomes
/// a rule for each such class of the drawing.
struct DrawingStyle: Sendable {
  enum Medium: String {
    /// Light or dark, as the reader has it.
    case screen
    /// Light alone, with what the sheet has for `@media print`.
    case print
  }

  struct Rule: Sendable, Equatable {
    let selectors: [String]
    let declarations: [(name: String, value: String)]

    static func == (left: Rule, right: Rule) -> Bool {
      left.selectors == right.selectors
        && left.declarations.elementsEqual(right.declarations) { $0 == $1 }
    }
  }

  /// Rules outside of `@media`, without variables.
  private var rules: [Rule] = []
  private var variables: [String: String] = [:]
  /// What each condition changes of the variables, in the order of the sheet.
  private var media: [(condition: String, variables: [String: String])] = []
  /// Variables that a class sets.
  private var scopes: [(class: String, name: String, value: String)] = []

  /// Drawings of a site have few sets of classes between them.
  private let made = Made()

  private final class Made: Sendable {
    let texts = Mutex<[String: String]>([:])
  }

  private static let print = "print"
  /// Conditions that are combined with each other; a sheet has two.
  private static let mostConditions = 4

  init(sheet: String) {
    for block in StyleSheet.blocks(of: StyleSheet.marked(sheet)) {
      let media = "@media "
      if block.prelude.utf8.starts(with: media.utf8) {
        let condition = StyleSheet.trimmed(block.prelude.dropFirst(media.count))
        for inner in StyleSheet.blocks(of: block.body) { add(inner, condition: condition) }
      } else {
        add(block, condition: nil)
      }
    }
  }

  private mutating func add(_ block: StyleSheet.Block, condition: String?) {
    let selectors = StyleSheet.split(block.prelude, at: ",")
    let all = StyleSheet.declarations(in: block.body)
    let own = all.filter { $0.name.utf8.starts(with: "--".utf8) }
    if let condition {
      guard selectors == [":root"] else { return }
      let place = media.firstIndex { $0.condition == condition } ?? media.count
      if place == media.count { media.append((condition, [:])) }
      for entry in own { media[place].variables[entry.name] = entry.value }
      return
    }
    if selectors == [":root"] {
      for entry in own { variables[entry.name] = entry.value }
    } else if selectors.count == 1, selectors[0].utf8.first == UInt8(ascii: ".") {
      scopes += own.map { (String(selectors[0].dropFirst()), $0.name, $0.value) }
    }
    let rest = all.filter { !$0.name.utf8.starts(with: "--".utf8) }
    if !rest.isEmpty { rules.append(Rule(selectors: selectors, declarations: rest)) }
  }

  /// The rules that apply to something in the markup.
  func text(for markup: String, on medium: Medium) -> String {
    let classes = StyleSheet.classes(in: markup)
    let key = medium.rawValue + " " + classes.sorted().joined(separator: " ")
    if let text = made.texts.withLock({ $0[key] }) { return text }
    let text = text(for: classes, on: medium)
    made.texts.withLock { $0[key] = text }
    return text
  }

  private func text(for classes: Set<String>, on medium: Medium) -> String {
    var used = rules.compactMap { rule -> Rule? in
      let selectors = rule.selectors.filter {
        StyleSheet.classes(ofSelector: $0).isSubset(of: classes)
      }
      return selectors.isEmpty
        ? nil : Rule(selectors: selectors, declarations: rule.declarations)
    }
    if medium == .print { used.removeAll { $0.selectors == [":root"] } }
    let scopes = scopes.filter { classes.contains($0.class) }
    guard medium == .screen else {
      var environment = variables
      for entry in media where entry.condition == Self.print {
        environment.merge(entry.variables) { $1 }
      }
      return Self.text(Self.resolved(used, scopes, environment))
    }
    let plain = Self.resolved(used, scopes, variables)
    var text = Self.text(plain)
    let conditions = media.filter { $0.condition != Self.print }.prefix(Self.mostConditions)
    var said: [(combination: Int, rules: [Rule])] = [(0, plain)]
    // Combinations of conditions, few before many, so that what holds for more of them comes later.
    let combinations = (1..<(1 << conditions.count)).sorted {
      ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1)
    }
    for combination in conditions.isEmpty ? [] : combinations {
      let chosen = conditions.enumerated().filter { combination >> $0.offset & 1 == 1 }.map(
        \.element)
      var environment = variables
      for entry in chosen { environment.merge(entry.variables) { $1 } }
      let rules = Self.resolved(used, scopes, environment)
      // What the rules that hold here too have come to already is left out.
      let weaker = said.filter { $0.combination & ~combination == 0 }.map(\.rules)
      let changed = rules.indices.map { index in
        Rule(
          selectors: rules[index].selectors,
          declarations: rules[index].declarations.filter { wanted in
            let last = weaker.reversed().lazy.compactMap {
              $0[index].declarations.last { $0.name == wanted.name }
            }.first
            return last?.value != wanted.value
          })
      }
      said.append((combination, changed))
      let body = Self.text(changed)
      guard !body.isEmpty else { continue }
      let condition = chosen.map(\.condition).joined(separator: " and ")
      text += "@media \(condition) {\n\(body)}\n"
    }
    return text
  }

  /// Rules without variables: as many for any environment, in the same order.
  private static func resolved(
    _ rules: [Rule], _ scopes: [(class: String, name: String, value: String)],
    _ environment: [String: String]
  ) -> [Rule] {
    var names: [String] = []
    for scope in scopes where !names.contains(scope.class) { names.append(scope.class) }
    let scoped = Set(scopes.map(\.name))
    return rules.flatMap { rule -> [Rule] in
      let isOwn = rule.declarations.map { entry in
        scoped.contains { entry.value.utf8.count > 0 && StyleSheet.uses($0, in: entry.value) }
      }
      func values(_ own: Bool, _ environment: [String: String]) -> [(name: String, value: String)] {
        zip(rule.declarations, isOwn).filter { $0.1 == own }.compactMap { entry, _ in
          StyleSheet.resolved(entry.value, environment).map { (entry.name, $0) }
        }
      }
      var made = [Rule(selectors: rule.selectors, declarations: values(false, environment))]
      guard isOwn.contains(true) else { return made }
      for name in names {
        var inner = environment
        for scope in scopes where scope.class == name { inner[scope.name] = scope.value }
        made.append(
          Rule(
            selectors: rule.selectors.map { "\($0).\(name)" }, declarations: values(true, inner)))
      }
      return made
    }
  }

  private static func text(_ rules: [Rule]) -> String {
    rules.filter { !$0.declarations.isEmpty }.map { rule in
      let declarations = rule.declarations.map { "\($0.name): \($0.value);" }
      return
        "\(rule.selectors.joined(separator: ", ")) { \(declarations.joined(separator: " ")) }\n"
    }.joined()
  }
}
