"""Hugo on the pages of runs of a site that dormouse built: python3 hugo_site.py SITE FOLDER

FOLDER becomes a Hugo project: for each run a bundle with the run's Markdown twin as content, its drawing inline, and
its other files as resources, in a layout with the same head, navigation and foot. Hugo is then timed on a build from
nothing. One line of JSON says what it took. Needs `hugo` on the path (Debian: hugo), and nothing from PyPI.
"""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

site, folder = map(pathlib.Path, sys.argv[1:3])
page = None
for run in sorted((site / "runs").iterdir()):
    html = run / "index.html"
    if not html.is_file():
        continue
    page = page or html.read_text()
    bundle = folder / "content" / "runs" / run.name
    bundle.mkdir(parents=True)
    title = re.search(r"<h1[^>]*>(.*?)</h1>", html.read_text(), re.S).group(1)
    drawings = "\n\n".join(re.findall(r"<svg.*?</svg>", html.read_text(), re.S))
    words = (run / "index.md").read_text()
    (bundle / "index.md").write_text(f"---\ntitle: {json.dumps(title)}\n---\n{words}\n\n{drawings}\n")
    for file in sorted(run.rglob("*")):
        if file.is_file() and file.suffix not in (".html", ".md"):
            target = bundle / file.relative_to(run)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(file, target)

# What stands around the content of every page, as it is in ours.
before, rest = re.split(r"<main[^>]*>", page, maxsplit=1)
after = rest.split("</main>", 1)[1]
literal = lambda text: text.replace("{{", "{{ `{{` }}")
layouts = folder / "layouts" / "_default"
layouts.mkdir(parents=True)
(layouts / "single.html").write_text(
    literal(before) + "<main><h1>{{ .Title }}</h1>{{ .Content }}</main>" + literal(after))
(folder / "config.json").write_text(json.dumps({
    "baseURL": "/", "disableKinds": ["taxonomy", "term", "section", "home", "RSS", "sitemap", "404"],
    "markup": {"goldmark": {"renderer": {"unsafe": True}}},
}))

started = time.monotonic()
subprocess.run(["hugo", "--quiet", "--source", str(folder), "--destination", "public"], check=True)
seconds = time.monotonic() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
built = [file for file in (folder / "public").rglob("*") if file.is_file()]
pages = [file for file in built if file.name == "index.html"]
if len(pages) != sum(1 for _ in (folder / "content" / "runs").iterdir()):
    sys.exit(f"Hugo made {len(pages)} pages")
version = subprocess.run(["hugo", "version"], capture_output=True, text=True, check=True).stdout
print(json.dumps({
    "seconds": seconds, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_megabytes": used.ru_maxrss * 1024 / 1e6,
    "megabytes": sum(file.stat().st_size for file in built) / 1e6,
    "versions": {"hugo": re.search(r"v([0-9.]+)", version).group(1)},
}))
