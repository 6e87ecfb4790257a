// Puts the parts together: heading, tools, keys.
const query = document.getElementById("query");

function select(key) {
  if (!mapPane.hidden && key.startsWith("n")) centreMap(Number(key.slice(1)));
  reveal(key);
  drawMap();
  showPanel();
}

function search(text) {
  query.value = text;
  refilter();
  query.focus();
}

function refilter() {
  filter.query = query.value.trim();
  applyFilter();
  unfoldMatches();
  if (selected && !filter.query) reveal(selected, { centre: true });
  else {
    outline.scrollTop = 0;
    relay();
  }
  document.getElementById("matches").textContent = filter.query ? plural(filter.found, "match", "matches") : "";
  drawMap();
  if (selected) showPanel();
}

function drawHeading() {
  const status = !record ? ["broke off", "open"] : record.proved ? ["proved", "good"] : ["not proved", "open"];
  const why = { exhausted: "every candidate of every state was tried", budget_spent: "the budget is spent", cancelled: "cancelled", found: "verification refused what was found" };
  const spent = record && record.search.statistics;
  const figures = spent
    ? [plural(spent.expansions, "expansion", "expansions"), plural(spent.tactics, "tactic", "tactics"), plural(nodes.length, "state", "states"), `depth ${spent.depth}`, seconds(spent.elapsed_s)]
    : [plural(nodes.length, "state", "states"), plural(everyAttempt().length, "tactic", "tactics")];
  document.getElementById("heading").append(
    element("h1", { class: "lean" }, record ? record.name : "Search"),
    element("span", { class: `badge ${status[1]}` }, status[0]),
    record && !record.proved ? element("span", { class: "muted" }, why[record.search.stop] || record.search.stop) : "",
    element("span", { class: "figures" }, figures.map((figure) => element("span", {}, figure))),
    element("span", { class: "corner" },
      element("button", { title: "keys", "aria-label": "keys", onclick: showHelp }, "?"),
      element("button", { title: "light or dark", "aria-label": "light or dark", onclick: () => { toggleTheme(); drawMap(); } }, "◐")));
}

function drawTools() {
  const attempts = everyAttempt();
  const chip = (set, value, many, ...label) => {
    const button = element("button", {
      class: "chip", "aria-pressed": "true", title: "show or hide; with Alt: only this",
      onclick: (event) => {
        if (event.altKey) {
          set.clear();
          set.add(value);
        } else if (set.has(value)) set.delete(value);
        else set.add(value);
        for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(set.has(other.value_)));
        refilter();
      },
    }, ...label, element("small", {}, count.format(many)));
    button.value_ = value;
    return button;
  };
  const outcomes = document.getElementById("outcomes");
  for (const status of raw.statuses) {
    const many = attempts.filter((attempt) => attempt.status === status).length;
    if (many) outcomes.append(chip(filter.outcomes, status, many, glyph(status), ` ${WORDS[status]} `));
  }
  const sources = document.getElementById("sources");
  if (allSources.length > 1) {
    for (const source of allSources) {
      sources.append(chip(filter.sources, source, attempts.filter((attempt) => attempt.source === source).length, element("span", { class: "source" }, strings[source]), " "));
    }
  }
  const views = document.getElementById("views");
  const view_ = (name, words) => element("button", { id: `view-${name}`, "aria-pressed": String(name === "outline"), onclick: () => showView(name) }, words);
  views.append(
    view_("outline", "Outline"), view_("map", "Map"),
    proof ? element("button", { title: "fold all but the proof (p)", onclick: showProof }, "Proof") : "",
    element("button", { title: "unfold every state (e)", onclick: unfoldAll }, "Unfold"),
    element("button", { title: "fold everything (c)", onclick: foldAll }, "Fold"));
}

function showView(name) {
  outline.hidden = name !== "outline";
  mapPane.hidden = name !== "map";
  for (const other of ["outline", "map"]) document.getElementById(`view-${other}`).setAttribute("aria-pressed", String(other === name));
  if (name === "map") {
    if (selected) centreMap(Number(selected.slice(1).split(".")[0]));
    drawMap();
    canvas.focus();
  } else {
    if (selected) reveal(selected, { centre: true });
    else relay();
    outline.focus();
  }
}

function showProof() {
  openBefore = null;
  unfoldProof();
  if (proof) {
    const last = proof.steps[proof.steps.length - 1];
    reveal(`a${last.node}.${last.attempt}`);
    showPanel();
  } else relay();
}

function unfoldAll() {
  for (const node of nodes) open.add(`n${node.id}`);
  relay();
}

