import Determinism
import TensorCore

/// What a record's circumstances say about the arithmetic: shown, never compared.
package enum KernelFacts {
  package static var openBLASCore: String { OpenBLAS.coreName }

  package static var document: JSON.Object {
    JSON.Object([
      ("kernel_family", JSON(KernelFamily.best.rawValue)),
      ("openblas", JSON(OpenBLAS.configuration)), ("openblas_core", JSON(OpenBLAS.coreName)),
    ])
  }
}
