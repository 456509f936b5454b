/// What the `sqlite3` program shows to people: doubles decoded from their 8 big-endian bytes with
/// `hex(substr())` and arithmetic, so that no loadable function and no second copy is needed.
extension Schema {
  static func views(_ decoder: Decoder) -> [String] {
    [
      // 16 hexadecimal digits → the number. Every step is exact: the significand is an integer below 2^53,
      // and the power of two is applied in two halves, of which only the second can round (it does not).
      """
      CREATE VIEW scalar_value AS
      SELECT lower(hex(stage.key)) AS stage, stage.kind AS stage_kind, name.name AS name,
        \(decoder.number("scalar.bits")) AS value,
        \(decoder.kind("scalar.bits")) AS kind
      FROM scalar JOIN stage ON stage.id = scalar.stage JOIN name ON name.id = scalar.name
      """,
      """
      CREATE VIEW series_point AS
      WITH RECURSIVE point (stage, name, i) AS (
        SELECT stage, name, 0 FROM series WHERE length(bits) > 0
        UNION ALL
        SELECT point.stage, point.name, point.i + 1
        FROM point JOIN series ON series.stage = point.stage AND series.name = point.name
        WHERE 8 * (point.i + 1) < length(series.bits)
      )
      SELECT lower(hex(stage.key)) AS stage, stage.kind AS stage_kind, name.name AS name,
        point.i AS position,
        \(decoder.integer(at("series.steps", "point.i"))) AS step,
        \(decoder.number(at("series.bits", "point.i"))) AS value,
        \(decoder.kind(at("series.bits", "point.i"))) AS kind
      FROM point JOIN series ON series.stage = point.stage AND series.name = point.name
        JOIN stage ON stage.id = point.stage JOIN name ON name.id = point.name
      """,
      """
      CREATE VIEW roc_point AS
      WITH RECURSIVE point (stage, name, i) AS (
        SELECT stage, name, 0 FROM curve WHERE length(thresholds) > 0
        UNION ALL
        SELECT point.stage, point.name, point.i + 1
        FROM point JOIN curve ON curve.stage = point.stage AND curve.name = point.name
        WHERE 8 * (point.i + 1) < length(curve.thresholds)
      ), counted AS (
        SELECT lower(hex(stage.key)) AS stage, stage.kind AS stage_kind, name.name AS name,
          point.i AS position,
          \(decoder.number(at("curve.thresholds", "point.i"))) AS threshold,
          \(decoder.kind(at("curve.thresholds", "point.i"))) AS threshold_kind,
          \(decoder.integer(at("curve.true_positives", "point.i"))) AS tp,
          \(decoder.integer(at("curve.false_positives", "point.i"))) AS fp,
          curve.positives AS positives, curve.negatives AS negatives
        FROM point JOIN curve ON curve.stage = point.stage AND curve.name = point.name
          JOIN stage ON stage.id = point.stage JOIN name ON name.id = point.name
      )
      SELECT stage, stage_kind, name, position, threshold, threshold_kind, tp, fp,
        negatives - fp AS tn, positives - tp AS fn,
        CAST(tp AS REAL) / positives AS tpr, CAST(fp AS REAL) / negatives AS fpr
      FROM counted
      """,
      """
      CREATE VIEW run_value AS
      SELECT lower(hex(run.run)) AS run, run.slug AS study, run.point AS point, run.arm AS arm,
        run.seed AS seed, run.phase AS phase, run_stage.name AS stage, name.name AS name,
        \(decoder.number("scalar.bits")) AS value,
        \(decoder.kind("scalar.bits")) AS kind
      FROM run JOIN run_stage ON run_stage.run = run.id
        JOIN stage ON stage.id = (SELECT min(id) FROM stage WHERE key = run_stage.key)
        JOIN scalar ON scalar.stage = stage.id JOIN name ON name.id = scalar.name
      """,
      """
      CREATE VIEW estimate_value AS
      SELECT assessment.slug AS study, assessment.prediction_id AS prediction,
        estimate.position AS position, assessment.result AS result, estimate.n AS n,
        \(decoder.number("estimate.bits")) AS value,
        \(decoder.number("estimate.lower")) AS lower,
        \(decoder.number("estimate.upper")) AS upper,
        estimate.method AS method
      FROM estimate JOIN assessment ON assessment.id = estimate.assessment
      """,
    ]
  }

  static func at(_ blob: String, _ index: String) -> String {
    "substr(\(blob), 8 * \(index) + 1, 8)"
  }

  /// Digits first ..< first + count (1-based) of an 8-byte blob as an integer, two's complement.
  private static func bits(_ blob: String, _ first: Int, _ count: Int) -> String {
    let digits = (0..<count).map { index in
      let digit = "(instr('123456789ABCDEF', substr(hex(\(blob)), \(first + index), 1)))"
      let shift = 4 * (count - 1 - index)
      return shift == 0 ? digit : "(\(digit) << \(shift))"
    }
    return "(" + digits.joined(separator: " | ") + ")"
  }

  static func integer(_ blob: String) -> String { bits(blob, 1, 16) }

  static func kind(_ blob: String) -> String {
    let special = "\(bits(blob, 1, 3)) & 2047 = 2047"
    return """
      CASE WHEN hex(\(blob)) = '8000000000000000' THEN '-0.0'
        WHEN hex(\(blob)) = '7FF0000000000000' THEN 'inf'
        WHEN hex(\(blob)) = 'FFF0000000000000' THEN '-inf'
        WHEN \(special) THEN 'nan' ELSE 'finite' END
      """
  }

  /// The double as REAL; NULL for NaN.
  static func number(_ blob: String) -> String {
    let high = bits(blob, 1, 3)
    let fraction = bits(blob, 4, 13)
    // e = 0 means subnormal: exponent 1 without the hidden bit.
    return """
      (SELECT CASE WHEN e = 2047 AND f <> 0 THEN NULL WHEN e = 2047 THEN s * 9e999
          ELSE s * scaled END
        FROM (SELECT s, e, f,
            CAST(m AS REAL) * \(power("k / 2")) * \(power("k - k / 2")) AS scaled
          FROM (SELECT s, e, f, CASE WHEN e = 0 THEN f ELSE f | (1 << 52) END AS m,
              max(e, 1) - 1075 AS k
            FROM (SELECT CASE WHEN \(high) & 2048 THEN -1 ELSE 1 END AS s,
                \(high) & 2047 AS e, \(fraction) AS f))))
      """
  }

  /// 2^k for |k| ≤ 538, by the bits of |k|; the large powers are products of exact literals.
  private static func power(_ k: String) -> String {
    let two32 = "4294967296.0"
    let powers = (0..<10).map { bit -> String in
      // 2, 4, 16, 256, 65536, then products of 2^32.
      let factor =
        bit < 5
        ? "\(1 << (1 << bit)).0"
        : Array(repeating: two32, count: 1 << (bit - 5)).joined(separator: " * ")
      return "(CASE WHEN abs(\(k)) & \(1 << bit) THEN \(factor) ELSE 1.0 END)"
    }
    let power = "(" + powers.joined(separator: " * ") + ")"
    return "(CASE WHEN \(k) < 0 THEN 1.0 / \(power) ELSE \(power) END)"
  }
}
