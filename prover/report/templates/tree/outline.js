// The indented outline. Only the rows in sight are in the document, so a hundred thousand cost as little as fifty.
import { count, element, plural, seconds } from "../dom.js";
import { WORDS, glyph, outcomeBar } from "./outcomes.js";
import { brief, oneLine } from "./search.js";

const ROW = 26;
const FEW = 3; // answers of failed tactics that are listed without a fold around them
const FATES = { proof: "on the proof's path", open: "led on", dead: "led nowhere", waiting: "not expanded" };

export class Outline {
  constructor(view) {
    this.view = view;
    this.search = view.search;
    this.filter = view.filter;
    this.open = new Set(); // keys of rows that are unfolded
    this.openBefore = null; // as it was before something was searched for
    this.rows = [];
    this.itemsOf = new Map(); // node id -> its rows, for one version of the filter
    this.itemsVersion = -1;
    this.layer = element("div", { id: "rows" });
    this.spacer = element("div", { id: "spacer" }, this.layer);
    this.element = element("div", { id: "outline", role: "tree", tabindex: "0", "aria-label": "Search tree" }, this.spacer);
    this.element.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), { passive: true });
    this.element.addEventListener("click", (event) => this.#click(event));
    this.element.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.#key(event)) event.preventDefault();
    });
  }

  clear() {
    this.open.clear();
    this.openBefore = null;
    this.element.scrollTop = 0;
  }

  // ---- what is there ------------------------------------------------------------------------------------------
  // What hangs below a state: states it led to, tactics that closed it or led to known states, failures by message.
  #itemsBelow(id) {
    if (this.itemsVersion !== this.filter.version) {
      this.itemsOf.clear();
      this.itemsVersion = this.filter.version;
    }
    if (this.itemsOf.has(id)) return this.itemsOf.get(id);
    const { filter } = this;
    const led = [];
    const failed = new Map();
    for (const attempt of this.search.nodes[id].attempts) {
      if (attempt.owns) {
        if (!filter.shown || filter.shown[attempt.child] || filter.attemptShown(attempt)) led.push(nodeItem(attempt.child));
      } else if (filter.attemptShown(attempt)) {
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
    this.itemsOf.set(id, items);
    return items;
  }

  #childrenOf(item) {
    if (item.kind === "node") return this.#itemsBelow(item.node);
    if (item.kind === "failures") return item.groups;
    if (item.kind !== "group") return [];
    return item.attempts.map((attempt) => ({ ...attemptItem(attempt), grouped: true }));
  }

  #unfoldable(item) {
    return item.kind === "group" || item.kind === "failures" || (item.kind === "node" && this.#itemsBelow(item.node).length > 0);
  }

  relay() {
    this.rows = [];
    if (this.search.root !== null) {
      const stack = [{ item: nodeItem(this.search.root), level: 1 }];
      while (stack.length) {
        const { item, level } = stack.pop();
        item.level = level;
        this.rows.push(item);
        if (!this.open.has(item.key)) continue;
        const below = this.#childrenOf(item);
        for (let at = below.length - 1; at >= 0; at -= 1) stack.push({ item: below[at], level: level + 1 });
      }
    }
    this.spacer.style.height = `${this.rows.length * ROW}px`;
    this.draw();
  }

  isHit(item) {
    const { filter } = this;
    if (!filter.query || item.kind === "failures") return false;
    if (item.kind === "node") return filter.nodeHit(this.search.nodes[item.node]);
    if (item.kind === "group") return filter.hits[item.attempts[0].message];
    return filter.attemptShown(item.attempt);
  }

  // ---- drawing ------------------------------------------------------------------------------------------------
  draw() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - 10);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / ROW) + 10);
    const drawn = document.createDocumentFragment();
    for (let at = first; at < last; at += 1) drawn.append(this.#row(this.rows[at], at));
    this.layer.replaceChildren(drawn);
    this.element.setAttribute("aria-activedescendant", this.view.selected ? `row-${this.view.selected}` : "");
  }

  #row(item, at) {
    const { proofNodes, proofAttempts, nodes } = this.search;
    const folds = this.#unfoldable(item);
    const onProof = item.kind === "node" ? proofNodes.has(item.node) : item.kind === "attempt" && proofAttempts.has(item.attempt);
    const selected = item.key === this.view.selected;
    const current = item.kind === "node" && item.node === this.search.current;
    const row = element("div", {
      id: `row-${item.key}`,
      class: ["row", item.kind, onProof && "proof", current && "current", selected && "selected"].filter(Boolean).join(" "),
      role: "treeitem",
      "aria-level": item.level,
      "aria-selected": String(selected),
      "aria-expanded": folds ? String(this.open.has(item.key)) : null,
      "data-at": at,
      style: `top:${at * ROW}px`,
    });
    row.append(
      element("span", { class: "guides", style: `width:${indent(item.level)}px` }),
      element("span", { class: "fold", "aria-hidden": "true" }, folds ? (this.open.has(item.key) ? "▾" : "▸") : ""),
    );
    if (item.kind === "node") this.#node(row, nodes[item.node]);
    else if (item.kind === "group") this.#group(row, item.attempts);
    else if (item.kind === "failures") this.#failures(row, item);
    else this.#attempt(row, item.attempt, item.grouped);
    return row;
  }

  #node(row, node) {
    const { search, filter } = this;
    const state = search.fate(node);
    row.append(
      element("span", { class: `dot ${state}`, title: FATES[state] }),
      filter.marked(element("span", { class: "tactic lean" }), node.tactic === null ? "the theorem" : oneLine(search.strings[node.tactic])),
      filter.marked(element("span", { class: "gist lean" }), search.gist(node)),
      element("span", { class: "facts" },
        node.below && !this.open.has(`n${node.id}`)
          ? element("span", { class: "below", title: "states below" }, `+${count.format(node.below)}`) : null,
        node.attempts.length ? outcomeBar(node.attempts) : null,
        element("span", { class: "order", title: "expanded as number" },
          node.expansions.length ? `#${node.expansions[0].order}` : "")),
    );
  }

  #group(row, attempts) {
    const { status, message } = attempts[0];
    row.append(
      glyph(status),
      element("span", { class: "many" }, `${count.format(attempts.length)} ${WORDS[status]}`),
      this.filter.marked(element("span", { class: "gist" }), brief(this.search.strings[message]) || "no message"),
    );
  }

  #failures(row, item) {
    const answers = item.groups.slice(0, 8).map((group) => {
      const { attempts } = group.kind === "group" ? group : { attempts: [group.attempt] };
      return `${attempts.length > 1 ? `${attempts.length} × ` : ""}${brief(this.search.strings[attempts[0].message])}`;
    });
    row.append(
      element("span", { class: "many" }, `${count.format(item.attempts.length)} failed`),
      element("span", { class: "gist" }, answers.join("  ·  ")),
      element("span", { class: "facts" }, outcomeBar(item.attempts), element("span", { class: "order" })),
    );
  }

  #attempt(row, attempt, grouped) {
    const { search, filter } = this;
    let says = brief(search.strings[attempt.message]);
    if (attempt.status === "closed") says = search.proofAttempts.has(attempt) ? "no goals left" : "no goals left, but not the verified proof";
    if (attempt.status === "advanced") says = attempt.child === attempt.node ? "changes nothing" : `leads to a known state: ${search.gist(search.nodes[attempt.child])}`;
    row.append(
      glyph(attempt.status),
      filter.marked(element("span", { class: "tactic lean" }), oneLine(search.strings[attempt.tactic])),
      grouped ? element("span", { class: "gist" }) : filter.marked(element("span", { class: "gist" }), oneLine(says)),
      element("span", { class: "facts" }, element("span", { class: "time" }, seconds(attempt.elapsed))),
    );
  }

  // ---- going about --------------------------------------------------------------------------------------------
  fold(item, wanted) {
    if (!this.#unfoldable(item)) return;
    if (wanted) this.open.add(item.key);
    else this.open.delete(item.key);
    this.relay();
  }

  bring(at) {
    const top = at * ROW;
    if (top < this.element.scrollTop + ROW) this.element.scrollTop = top - ROW;
    else if (top + 2 * ROW > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = top + 2 * ROW - this.element.clientHeight;
  }

  // Shows a row; its ancestors are unfolded.
  reveal(key, { centre = false } = {}) {
    const id = Number(key.slice(1).split(".")[0]);
    const path = this.search.pathTo(id);
    if (key.startsWith("n")) path.pop();
    for (const above of path) this.open.add(`n${above}`);
    if (key.startsWith("a")) {
      const place = Number(key.split(".")[1]);
      for (let items = this.#itemsBelow(id); items;) {
        const around = items.find((item) => item.attempts && item.attempts.some((attempt) => attempt.place === place));
        if (around) this.open.add(around.key);
        items = around && around.groups;
      }
    } else if (key.startsWith("g")) {
      this.open.add(`f${id}`);
    }
    this.relay();
    const at = this.rows.findIndex((row) => row.key === key);
    if (at >= 0) {
      if (centre) this.element.scrollTop = at * ROW - this.element.clientHeight / 3;
      else this.bring(at);
    }
    this.draw();
  }

  unfoldProof() {
    this.openBefore = null;
    this.open.clear();
    if (this.search.root !== null) this.open.add(`n${this.search.root}`);
    for (const id of this.search.proofNodes) this.open.add(`n${id}`);
  }

  unfoldAll() {
    for (const node of this.search.nodes) this.open.add(`n${node.id}`);
    this.relay();
  }

  // Before something is searched for the outline is remembered; after it, it comes back.
  unfoldMatches() {
    const { filter, open } = this;
    if (filter.query && !this.openBefore) this.openBefore = new Set(open);
    if (!filter.query) {
      if (this.openBefore) {
        open.clear();
        for (const key of this.openBefore) open.add(key);
      }
      this.openBefore = null;
      return;
    }
    open.clear();
    for (const node of this.search.nodes) {
      if (!filter.shown[node.id]) continue;
      let some = false;
      for (const item of this.#itemsBelow(node.id)) {
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

  // The key of the next row that matches, or null.
  nextMatch(direction) {
    const start = this.rows.findIndex((row) => row.key === this.view.selected);
    for (let step = 1; step <= this.rows.length; step += 1) {
      const at = (start + direction * step + this.rows.length * 2) % this.rows.length;
      if (this.isHit(this.rows[at])) return this.rows[at].key;
    }
    return null;
  }

  #click(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    const item = this.rows[Number(row.dataset.at)];
    const again = item.key === this.view.selected;
    this.view.selected = item.key;
    if (this.#unfoldable(item) && (event.target.closest(".fold") || item.kind !== "node")) this.fold(item, !this.open.has(item.key));
    else if (this.#unfoldable(item) && (again || !this.open.has(item.key)) && event.detail < 2) this.fold(item, again ? !this.open.has(item.key) : true);
    else this.draw();
    this.view.map.draw();
    this.view.panel.show();
  }

  #key(event) {
    const { rows, open } = this;
    const at = rows.findIndex((row) => row.key === this.view.selected);
    const item = rows[Math.max(0, at)];
    if (!item) return false;
    const go = (to) => { this.view.select(rows[Math.max(0, Math.min(rows.length - 1, to))].key); return true; };
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW) - 2);
    switch (event.key) {
      case "ArrowDown": return go(at + 1);
      case "ArrowUp": return go(Math.max(0, at - 1));
      case "PageDown": return go(at + page);
      case "PageUp": return go(at - page);
      case "Home": return go(0);
      case "End": return go(rows.length - 1);
      case "ArrowRight":
        if (this.#unfoldable(item) && !open.has(item.key)) this.fold(item, true);
        else if (rows[at + 1] && rows[at + 1].level > item.level) go(at + 1);
        return true;
      case "ArrowLeft":
        if (open.has(item.key) && this.#unfoldable(item)) this.fold(item, false);
        else for (let up = at - 1; up >= 0; up -= 1) if (rows[up].level < item.level) return go(up);
        return true;
      case "Enter":
      case " ":
        this.fold(item, !open.has(item.key));
        return true;
      default: return false;
    }
  }
}

function nodeItem(id) {
  return { key: `n${id}`, kind: "node", node: id };
}

function attemptItem(attempt) {
  return { key: `a${attempt.node}.${attempt.place}`, kind: "attempt", node: attempt.node, attempt };
}

function indent(level) {
  const steps = level - 1;
  return 16 * Math.min(steps, 24) + 2 * Math.max(0, Math.min(steps - 24, 100));
}
