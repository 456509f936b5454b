import Determinism
import Testing

@testable import Studies

struct `A backend in a stage key` {
  func catalog(_ core: String) -> Catalog {
    Catalog(stages: [], arms: [], openBLASCore: { core })
  }

  @Test func `names the core type where OpenBLAS decides the bits`() {
    #expect(catalog("Haswell").backend("own") == "own")
    #expect(catalog("Haswell").backend("openblas") == "openblas/Haswell")
    func key(_ core: String, _ backend: String) -> Digest {
      PlannedStep(
        kind: "toy", version: 1, options: JSON.Object(), seed: 1,
        backend: catalog(core).backend(backend), inputs: [:]
      ).key
    }
    #expect(key("Haswell", "own") == key("Zen", "own"))
    #expect(key("Haswell", "openblas") != key("Zen", "openblas"))
  }

  @Test func `of another core type is refused with the way to it`() {
    let here = catalog("Cooperlake")
    #expect(here.problem(withBackend: "own") == nil)
    #expect(here.problem(withBackend: "openblas/Cooperlake") == nil)
    #expect(
      here.problem(withBackend: "openblas/Haswell")
        == "needs OpenBLAS on core type Haswell, here it is Cooperlake "
        + "(OPENBLAS_CORETYPE=Haswell chooses it on a processor that has its instructions)")
    #expect(
      here.problem(withBackend: "mkl") == "needs backend 'mkl', which this binary does not have")
  }
}
