"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const table = id("calls");
  const rows = [...table.tBodies];
  const heads = [...table.tHead.rows[0].cells];
  const details = JSON.parse(id("details").textContent);
  const roles = [...id("role").options].map((option) => option.value);
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const wrappers = id("wrappers");

  // -- filters
  const matches = (row) => {
    const data = row.dataset;
    const wanted = id("search").value.toLowerCase().split(/\s+/);
    const finding = id("finding").value;
    const codes = data.codes.split(" ").filter(Boolean);
    const state = id("state").value;
    return (
      wanted.every((word) => texts.get(row).includes(word)) &&
      (!id("provider").value || data.provider === id("provider").value) &&
      (!state || data.states.split(" ")[roles.indexOf(id("role").value)] === state) &&
      (!finding || (finding === "*" ? codes.length > 0 : finding === "-" ? !codes.length : codes.includes(finding))) &&
      (!wrappers || wrappers.checked || data.kind === "call")
    );
  };
  const count = (some, kind) => some.filter((row) => row.dataset.kind === kind).length;
  const filter = () => {
    for (const row of rows) row.hidden = !matches(row);
    const left = rows.filter((row) => !row.hidden);
    const of = (kind, one, many) => {
      const all = count(rows, kind);
      return all ? `${count(left, kind)} of ${all} ${all === 1 ? one : many}` : "";
    };
    const parts = [of("call", "model call", "model calls"), of("wrapper", "caller of a wrapper", "callers of wrappers")];
    id("shown").textContent = `Showing ${parts.filter(Boolean).join(" and ") || "no calls"}`;
    id("none").hidden = left.length > 0 || !rows.length;
  };
  const form = id("filters");
  form.addEventListener("input", filter);
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  id("bars").addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    form.reset();
    id("provider").value = chosen.dataset.provider;
    id("role").value = chosen.dataset.role;
    id("state").value = chosen.dataset.state;
    if (wrappers) wrappers.checked = false;
    setTimeout(filter);
    id("list").scrollIntoView();
  });

  // -- sorting: numbers before words, what is not known last in both directions
  const key = (row, column) => {
    const cell = row.rows[0].cells[column];
    const given = cell.dataset.sort ?? cell.textContent.trim();
    return given === "" || isNaN(given) ? given.toLowerCase() : Number(given);
  };
  const compare = (a, b) => (typeof a === typeof b ? (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true })) : typeof a === "number" ? -1 : 1);
  const sort = (column) => {
    const head = heads[column];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = rows.map((row, index) => [key(row, column), index, row]);
    keyed.sort(([a, first], [b, second]) => {
      if ((a === "") !== (b === "")) return a === "" ? 1 : -1;
      return (down ? compare(b, a) : compare(a, b)) || first - second;
    });
    table.append(...keyed.map((one) => one[2]));
  };
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => sort(column)));

  // -- details, made of text only, when they are opened
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const list = (cell, title, items) => {
    if (!items.length) return;
    cell.append(element("h3", title));
    const made = element("ul");
    for (const item of items) made.append(element("li", item));
    cell.append(made);
  };
  const more = (row) => {
    const { roles: values, retries, handlers, findings } = details[row.dataset.index];
    const line = element("tr", undefined, "more");
    line.id = `more-${row.dataset.index}`;
    const cell = element("td");
    cell.colSpan = heads.length;
    cell.append(element("h3", "In force"));
    const made = element("table");
    const head = element("tr");
    for (const title of ["role", "in force", "state", "from", "written as", "note"]) {
      const one = element("th", title);
      one.scope = "col";
      head.append(one);
    }
    const top = element("thead");
    top.append(head);
    const body = element("tbody");
    for (const [name, shown, color, state, ...rest] of values) {
      const next = element("tr");
      const title = element("th", name);
      title.scope = "row";
      next.append(title, element("td", shown, color), element("td", state), ...rest.map((text) => element("td", text)));
      body.append(next);
    }
    made.append(top, body);
    cell.append(made);
    list(cell, "Retries around it", retries);
    list(cell, "Handlers on the way out", handlers);
    list(cell, "Findings", findings);
    line.append(cell);
    row.append(line);
  };
  table.addEventListener("click", (event) => {
    const button = event.target.closest(".open");
    if (!button) return;
    const row = button.closest("tbody");
    const open = button.getAttribute("aria-expanded") !== "true";
    if (open && !row.rows[1]) more(row);
    row.rows[1].hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-controls", `more-${row.dataset.index}`);
  });

  for (const part of document.querySelectorAll(".interactive")) part.hidden = false;
  filter();
})();
