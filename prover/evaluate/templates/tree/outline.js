// The indented outline. Only the rows in sight are in the document, so a hundred thousand cost as little as fifty.
const ROW = 26;
const FEW = 3; // answers of failed tactics that are listed without a fold around them
const outline = document.getElementById("outline");
const rowLayer = document.getElementById("rows");
const spacer = document.getElementById("spacer");
const open = new Set(); // keys of rows that are unfolded
let openBefore = null; // as it was before something was searched for
let rows = [];
let selected = null; // key of a row
const itemsOf = new Map(); // node id -> its rows, for one version of the filter
let itemsVersion = -1;

function nodeItem(id) {
  return { key: `n${id}`, kind: "node", node: id };
}

function attemptItem(attempt) {
  return { key: `a${attempt.node}.${attempt.place}`, kind: "attempt", node: attempt.node, attempt };
}

// What hangs below a state: states it led to, tactics that closed it or led to known states, failures by message.
function itemsBelow(id) {
  if (itemsVersion !== filter.version) {
    itemsOf.clear();
    itemsVersion = filter.version;
  }
  if (itemsOf.has(id)) return itemsOf.get(id);
  const led = [];
  const failed = new Map();
  for (const attempt of nodes[id].attempts) {
    if (attempt.owns) {
      if (!filter.shown || filter.shown[attempt.child] || attemptShown(attempt)) led.push(nodeItem(attempt.child));
    } else if (attemptShown(attempt)) {
      if (attempt.status === "closed" || attempt.status === "advanced") {
        led.push(attemptItem(attempt));
      } else {
        const name = `${attempt.status} ${attempt.message}`;
        if (!failed.has(name)) failed.set(name, []);
        failed.get(name).push(attempt);
      }
    }
  }
  const groups = [...failed.values()].sort((a, b) => b.length - a.length).map((attempts) =>
    attempts.length === 1
      ? attemptItem(attempts[0])
      : { key: `g${id}.${attempts[0].place}`, kind: "group", node: id, attempts });
  const failures = [...failed.values()].flat();
  const items = groups.length > FEW ? [...led, { key: `f${id}`, kind: "failures", node: id, groups, attempts: failures }] : [...led, ...groups];
  itemsOf.set(id, items);
  return items;
}

function childrenOf(item) {
  if (item.kind === "node") return itemsBelow(item.node);
  if (item.kind === "failures") return item.groups;
  if (item.kind !== "group") return [];
  return item.attempts.map((attempt) => ({ ...attemptItem(attempt), grouped: true }));
}

function unfoldable(item) {
  return item.kind === "group" || item.kind === "failures" || (item.kind === "node" && itemsBelow(item.node).length > 0);
}

function layRows() {
  rows = [];
  if (root === null) return;
  const stack = [{ item: nodeItem(root), level: 1 }];
  while (stack.length) {
    const { item, level } = stack.pop();
    item.level = level;
    rows.push(item);
    if (!open.has(item.key)) continue;
    const below = childrenOf(item);
    for (let at = below.length - 1; at >= 0; at -= 1) stack.push({ item: below[at], level: level + 1 });
  }
  spacer.style.height = `${rows.length * ROW}px`;
}

function isHit(item) {
  if (!filter.query) return false;
  if (item.kind === "node") return nodeHit(nodes[item.node]);
  if (item.kind === "failures") return false;
  if (item.kind === "group") return filter.hits[item.attempts[0].message];
  return attemptShown(item.attempt);
}

function indent(level) {
  const steps = level - 1;
  return 16 * Math.min(steps, 24) + 2 * Math.max(0, Math.min(steps - 24, 100));
}

function drawRows() {
  const first = Math.max(0, Math.floor(outline.scrollTop / ROW) - 10);
  const last = Math.min(rows.length, Math.ceil((outline.scrollTop + outline.clientHeight) / ROW) + 10);
  const drawn = document.createDocumentFragment();
  for (let at = first; at < last; at += 1) drawn.append(drawRow(rows[at], at));
  rowLayer.replaceChildren(drawn);
  outline.setAttribute("aria-activedescendant", selected ? `row-${selected}` : "");
}

function drawRow(item, at) {
  const folds = unfoldable(item);
  const onProof = item.kind === "node" ? proofNodes.has(item.node) : item.kind === "attempt" && proofAttempts.has(item.attempt);
  const row = element("div", {
    id: `row-${item.key}`,
    class: ["row", item.kind, onProof && "proof", item.key === selected && "selected"].filter(Boolean).join(" "),
    role: "treeitem",
    "aria-level": item.level,
    "aria-selected": String(item.key === selected),
    "aria-expanded": folds ? String(open.has(item.key)) : null,
    "data-at": at,
    style: `top:${at * ROW}px`,
  });
  row.append(
    element("span", { class: "guides", style: `width:${indent(item.level)}px` }),
    element("span", { class: "fold", "aria-hidden": "true" }, folds ? (open.has(item.key) ? "▾" : "▸") : ""),
  );
  if (item.kind === "node") drawNode(row, nodes[item.node]);
  else if (item.kind === "group") drawGroup(row, item.attempts);
  else if (item.kind === "failures") drawFailures(row, item);
  else drawAttempt(row, item.attempt, item.grouped);
  return row;
}

