import Determinism
import Records
import Testing

@testable import Interchange

@Suite struct TableStoreTests {
  let folder = Folder()

  private func runs(
    _ name: String, _ text: String, _ options: ForeignOptions = ForeignOptions()
  ) throws -> [RegisteredRunRecord] {
    try TrackerFixture.write(text, to: folder[name])
    return try TrackerFixture.runs(folder[name], options: options).runs.map(\.record)
  }

  private func problem(_ text: String, step: String? = nil) throws -> String {
    try TrackerFixture.write(text, to: folder["t.csv"])
    var options = ForeignOptions()
    options.step = step
    let story = TrackerFixture.story(folder["t.csv"], options: options)
    #expect(story.problems.count == 1 && story.runs == 0)
    return story.problems.first?.description.replacing(folder["t.csv"], with: "t.csv") ?? ""
  }

  @Test func `a file is a run, its columns are series`() throws {
    let runs = try runs("Curve A.csv", "step,loss,model\n0,0.1,gpt\n10,nan,gpt\n20,-inf,gpt\n")
    #expect(runs.count == 1)
    #expect(runs[0].slug == "curve-a" && runs[0].name == "Curve A")
    #expect(runs[0].clientID == "csv:Curve A.csv")
    let loss = try #require(runs[0].values.series["loss"])
    #expect(loss.steps == [0, 10, 20])
    #expect(
      loss.values.map(TrackerFixture.bits)
        == [0.1, Double.nan, -Double.infinity].map(TrackerFixture.bits))
    #expect(runs[0].values.scalars["loss"] == -.infinity)
    #expect(runs[0].config == JSON.members(["model": "gpt"]))
  }

  @Test func `a row is a run where a column tells the runs`() throws {
    let runs = try runs(
      "sweep.csv", "run,config.layer,config.version,note,auroc\nb,4,1.10,x,0.5\na,8,1.1,y,1\n")
    #expect(runs.map(\.name) == ["b", "a"])
    #expect(runs.map(\.clientID) == ["csv:sweep.csv/b", "csv:sweep.csv/a"])
    #expect(runs[0].config == JSON.members(["layer": 4, "version": "1.10", "note": "x"]))
    #expect(runs[1].config == JSON.members(["layer": 8, "version": 1.1, "note": "y"]))
    #expect(runs.map { $0.values.scalars["auroc"] } == [0.5, 1])
    #expect(runs.allSatisfy { $0.values.series.isEmpty })
  }

  @Test func `lines of JSON keep their types, and a cut-off last one is told`() throws {
    try TrackerFixture.write(
      #"{"step": 0, "loss": 1e-5, "config.deep": {"a": [1]}}"# + "\n"
        + #"{"step": 1, "loss": NaN, "config.deep": {"a": [1]}}"# + "\n" + #"{"step": 2, "lo"#,
      to: folder["live.jsonl"])
    let found = try TrackerFixture.runs(folder["live.jsonl"])
    let run = try #require(found.runs.first?.record)
    #expect(run.values.series["loss"]?.steps == [0, 1])
    #expect(run.config["deep"]?["a"] == [1])
    #expect(found.remarks.count == 1 && found.remarks[0].hasSuffix("cut off and was left out"))
  }

  @Test func `a folder is a study, its files runs; another column may hold the steps`() throws {
    try TrackerFixture.write("t,loss\n5,1\n9,2\n", to: folder["exp/one.csv"])
    try TrackerFixture.write("t,loss\n5,3\n", to: folder["exp/two.csv"])
    try TrackerFixture.write("not a table", to: folder["exp/readme.md"])
    var options = ForeignOptions()
    options.step = "t"
    let runs = try TrackerFixture.runs(folder["exp"], options: options).runs.map(\.record)
    #expect(runs.map(\.name) == ["one", "two"])
    #expect(runs.allSatisfy { $0.slug == "exp" })
    #expect(runs[0].values.series["loss"]?.steps == [5, 9])
  }

  @Test func `what is wrong is said with its place`() throws {
    #expect(
      try problem("step,loss\n0,1\n0,2\n") == """
        t.csv:3:1: loss: step 0 occurs twice
        hint: sort the rows by step, or name the column of steps: --step COLUMN
        """)
    #expect(
      try problem("step,word\n0,a\n1,b\n") == """
        t.csv:3:1: word: a text that changes within a run: 'b'
        hint: columns are numbers, or the same throughout a run; runs are told apart by a column 'run'
        """)
    #expect(try problem("step,loss\n0,1\n1,x\n").hasPrefix("t.csv:3:1: loss: expected a number"))
    #expect(try problem("step,loss\n0.5,1\n").hasPrefix("t.csv:2:1: step: expected a whole number"))
    #expect(try problem("run,loss\n,1\n").hasPrefix("t.csv:2:1: run: a row without its run"))
    #expect(try problem("").hasPrefix("t.csv:1:1: is empty"))
    #expect(try problem("loss\n").hasPrefix("t.csv: has no rows"))
    #expect(try problem("a,b\n1\n").hasPrefix("t.csv:2:1: 1 cells in a row of 2 columns"))
    #expect(try problem("a,b\n1,2\n", step: "c").hasPrefix("t.csv: has no column 'c'"))
    #expect(
      try problem("run,loss\n\"a\u{1}\",1\n").hasPrefix(
        "t.csv:2:1: the name of a run has no control"))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `any bytes are a table or a problem`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "tables")
    let text = Array("run,step,loss\na,1,0.5\n\"b\",2,1e9\n".utf8)
    for _ in 0..<200 {
      var bytes = text
      for _ in 0..<3 {
        bytes[Int(stream.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: stream.next())
      }
      try TrackerFixture.write(bytes, to: folder["t.csv"])
      let story = TrackerFixture.story(folder["t.csv"])
      #expect(story.problems.count + story.runs > 0, "seed \(seed): \(bytes)")
    }
  }
}
