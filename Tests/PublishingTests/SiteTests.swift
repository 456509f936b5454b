import Determinism
import Glibc
import Publishing
import Rendering
import Testing

@Suite struct SiteTests {
  @Test func `a site of forty-eight runs is whole, small and passes its own check`() throws {
    let folder = try TemporaryFolder()
    let templates = try TemplateSet.embedded()
    let site = Site(
      snapshot: SyntheticRegistry().snapshot(), narratives: [SyntheticRegistry.slug: narrative])
    let target = getenv("DORMOUSE_SITE_OUTPUT").map { String(cString: $0) } ?? folder.path + "/site"
    let summary = try Publisher(templates: templates).write(site, to: target, force: true)
    #expect(summary.pages == 6 + 48)
    #expect(summary.bytes < 16_000_000)
    #expect(try Publisher.check(target).map(\.description) == [])
    let files = try site.files(templates)
    for (path, bytes) in files where path.hasSuffix(".html") {
      #expect(bytes.count < 300_000, "\(path)")
    }
  }
}

let narrative = """
  # The title of the page is not repeated

  Safety training was applied to every arm; see the [glossary](glossary#arm) and [elsewhere](../../etc/passwd).

  {{figure: through-safety}}

  ## What the probe sees

  The same *generic* contrast, layer by layer:

  {{figure: layer-sweep}}

  {{figure: decoy-paired}}

  ## Limits

  - made-up numbers
  - one toy language

  {{figure: no-such-figure}}
  """
