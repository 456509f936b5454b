import Determinism
import Statistics

/// What was found of the registry, figure by figure.
package struct RegistryReport: Sendable {
  /// In the order of the catalogue; those that were not asked for have neither figure nor trouble.
  package let findings: [RegistryFinding]
  package let options: RegistryOptions
  /// Of the peers, e.g. `peer_mlflow`.
  package let versions: JSON.Object
  package let loadAtStart: [Double]
  package let loadAtEnd: [Double]

  /// The report as one run document.
  package func document(
    environment: JSON.Object, engine: EngineSetting, notes: String
  ) throws(StatisticsError) -> JSON {
    var metrics: [(String, JSON)] = []
    var series: [(String, JSON)] = []
    for finding in findings where !finding.ours.isEmpty {
      let key = "registry/\(finding.figure.name)"
      if let median = try finding.median() { metrics.append(("\(key)/ours", JSON(median))) }
      series.append(("\(key)/own", .array(finding.ours.map { JSON($0) })))
      for peer in RegistryPeer.allCases {
        guard let median = try finding.median(of: peer) else { continue }
        metrics.append(("\(key)/\(peer.rawValue)", JSON(median)))
        series.append(
          ("\(key)/\(peer.rawValue)", .array(finding.theirs[peer, default: []].map { JSON($0) })))
      }
    }
    return BenchmarkReport.document(
      name: "registry",
      config: [
        ("benchmarks", ["registry"]), ("rounds", JSON(options.rounds)),
        ("sizes", .array(options.sizes.map { JSON($0) })), ("runs", JSON(options.runs)),
        ("points", JSON(options.points)), ("followed", JSON(options.followed)),
        ("writers", JSON(options.writers)), ("runs_of_writer", JSON(options.runsOfWriter)),
      ],
      environment: environment.merging(
        BenchmarkReport.facts(loadAtStart: loadAtStart, loadAtEnd: loadAtEnd)
      ).merging(versions),
      metrics: metrics, series: series, engine: engine, notes: notes)
  }
}