function foldAll() {
  open.clear();
  selected = root === null ? null : `n${root}`;
  outline.scrollTop = 0;
  relay();
  showPanel();
}

function showHelp() {
  const keys = [
    [["↑", "↓"], "previous, next line"], [["→"], "unfold, or go to the first line below"], [["←"], "fold, or go up"],
    [["Enter"], "fold or unfold"], [["Home", "End"], "first, last line"], [["/"], "search"],
    [["n", "N"], "next, previous match (Enter, Shift Enter in the search box)"], [["p"], "the proof's path"],
    [["m"], "outline or map"], [["e", "c"], "unfold, fold everything"], [["o"], "the whole search"], [["Esc"], "leave the search"],
    [["+", "−", "0"], "on the map: zoom in, out, show all"],
  ];
  const help = document.getElementById("help");
  help.replaceChildren(
    element("h2", {}, "Keys"),
    element("dl", {}, keys.flatMap(([names, words]) => [element("dt", {}, names.map((name) => element("kbd", {}, name))), element("dd", {}, words)])),
    element("form", { method: "dialog" }, element("button", {}, "Close")));
  help.showModal();
}

function outlineKey(event) {
  const at = rows.findIndex((row) => row.key === selected);
  const item = rows[Math.max(0, at)];
  if (!item) return false;
  const go = (to) => { select(rows[Math.max(0, Math.min(rows.length - 1, to))].key); return true; };
  const page = Math.max(1, Math.floor(outline.clientHeight / ROW) - 2);
  switch (event.key) {
    case "ArrowDown": return go(at + 1);
    case "ArrowUp": return go(Math.max(0, at - 1));
    case "PageDown": return go(at + page);
    case "PageUp": return go(at - page);
    case "Home": return go(0);
    case "End": return go(rows.length - 1);
    case "ArrowRight":
      if (unfoldable(item) && !open.has(item.key)) fold(item, true);
      else if (rows[at + 1] && rows[at + 1].level > item.level) go(at + 1);
      return true;
    case "ArrowLeft":
      if (open.has(item.key) && unfoldable(item)) fold(item, false);
      else for (let up = at - 1; up >= 0; up -= 1) if (rows[up].level < item.level) return go(up);
      return true;
    case "Enter":
    case " ":
      fold(item, !open.has(item.key));
      return true;
    default: return false;
  }
}

function anywhereKey(event) {
  switch (event.key) {
    case "/": query.focus(); query.select(); return true;
    case "n": stepToMatch(1); return true;
    case "N": stepToMatch(-1); return true;
    case "p": showProof(); return true;
    case "m": showView(mapPane.hidden ? "map" : "outline"); return true;
    case "e": unfoldAll(); return true;
    case "c": foldAll(); return true;
    case "o": selected = null; drawRows(); drawMap(); showPanel(); return true;
    case "?": showHelp(); return true;
    default: return false;
  }
}

function wire() {
  outline.addEventListener("scroll", () => requestAnimationFrame(drawRows), { passive: true });
  outline.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    const item = rows[Number(row.dataset.at)];
    const again = item.key === selected;
    selected = item.key;
    if (unfoldable(item) && (event.target.closest(".fold") || item.kind !== "node")) fold(item, !open.has(item.key));
    else if (unfoldable(item) && (again || !open.has(item.key)) && event.detail < 2) fold(item, again ? !open.has(item.key) : true);
    else drawRows();
    drawMap();
    showPanel();
  });
  outline.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey && outlineKey(event)) event.preventDefault();
  });
  let timer = 0;
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refilter, 120);
  });
  query.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      clearTimeout(timer);
      if (filter.query !== query.value.trim()) refilter();
      stepToMatch(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      query.value = "";
      refilter();
      outline.focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, dialog")) return;
    if (anywhereKey(event)) event.preventDefault();
  });
  const divider = document.getElementById("divider");
  const widen = (width) => document.documentElement.style.setProperty("--panel", `${Math.max(220, Math.min(innerWidth - 300, width))}px`);
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    const move = (to) => { widen(innerWidth - to.clientX); drawRows(); drawMap(); };
    divider.addEventListener("pointermove", move);
    divider.addEventListener("pointerup", () => divider.removeEventListener("pointermove", move), { once: true });
  });
  divider.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") widen(panel.offsetWidth + 40);
    else if (event.key === "ArrowRight") widen(panel.offsetWidth - 40);
    else return;
    event.preventDefault();
    drawMap();
  });
  new ResizeObserver(() => { drawRows(); drawMap(); }).observe(document.querySelector("main"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawMap);
}

drawHeading();
drawTools();
applyFilter();
wire();
wireMap();
unfoldProof();
relay();
showPanel();
