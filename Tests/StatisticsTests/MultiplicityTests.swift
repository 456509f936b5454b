import Statistics
import Testing

@Suite struct MultiplicityTests {
  @Test func `corrections equal SciPy's and Holm's definition`() throws {
    let golden = try Golden.document("statistics")["multiplicity"]!
    let p = golden["p"]!.doubles
    for (ours, value) in zip(Multiplicity.holm(p), golden["holm"]!.doubles) {
      #expect((ours - value).magnitude < 1e-14)
    }
    for (ours, value) in zip(Multiplicity.benjaminiHochberg(p), golden["q"]!.doubles) {
      #expect((ours - value).magnitude < 1e-14)
    }
  }

  @Test func `a test that was not done is not counted`() {
    #expect(Multiplicity.holm([0.01, .nan, 0.04])[0] == 0.02)
    #expect(Multiplicity.holm([0.01, .nan, 0.04])[1].isNaN)
    #expect(Multiplicity.benjaminiHochberg([0.04, .nan, 0.03])[2] == 0.04)
    #expect(Multiplicity.holm([]) == [])
    #expect(Multiplicity.holm([0.9, 0.8]) == [1, 1])
  }
}
