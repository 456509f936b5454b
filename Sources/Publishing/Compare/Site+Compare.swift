extension Site {
  /// The page that compares, the data that its script reads, and the comparisons that were asked for.
  func comparing() -> [Part] {
    let pairs = index.known(options.comparisons)
    return [Part(unit: nil, make: page { (ComparePage.page(index, pairs), [:]) })]
      + pairs.map { pair in
        Part(unit: nil) { templates throws(PublishingError) in
          let comparison = try index.comparison(pair)
          return try page { comparison.build() }(templates)
        }
      } + CompareShards(index: index).parts
  }
}
