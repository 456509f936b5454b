import Determinism
import Records
import Rendering
import Studies

/// What the folders of runs and studies are a function of. Equal keys stand for equal files, so that a build takes
/// over from the site before it what nothing has touched.
///
/// Whatever a page of a unit reads has to be in its key: `IncrementalTests` change each thing there is and compare
/// with a build from nothing.
struct UnitKeys: Sendable {
  private let index: SiteIndex
  /// What every page depends on.
  private let common: JSON
  /// Ends of the chains by the study's slug.
  private let chains: [JSON.Text: [JSON]]

  /// - Parameter frame: what stands around the content of every page, as text.
  init(_ index: SiteIndex, templates: TemplateSet, frame: [String]) {
    self.index = index
    let all: JSON = [
      JSON(Site.format),
      .object(JSON.Object(templates.files.map { ($0.key, JSON(Digest(of: $0.value))) })),
      .array(frame.map { JSON($0) }), JSON(index.archives.root),
      // Prose may link to any study.
      .array(index.studies.map { JSON($0.folder) }),
    ]
    common = JSON(Digest(of: all))
    var chains: [JSON.Text: [JSON]] = [:]
    for chain in index.snapshot.chains {
      let end = chain.end
      chains[JSON.Text(chain.slug), default: []].append(
        [JSON(end.origin), JSON(end.length), JSON(end.head)])
    }
    self.chains = chains
  }

  /// - Parameter near: runs whose names stand on its page.
  func key(of run: RegisteredRunView, in study: StudyView, near: [RegisteredRunView]) -> Digest {
    Digest(
      of: [
        common, title(of: study), record(of: run),
        run.outline.parent.map { JSON(index.path(of: $0)) } ?? .null,
        .array(near.map { [JSON($0.id), JSON($0.title)] }),
        afterwards(run.reruns, run.annotations),
      ] as JSON)
  }

  func key(of run: RunView, in study: StudyView) -> Digest {
    Digest(
      of: [
        common, title(of: study), performed(run), afterwards(run.reruns, run.annotations),
        .array(ComparePage.beside(run, in: study).map { [JSON($0.id), JSON($0.label)] }),
      ] as JSON)
  }

  func key(of study: StudyView) -> Digest {
    // Primary predictions are corrected together.
    let family = index.snapshot.primaryAssessments(besides: study.slug)
    let slugs = Set(([study.slug] + family.map(\.slug)).map { JSON.Text($0) }).sorted()
    return Digest(
      of: [
        common, JSON(study.narrative), JSON(study.file?.figuresDigest.hex),
        .array(slugs.map { .array([JSON($0.value)] + (chains[$0] ?? [])) }),
        .array(study.runs.map(performed)), foundations(of: study),
        // The chain tells of all but those that are not recorded yet.
        .array(study.registered.filter { $0.outline.recordHash == nil }.map(record)),
      ] as JSON)
  }

  /// Stages that runs rest on need not be a part of one; what they took is on the page.
  private func foundations(of study: StudyView) -> JSON {
    let work = RecordedWork(behind: study.runs.map(\.record), in: index.snapshot.stages)
    return .array(work.stages.map { JSON(index.snapshot.stageHash($0)?.hex) })
  }

  private func title(of study: StudyView) -> JSON {
    [JSON(study.title), JSON(study.path), JSON(study.digest?.hex)]
  }

  private func record(of run: RegisteredRunView) -> JSON {
    if let hash = run.outline.recordHash { return JSON(hash) }
    let live = try? index.snapshot.record(of: run.outline)
    return live.map { JSON(Digest(of: $0.document)) } ?? .null
  }

  /// Stages may have been performed by another study, and what they kept may have gone.
  private func performed(_ run: RunView) -> JSON {
    let stages = run.stages.map { stage -> JSON in
      let held = (stage.record?.artifacts ?? [:]).filter { index.snapshot.holds($0.value.digest) }
      return [
        JSON(stage.name), JSON(index.snapshot.stageHash(stage.key)?.hex),
        .array(held.keys.map { JSON.Text($0) }.sorted().map { JSON($0.value) }),
      ]
    }
    return [
      JSON(Digest(of: run.record.document)), JSON(run.state.rawValue), JSON(run.note),
      JSON(run.hasPage), .array(stages),
    ]
  }

  private func afterwards(_ reruns: [RerunRecord], _ annotations: [AnnotationRecord]) -> JSON {
    [
      .array(reruns.map { JSON(Digest(of: $0.document)) }),
      .array(annotations.map { JSON(Digest(of: $0.document)) }),
    ]
  }
}
