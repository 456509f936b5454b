extension Site {
  /// The page that compares, the data that its script reads, and the comparisons that were asked for.
  func comparing() -> [Part] {
    let made = index.comparisons(options.comparisons)
    return [page { (ComparePage.page(index, made), [:]) }]
      + made.map { one in page { one.build() } }
      + CompareShards(index: index).parts
  }
}
