import ArgumentParser
import Benchmarks

/// Names separated by commas.
struct NameList: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    guard !names.contains("") else { return nil }
  }
}

/// Numbers of runs separated by commas, each once.
struct SizeList: ExpressibleByArgument {
  let values: [Int]

  init?(argument: String) {
    guard let names = NameList(argument: argument)?.names else { return nil }
    values = names.compactMap { Int($0) }
    guard values.count == names.count, Set(values).count == values.count,
      values.allSatisfy(Catalogue.registrySizes.contains)
    else { return nil }
  }
}

/// Numbers of threads separated by commas, each once.
struct ThreadList: ExpressibleByArgument {
  let values: [Int]

  init?(argument: String) {
    guard let names = NameList(argument: argument)?.names else { return nil }
    values = names.compactMap { Int($0) }
    guard values.count == names.count, Set(values).count == values.count,
      values.allSatisfy((1...256).contains)
    else { return nil }
  }
}
