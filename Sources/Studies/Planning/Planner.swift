import Determinism

extension ProblemCollector {
  mutating func add(_ failure: Planner.Failure) {
    // A stage's own place is its name.
    if failure.path.count == 2 {
      key(failure.path, failure.message, hint: failure.hint)
    } else {
      value(failure.path, failure.message, hint: failure.hint)
    }
  }
}

/// Follows the stages of runs to their steps. Points, arms and seeds that are reached only through `from:`
/// contribute steps and no runs.
struct Planner {
  let resolver: StudyResolver
  private(set) var steps: [PlannedStep] = []
  private var keys: [Place: Digest] = [:]
  private var stepKeys: Set<Digest> = []
  private var points: [String: ResolvedPoint] = [:]
  /// The places being followed: reaching one again is a cycle.
  private var open: Set<Place> = []

  init(resolver: StudyResolver) { self.resolver = resolver }

  /// One stage of one run. The point is its canonical text.
  private struct Place: Hashable {
    let point: String
    let arm: String
    let seed: UInt64
    let stage: String
  }

  /// A problem with the inputs of a stage, at a path of the study.
  struct Failure: Error {
    let path: StudyPath
    let message: String
    let hint: String?
  }

  private mutating func resolved(_ point: JSON.Object) -> ResolvedPoint {
    let text = JSON.object(point).canonicalText
    if let known = points[text] { return known }
    let resolved = resolver.resolve(point)
    points[text] = resolved
    return resolved
  }

  /// The stages that a run of this arm performs, in order, with their keys.
  mutating func stages(point: JSON.Object, arm: String, seed: UInt64) throws(Failure)
    -> [StageReference]
  {
    var references: [StageReference] = []
    for stage in resolved(point).stages where stage.procedure.applies(toArm: arm) {
      let key = try key(of: stage.name, point: point, arm: arm, seed: seed)
      references.append(StageReference(name: stage.name, key: key))
    }
    return references
  }

  /// Finds the problems that planning would meet, for the first seed: seeds do not differ in them.
  mutating func check(point: JSON.Object, arm: String, problems: inout ProblemCollector) {
    let seeds = resolver.study.seeds
    guard let seed = (seeds.development + seeds.confirmatory).first else { return }
    do {
      _ = try stages(point: point, arm: arm, seed: seed)
    } catch {
      problems.add(error)
    }
  }

  private mutating func key(
    of name: String, point: JSON.Object, arm: String, seed: UInt64
  ) throws(Failure) -> Digest {
    let place = Place(point: JSON.object(point).canonicalText, arm: arm, seed: seed, stage: name)
    if let key = keys[place] { return key }
    guard open.insert(place).inserted else {
      throw Failure(
        path: ["stages", name, "from"],
        message: "stage '\(name)' of arm '\(arm)', seed \(seed) takes an input from itself",
        hint: nil)
    }
    defer { open.remove(place) }
    let resolved = resolved(point)
    guard let index = resolved.stages.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("a stage that the study does not have")
    }
    let stage = resolved.stages[index]
    var inputs: [String: Digest] = [:]
    for input in stage.procedure.inputs
    where input.isTaken(with: stage.options, isNamed: stage.from[input.port] != nil) {
      inputs[input.port] = try source(
        of: input, stage: stage, index: index, point: point, arm: arm, seed: seed)
    }
    let step = PlannedStep(
      kind: stage.procedure.kind, version: stage.procedure.version,
      options: stage.document(at: resolved, arm: arm), seed: seed,
      backend: resolver.catalog.backend(resolver.study.backend),
      inputs: inputs)
    let key = step.key
    keys[place] = key
    if stepKeys.insert(key).inserted { steps.append(step) }
    return key
  }

  private mutating func source(
    of input: StageInputSpecification, stage: ResolvedStage, index: Int, point: JSON.Object,
    arm: String,
    seed: UInt64
  ) throws(Failure) -> Digest {
    let source = stage.from[input.port]
    let path = ["stages", stage.name] + (source == nil ? [] : ["from", input.port])
    guard source != nil || input.taken != .asNamed else {
      throw Failure(
        path: path,
        message: "stage '\(stage.name)' has to be told where its '\(input.port)' comes from",
        hint: "from: {\(input.port): {stage: …}}")
    }
    var otherPoint = point
    for member in source?.point.members ?? [] {
      otherPoint[member.key.value] = resolver.normalised(member.value, ofPath: member.key.value)
    }
    let otherArm = source?.arm ?? arm
    let other = resolved(otherPoint)
    func offers(_ candidate: ResolvedStage) -> Bool {
      candidate.procedure.outputs.contains(input.takes)
        && candidate.procedure.applies(toArm: otherArm)
    }
    if let wanted = source?.stage {
      guard let found = other.stages.first(where: { $0.name == wanted }) else {
        throw Failure(path: path, message: "there is no stage '\(wanted)' at that point", hint: nil)
      }
      guard offers(found) else {
        let lacks =
          found.procedure.applies(toArm: otherArm)
          ? "does not offer '\(input.takes)'" : "is not performed by arm '\(otherArm)'"
        throw Failure(
          path: path, message: "stage '\(wanted)' \(lacks)",
          hint: offering(input.takes, other, otherArm))
      }
      return try key(of: wanted, point: otherPoint, arm: otherArm, seed: source?.seed ?? seed)
    }
    guard let found = other.stages[..<index].last(where: offers) else {
      throw Failure(
        path: path,
        message: "stage '\(stage.name)' takes '\(input.takes)', which no earlier stage of arm "
          + "'\(otherArm)' offers", hint: offering(input.takes, other, otherArm))
    }
    return try key(of: found.name, point: otherPoint, arm: otherArm, seed: source?.seed ?? seed)
  }

  private func offering(_ output: String, _ point: ResolvedPoint, _ arm: String) -> String? {
    let names = point.stages.filter {
      $0.procedure.outputs.contains(output) && $0.procedure.applies(toArm: arm)
    }.map(\.name)
    return Wording.known("stages of arm '\(arm)' that offer '\(output)'", names)
  }
}