function drawNode(row, node) {
  const words = { proof: "on the proof's path", open: "led on", dead: "led nowhere", waiting: "not expanded" };
  const state = fate(node);
  row.append(
    element("span", { class: `dot ${state}`, title: words[state] }),
    marked(element("span", { class: "tactic lean" }), node.tactic === null ? "the theorem" : oneLine(strings[node.tactic])),
    marked(element("span", { class: "gist lean" }), gist(node)),
    element("span", { class: "facts" },
      node.below && !open.has(`n${node.id}`)
        ? element("span", { class: "below", title: "states below" }, `+${count.format(node.below)}`) : null,
      node.attempts.length ? outcomeBar(node.attempts) : null,
      element("span", { class: "order", title: "expanded as number" },
        node.expansions.length ? `#${node.expansions[0].order}` : "")),
  );
}

function outcomeBar(attempts) {
  const tally = {};
  for (const attempt of attempts) tally[attempt.status] = (tally[attempt.status] || 0) + 1;
  const title = Object.entries(tally).map(([status, many]) => `${many} ${WORDS[status]}`).join(", ");
  return element("span", { class: "bar", title: `${plural(attempts.length, "tactic", "tactics")}: ${title}` },
    raw.statuses.filter((status) => tally[status]).map((status) =>
      element("i", { style: `flex:${tally[status]} 1 0;background:var(--${status})` })));
}

function glyph(status) {
  return element("span", { class: "glyph", title: WORDS[status], style: `color:var(--${status})` }, GLYPHS[status]);
}

function drawGroup(row, attempts) {
  const { status, message } = attempts[0];
  row.append(
    glyph(status),
    element("span", { class: "many" }, `${count.format(attempts.length)} ${WORDS[status]}`),
    marked(element("span", { class: "gist" }), brief(strings[message]) || "no message"),
  );
}

function drawFailures(row, item) {
  const answers = item.groups.slice(0, 8).map((group) => {
    const { attempts } = group.kind === "group" ? group : { attempts: [group.attempt] };
    return `${attempts.length > 1 ? `${attempts.length} × ` : ""}${brief(strings[attempts[0].message])}`;
  });
  row.append(
    element("span", { class: "many" }, `${count.format(item.attempts.length)} failed`),
    element("span", { class: "gist" }, answers.join("  ·  ")),
    element("span", { class: "facts" }, outcomeBar(item.attempts), element("span", { class: "order" })),
  );
}

function drawAttempt(row, attempt, grouped) {
  let says = brief(strings[attempt.message]);
  if (attempt.status === "closed") says = proofAttempts.has(attempt) ? "no goals left" : "no goals left, but not the verified proof";
  if (attempt.status === "advanced") says = attempt.child === attempt.node ? "changes nothing" : `leads to a known state: ${gist(nodes[attempt.child])}`;
  row.append(
    glyph(attempt.status),
    marked(element("span", { class: "tactic lean" }), oneLine(strings[attempt.tactic])),
    grouped ? element("span", { class: "gist" }) : marked(element("span", { class: "gist" }), oneLine(says)),
    element("span", { class: "facts" }, element("span", { class: "time" }, seconds(attempt.elapsed))),
  );
}

function relay() {
  layRows();
  drawRows();
}

function fold(item, wanted) {
  if (!unfoldable(item)) return;
  if (wanted) open.add(item.key);
  else open.delete(item.key);
  relay();
}

function bring(at) {
  const top = at * ROW;
  if (top < outline.scrollTop + ROW) outline.scrollTop = top - ROW;
  else if (top + 2 * ROW > outline.scrollTop + outline.clientHeight) outline.scrollTop = top + 2 * ROW - outline.clientHeight;
}

// Selects a row and shows it; its ancestors are unfolded.
function reveal(key, { centre = false } = {}) {
  const id = Number(key.slice(1).split(".")[0]);
  const path = pathTo(id);
  if (key.startsWith("n")) path.pop();
  for (const above of path) open.add(`n${above}`);
  if (key.startsWith("a")) {
    const place = Number(key.split(".")[1]);
    for (let items = itemsBelow(id); items;) {
      const around = items.find((item) => item.attempts && item.attempts.some((a) => a.place === place));
      if (around) open.add(around.key);
      items = around && around.groups;
    }
  } else if (key.startsWith("g")) {
    open.add(`f${id}`);
  }
  selected = key;
  layRows();
  const at = rows.findIndex((row) => row.key === key);
  if (at >= 0) {
    if (centre) outline.scrollTop = at * ROW - outline.clientHeight / 3;
    else bring(at);
  }
  drawRows();
}

function unfoldProof() {
  open.clear();
  if (root !== null) open.add(`n${root}`);
  for (const id of proofNodes) open.add(`n${id}`);
}

// Before a search the outline is remembered; after it, it comes back.
function unfoldMatches() {
  if (filter.query && !openBefore) openBefore = new Set(open);
  if (!filter.query) {
    if (openBefore) {
      open.clear();
      for (const key of openBefore) open.add(key);
    }
    openBefore = null;
    return;
  }
  open.clear();
  for (const node of nodes) {
    if (!filter.shown[node.id]) continue;
    let some = false;
    for (const item of itemsBelow(node.id)) {
      if (item.kind !== "node") {
        some = true;
        for (const folded of [item, ...(item.groups || [])]) {
          if (folded.kind === "failures" || (folded.kind === "group" && !filter.hits[folded.attempts[0].message])) open.add(folded.key);
        }
      } else if (filter.shown[item.node]) some = true;
    }
    if (some) open.add(`n${node.id}`);
  }
}

function stepToMatch(direction) {
  const start = rows.findIndex((row) => row.key === selected);
  for (let step = 1; step <= rows.length; step += 1) {
    const at = (start + direction * step + rows.length * 2) % rows.length;
    if (isHit(rows[at])) {
      select(rows[at].key);
      return;
    }
  }
}
