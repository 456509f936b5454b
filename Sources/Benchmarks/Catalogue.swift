import Transformers

/// What is measured, and what it has to reach: every size, row and goal is a line of this file.
///
/// S, M and L are the sizes at which trainers of small models are compared, on sequences that fill the
/// context; d32, d64 and d128 are those of real studies, on documents of the toy language as they come.
package enum Catalogue {
  package static let all: [Benchmark] = training + sampling + probes

  static let training: [Benchmark] = [
    trained(
      "S", ModelConfiguration(vocabulary: 256, context: 64, dModel: 64, layers: 2, heads: 4),
      batch: 64,
      [
        .stock: [1: Goal(3.5, floor: 3.0), 2: Goal(4, floor: 3.5)],
        .unlocked: [1: Goal(2.2, floor: 1.8), 2: Goal(2.8, floor: 2.4)],
        .arithmetic: [1: Goal(0.82, floor: 0.75), 2: Goal(0.76, floor: 0.68)],
      ], onAVX2: [.stock: anyThreads(Goal(1.8))]),
    trained(
      "M", ModelConfiguration(vocabulary: 256, context: 64, dModel: 128, layers: 4, heads: 4),
      batch: 64,
      [
        .stock: [1: Goal(2.8, floor: 2.4), 2: Goal(3, floor: 2.6)],
        .unlocked: [1: Goal(1.4, floor: 1.2), 2: Goal(1.7, floor: 1.5)],
        .arithmetic: [1: Goal(0.84, floor: 0.75), 2: Goal(0.80, floor: 0.70)],
      ]),
    trained(
      "L", ModelConfiguration(vocabulary: 256, context: 128, dModel: 256, layers: 6, heads: 8),
      batch: 32,
      [
        .stock: [1: Goal(2.5, floor: 2.2), 2: Goal(2.6, floor: 2.3)],
        .unlocked: [1: Goal(1.3, floor: 1.2), 2: Goal(1.4, floor: 1.25)],
        .arithmetic: [1: Goal(0.84, floor: 0.75), 2: Goal(0.80, floor: 0.70)],
      ]),
    studied("d32", dModel: 32, layers: 2, heads: 2),
    studied("d64", dModel: 64, layers: 4, heads: 4),
    studied("d128", dModel: 128, layers: 6, heads: 4),
  ]

  static let sampling: [Benchmark] = [
    sampled("S", like: training[0], [1: Goal(5), 2: Goal(7)]),
    sampled("M", like: training[1], [1: Goal(3.5), 2: Goal(4.5)]),
  ]

  static let probes: [Benchmark] = [
    probed("logistic", .logistic, Goal(2.5, floor: 2.2), agreement: 1e-4),
    probed("mean-difference", .meanDifference, Goal(3, floor: 2.5), agreement: 1e-3),
    probed("roc", .roc, Goal(40, floor: 20), agreement: 1e-9),
  ]

  private static func trained(
    _ name: String, _ model: ModelConfiguration, batch: Int,
    _ goals: [Opponent: [Int: Goal]], onAVX2: [Opponent: [Int: Goal]] = [:]
  ) -> Benchmark {
    Benchmark(
      name: name, task: .training(TrainingTask(model: model, batch: batch, isRagged: false)),
      goals: goals.merging([.memory: anyThreads(Goal(1))]) { $1 }, goalsOnAVX2: onAVX2,
      agreement: 1e-3)
  }

  private static func studied(_ name: String, dModel: Int, layers: Int, heads: Int) -> Benchmark {
    let model = ModelConfiguration(
      vocabulary: StudyDocuments.vocabulary, context: 64, dModel: dModel, layers: layers,
      heads: heads)
    return Benchmark(
      name: name, task: .training(TrainingTask(model: model, batch: 32, isRagged: true)),
      goals: [.stock: anyThreads(Goal(4)), .memory: anyThreads(Goal(1))], agreement: 1e-3)
  }

  private static func sampled(
    _ name: String, like training: Benchmark, _ goals: [Int: Goal]
  ) -> Benchmark {
    guard case .training(let task) = training.task else { preconditionFailure("a training size") }
    return Benchmark(
      name: name, task: .sampling(SamplingTask(model: task.model, batch: 64)),
      goals: [.stock: goals], agreement: 1e-4)
  }

  private static func probed(
    _ name: String, _ kind: ProbeTask.Kind, _ goal: Goal, agreement: Double
  ) -> Benchmark {
    Benchmark(
      name: name, task: .probe(ProbeTask(kind: kind)), goals: [.stock: anyThreads(goal)],
      agreement: agreement)
  }

  private static func anyThreads(_ goal: Goal) -> [Int: Goal] { [1: goal, 2: goal] }
}

/// A ratio to be reached, and the one below which the work is not done.
package struct Goal: Equatable, Sendable {
  package let goal: Double
  package let floor: Double?

  package init(_ goal: Double, floor: Double? = nil) {
    self.goal = goal
    self.floor = floor
  }
}

/// What a figure is held against.
package enum Opponent: String, CaseIterable, Sendable {
  /// The time that the floating-point operations alone would take at the measured FMA peak.
  case arithmetic
  /// The peer as it is installed.
  case stock
  /// The peer with MKL's AVX-512 code paths open on processors of other makers.
  case unlocked
  /// The stock peer's peak memory.
  case memory
}

/// One thing to be timed.
package struct Benchmark: Sendable {
  package enum Part: String, CaseIterable, Sendable { case training, sampling, probes, kernels }
  package enum Task: Sendable {
    case training(TrainingTask)
    case sampling(SamplingTask)
    case probe(ProbeTask)
  }

  package let name: String
  package let task: Task
  let goals: [Opponent: [Int: Goal]]
  /// Instead of those against peers where the kernels are held to AVX2.
  let goalsOnAVX2: [Opponent: [Int: Goal]]
  /// Largest relative difference between the facts of ours and of a peer: more is another task.
  package let agreement: Double

  init(
    name: String, task: Task, goals: [Opponent: [Int: Goal]],
    goalsOnAVX2: [Opponent: [Int: Goal]] = [:], agreement: Double
  ) {
    self.name = name
    self.task = task
    self.goals = goals
    self.goalsOnAVX2 = goalsOnAVX2
    self.agreement = agreement
  }

  package var part: Part {
    switch task {
    case .training: .training
    case .sampling: .sampling
    case .probe: .probes
    }
  }

  /// e.g. `training/S`
  package var id: String { "\(part.rawValue)/\(name)" }

  /// nil where none was set: other numbers of threads, other kernels.
  package func goal(against opponent: Opponent, threads: Int, isAVX2Only: Bool = false) -> Goal? {
    if isAVX2Only, opponent == .stock || opponent == .unlocked {
      return goalsOnAVX2[opponent]?[threads]
    }
    return goals[opponent]?[threads]
  }
}
