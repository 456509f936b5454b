/// Doubles and integers out of their 8 big-endian bytes in plain SQL: what the views say since format 3. The
/// same as in format 1 in a quarter of the text, which SQLite parses whenever a registry is opened.
enum Decoding {
  /// The bytes as an integer, two's complement. The operators of SQLite that work on bits all bind alike:
  /// each digit has its parentheses.
  static func integer(_ blob: String) -> String {
    let digits = (1...16).map { place in
      let digit = "instr('123456789ABCDEF',substr(h,\(place),1))"
      return place == 16 ? digit : "(\(digit)<<\(64 - 4 * place))"
    }
    return "(SELECT \(digits.joined(separator: "|")) FROM (SELECT hex(\(blob)) AS h))"
  }

  /// The double as REAL; NULL for NaN. Every step is exact: the significand is an integer below 2^53, and it is
  /// multiplied with, or divided by, powers of two of which only the last can leave the range.
  static func number(_ blob: String) -> String {
    """
    (WITH w(w) AS MATERIALIZED (SELECT \(integer(blob))),
    p(s,e,f) AS (SELECT iif(w<0,-1.0,1.0),(w>>52)&2047,w&4503599627370495 FROM w),
    q(e,f,m,k) AS MATERIALIZED
      (SELECT e,f,s*iif(e,f|4503599627370496,f),max(e,1)-1075 FROM p)
    SELECT CASE WHEN e=2047 THEN iif(f,NULL,9e999*m) WHEN k<0 THEN m\(scaled("/"))
      ELSE m\(scaled("*")) END
    FROM (SELECT *,abs(k) AS n FROM q),\(powers))
    """
  }

  /// By 2^n, n < 1116: 2^(n mod 62), then the bits of n / 62.
  private static func scaled(_ by: String) -> String {
    "\(by)(1.0*(1<<(n%62)))"
      + zip([1, 2, 4, 8, 16], ["a", "b", "c", "d", "g"])
      .map { "\(by)iif((n/62)&\($0),\($1),1)" }.joined()
  }

  /// 2^62 and its squares, out of one literal that is exact.
  private static let powers = """
    (SELECT a,b,c,d,d*d AS g FROM (SELECT a,b,c,c*c AS d FROM (SELECT a,b,b*b AS c
    FROM (SELECT a,a*a AS b FROM (SELECT 4611686018427387904.0 AS a)))))
    """

  static func kind(_ blob: String) -> String {
    """
    CASE hex(\(blob)) WHEN '8000000000000000' THEN '-0.0' WHEN '7FF0000000000000' THEN 'inf'
    WHEN 'FFF0000000000000' THEN '-inf'
    ELSE iif(substr(hex(\(blob)),1,3) IN ('7FF','FFF'),'nan','finite') END
    """
  }
}

/// How a view gets at the doubles: the text of the views that have been released is frozen, decoder and all.
struct Decoder: Sendable {
  let integer: @Sendable (String) -> String
  let number: @Sendable (String) -> String
  let kind: @Sendable (String) -> String

  static let format1 = Decoder(
    integer: Schema.integer, number: Schema.number, kind: Schema.kind)
  static let format3 = Decoder(
    integer: Decoding.integer, number: Decoding.number, kind: Decoding.kind)
}

extension Schema {
  /// The views of formats 1 and 2 made anew, saying the same.
  static let shorterViews = (views(.format3) + registeredViews(.format3)).flatMap { view in
    ["DROP VIEW \(view.split(separator: " ", maxSplits: 3)[2])", view]
  }
}
