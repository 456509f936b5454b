import Studies

extension ForeignSource {
  /// `tool:id`, the id as the source has it.
  ///
  /// - Throws: `ForeignProblem` for an id that no run can have: too long, or with control characters.
  static func clientID(_ tool: String, _ id: String, in file: String) throws(ForeignProblem)
    -> String
  {
    let clientID = "\(tool):\(id)"
    if let problem = id.isEmpty ? "cannot be empty" : problem(withName: clientID) {
      throw ForeignProblem(file, "the id of its run, '\(Wording.shown(id))', \(problem)")
    }
    return clientID
  }
}
