// Sorting and filtering of tables. Every page is complete without this file.
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
