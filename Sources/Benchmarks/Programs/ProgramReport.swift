import Determinism
import Statistics

/// What was found of commands, figure by figure.
package struct ProgramReport: Sendable {
  /// In the order of the catalogue; those that were not asked for have neither figure nor trouble.
  package let findings: [ProgramFinding]
  /// What was measured: `registry` or `site`. The keys of its document begin with it.
  package let name: String
  package let rounds: Int
  /// How it was measured, for the document.
  let config: [(String, JSON)]
  /// The same where people need it.
  package var remark: String?
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
      let key = "\(name)/\(finding.figure.name)"
      if let median = try finding.median() { metrics.append(("\(key)/ours", JSON(median))) }
      series.append(("\(key)/own", .array(finding.ours.map { JSON($0) })))
      for peer in ProgramPeer.allCases {
        guard let median = try finding.median(of: peer) else { continue }
        metrics.append(("\(key)/\(peer.rawValue)", JSON(median)))
        series.append(
          ("\(key)/\(peer.rawValue)", .array(finding.theirs[peer, default: []].map { JSON($0) })))
      }
    }
    return BenchmarkReport.document(
      name: name,
      config: [("benchmarks", [JSON(name)]), ("rounds", JSON(rounds))] + config,
      environment: environment.merging(
        BenchmarkReport.facts(loadAtStart: loadAtStart, loadAtEnd: loadAtEnd)
      ).merging(versions),
      metrics: metrics, series: series, engine: engine, notes: notes)
  }
}
