import COpenBLAS
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whose kernels compute: those that the library detected, or one family's that every AVX2 machine has.
///
/// The choice is the process's, and final with the first computation, because the two users of the library
/// want different things. Backend `openblas` takes what was detected, or what the user set in
/// `OPENBLAS_CORETYPE`, and records its name; a process that pins has the same bits as any other that
/// pins. So that neither can take the other's, recorded factorisations do not come from here at all: Probing
/// has its own (`Cholesky`, `SymmetricEigen`), equal on every machine, and a process pins only where it
/// wants LAPACK's speed at sizes beyond theirs.
extension OpenBLAS {
  package enum Kernels: Equatable, Sendable {
    /// Nothing has been computed: still open.
    case undecided
    /// Those found at start-up, in use.
    case detected
    /// Haswell's, by `pin`.
    case pinned
  }

  /// Why the kernels cannot be pinned.
  package enum PinError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The processor lacks AVX2 or FMA, and would trap.
    case unsupportedProcessor
    /// The user chose others.
    case chosen(coreType: String)
    /// Something was computed with others already.
    case inUse(coreType: String)
    /// A library with one set of kernels only, or one that did not obey.
    case fixed(coreType: String)

    package var description: String {
      switch self {
      case .unsupportedProcessor:
        "OpenBLAS cannot use Haswell kernels here: the processor has no AVX2 with FMA"
      case .chosen(let coreType):
        "OPENBLAS_CORETYPE is '\(coreType)'; unset it, or set it to Haswell"
      case .inUse(let coreType): "OpenBLAS has computed with \(coreType) kernels already"
      case .fixed(let coreType): "this OpenBLAS has \(coreType) kernels and cannot change them"
      }
    }
  }

  private static let state = Mutex(Kernels.undecided)
  private static let pinnedCore = "Haswell"

  package static var kernels: Kernels { state.withLock { $0 } }
  package static var isPinned: Bool { kernels == .pinned }

  /// Haswell kernels from here on, at one thread; again, no change. Call it before threads are started: the
  /// library reads the choice from the environment, which is set for that moment.
  package static func pin() throws(PinError) {
    let failure: PinError? = state.withLock { state in
      do throws(PinError) {
        try pin(&state)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  private static func pin(_ state: inout Kernels) throws(PinError) {
    if state == .pinned { return }
    guard KernelFamily.avx2.isSupported else { throw .unsupportedProcessor }
    let variable = "OPENBLAS_CORETYPE"
    let chosen = getenv(variable).map { String(cString: $0) }
    if let chosen, chosen.lowercased() != pinnedCore.lowercased() {
      throw .chosen(coreType: chosen)
    }
    if coreName != pinnedCore {
      guard state == .undecided else { throw .inUse(coreType: coreName) }
      // Exported by a library with kernels for several processors; absent from others.
      typealias Routine = @convention(c) () -> Void
      guard let quit = openblas_symbol("gotoblas_dynamic_quit"),
        let start = openblas_symbol("gotoblas_dynamic_init")
      else { throw .fixed(coreType: coreName) }
      setenv(variable, pinnedCore, 1)
      unsafeBitCast(quit, to: Routine.self)()
      unsafeBitCast(start, to: Routine.self)()
      if chosen == nil { unsetenv(variable) }
      guard coreName == pinnedCore else { throw .fixed(coreType: coreName) }
    }
    openblas_set_num_threads(1)
    state = .pinned
  }

  /// Before every computation: one thread, because two of them would change bits, and the kernels settled.
  static func begin() { _ = begun }

  private static let begun: Void = {
    openblas_set_num_threads(1)
    state.withLock { if $0 == .undecided { $0 = .detected } }
  }()
}
