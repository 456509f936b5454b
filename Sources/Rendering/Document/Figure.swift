/// A figure: panels that share scales, what they say in words, the points drawn, and where the exact data is.
package struct Figure: Sendable {
  package struct Panel: Sendable {
    package let title: String
    /// As pages show it.
    package let drawing: HTML
    /// What it shows, in words; empty where the drawing alone says it.
    let description: String
    /// The same values laid out for a width; nil for what has only the one drawing.
    let chart: (@Sendable (_ width: Double) -> any Chart)?

    /// Of a chart on a page.
    package static let width = 360.0

    package init(title: String, drawing: HTML) {
      self.title = title
      self.drawing = drawing
      description = ""
      chart = nil
    }

    /// - Parameters:
    ///   - id: of the drawing, unique on the page.
    ///   - name: what the drawing is read out as.
    ///   - description: what it shows, in words.
    ///   - chart: for a width.
    package init(
      title: String, id: String, name: String, description: String,
      _ chart: @escaping @Sendable (_ width: Double) -> any Chart
    ) {
      self.title = title
      self.description = description
      self.chart = chart
      drawing = chart(Self.width).svg(id: id, title: name, description: description)
    }

    package init(
      title: String, id: String, name: String, description: String, chart: some Chart
    ) {
      self.init(title: title, id: id, name: name, description: description) {
        chart.laidOut($0)
      }
    }
  }

  package struct Download: Equatable, Sendable {
    package let label: String
    /// From the root of the site.
    package let path: String
    package init(label: String, path: String) {
      self.label = label
      self.path = path
    }
  }

  /// The anchor.
  package let id: String
  /// The finding or the quantity.
  package let title: String
  /// Unit, n, seeds, interval method.
  package let subtitle: String
  package let panels: [Panel]
  package let legend: [(style: Style, label: String)]
  /// The points drawn.
  package let table: Table?
  package let downloads: [Download]
  /// Stage, statistic and version.
  package let howComputed: String

  package init(
    id: String, title: String, subtitle: String, panels: [Panel],
    legend: [(style: Style, label: String)] = [], table: Table? = nil, downloads: [Download] = [],
    howComputed: String
  ) {
    self.id = id
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
    self.legend = legend
    self.table = table
    self.downloads = downloads
    self.howComputed = howComputed
  }

  func html(base: String, templates: TemplateSet) throws(TemplateError) -> HTML {
    let context: [String: TemplateValue] = [
      "id": .text(id), "title": .text(title), "subtitle": .text(subtitle),
      "panels": .list(
        panels.map {
          [
            "title": .text($0.title), "has_title": .flag(!$0.title.isEmpty),
            "drawing": .html($0.drawing),
          ]
        }),
      "has_legend": .flag(!legend.isEmpty),
      "legend": .list(
        legend.map { ["swatch": .html(Swatch.html($0.style)), "label": .text($0.label)] }),
      "has_table": .flag(table != nil),
      "table": .html(table?.html(base: base) ?? HTML()),
      "downloads": .list(
        downloads.map { ["label": .text($0.label), "href": .text(base + $0.path)] }),
      "how": .text(howComputed),
    ]
    return try templates.render("figure", context)
  }

  var markdown: String {
    var parts = ["**\(MarkdownText.escaped(title))**  \n\(MarkdownText.escaped(subtitle))"]
    parts += images
    if let table { parts.append(table.markdown) }
    let links = downloads.map {
      "[\(MarkdownText.escaped($0.label))](\(MarkdownText.destination(.page($0.path))))"
    }
    let how = "*How computed:* " + MarkdownText.escaped(howComputed)
    parts.append(([how] + links).joined(separator: " · "))
    return parts.joined(separator: "\n\n")
  }
}
